// Upload with a progress bar, speed, time left and cancel. Without it the form posts as any form.

const form = document.querySelector("form[data-upload]");
const part = (name) => form.querySelector(`[data-upload-${name}]`);
const input = form.querySelector("input[type=file]");
const drop = form.querySelector(".drop");
const bar = form.querySelector("progress");
const button = form.querySelector("button[type=submit]");
let request = null;

function size(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit += 1) bytes /= 1024;
  return `${bytes.toFixed(unit ? 1 : 0)} ${units[unit]}`;
}

function time(seconds) {
  if (!Number.isFinite(seconds)) return "";
  return seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`;
}

// How far it is, said again each second: also that nothing moves any more.
const SILENCE = 5;
let sent = null;
let clock = 0;

function tell() {
  const { loaded, total, started, moved } = sent;
  const now = performance.now();
  const silent = Math.floor((now - moved) / 1000);
  const speed = loaded / ((moved - started) / 1000);
  bar.value = (100 * loaded) / total;
  let text = `${size(loaded)} of ${size(total)}, ${size(speed)}/s, ${time((total - loaded) / speed)}`;
  if (loaded >= total) text = "Sent. Storing the file…";
  else if (silent >= SILENCE) text = `${size(loaded)} of ${size(total)}. Nothing has moved for ${silent} s: is the connection lost?`;
  part("text").textContent = text;
}

function busy(on) {
  part("progress").hidden = !on;
  button.disabled = on;
  clearInterval(clock);
  clock = on ? setInterval(() => sent && tell(), 1000) : 0;
  if (!on) request = sent = null;
}

function fail(message, hint = "") {
  busy(false);
  const notice = document.createElement("div");
  Object.assign(notice, { className: "notice", id: "upload-error" });
  notice.dataset.tone = "bad";
  notice.setAttribute("role", "alert");
  for (const [tag, text] of [["strong", message], ["span", hint]]) {
    if (text) notice.append(Object.assign(document.createElement(tag), { textContent: text }));
  }
  part("error").replaceChildren(notice);
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", notice.id);
  input.focus();
}

function forgive() {
  part("error").replaceChildren();
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-describedby");
}

function answered() {
  let answer = {};
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    answer = {};
  }
  if (request.status === 201 && answer.location) {
    request = null;
    location.assign(answer.location);
    return;
  }
  fail(answer.error?.message ?? "The console did not take the file.", answer.error?.hint ?? "Try again; nothing was kept.");
}

function send() {
  const started = performance.now();
  forgive();
  request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
  request.upload.onprogress = ({ loaded, total }) => {
    sent = { loaded, total, started, moved: performance.now() };
    tell();
  };
  request.onload = answered;
  request.onerror = () => fail("The connection was lost.", "Nothing was kept. Try again.");
  request.onabort = () => fail("Cancelled.", "Nothing was kept.");
  busy(true);
  bar.value = 0;
  request.send(new FormData(form));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!request && input.files.length) send();
});
part("cancel").addEventListener("click", () => request?.abort());
input.addEventListener("change", () => {
  const [file] = input.files;
  forgive();
  if (file) part("file").textContent = `${file.name}, ${size(file.size)}`;
});
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.toggleAttribute("data-over", over);
    if (name === "drop" && event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
    }
  });
}
addEventListener("beforeunload", (event) => request && event.preventDefault());
