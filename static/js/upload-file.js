// A chosen file: how it is known again, what of it is looked at first, and its size in words.

const HEAD = 2 * 2 ** 20; // what the console inspects before anything is sent
const ENDS = 2 ** 20;

export function size(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit += 1) bytes /= 1024;
  return `${bytes.toFixed(unit ? 1 : 0)} ${units[unit]}`;
}

export function time(seconds) {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 90) return `${Math.ceil(seconds)} s left`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min left`;
  return `${(seconds / 3600).toFixed(1)} h left`;
}

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

// SHA-256, or null where the browser has none: pages over plain http from another machine.
async function sha256(blob) {
  if (!globalThis.crypto?.subtle) return null;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
}

export async function digest(blob) {
  const bytes = await sha256(blob);
  return bytes && `sha-256=:${base64(bytes)}:`;
}

// The same for the same file chosen again: its name, size, time, and what both of its ends hold.
export async function fingerprint(file) {
  const ends = await Promise.all(
    [file.slice(0, ENDS), file.slice(Math.max(0, file.size - ENDS))].map(sha256),
  );
  const known = ends.map((bytes) => (bytes ? hex(bytes) : "")).join("-");
  return `${known}-${file.size}-${file.lastModified}-${file.name.slice(-200)}`;
}

export function head(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file.slice(0, HEAD));
  });
}
