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

function busy(on) {
  part("progress").hidden = !on;
  button.disabled = on;
  if (!on) request = null;
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
  input.setAttribute("aria-describedby", notice.id);
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
  part("error").replaceChildren();
  request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
  request.upload.onprogress = ({ loaded, total }) => {
    const speed = loaded / ((performance.now() - started) / 1000);
    bar.value = (100 * loaded) / total;
    part("text").textContent =
      loaded < total
        ? `${size(loaded)} of ${size(total)}, ${size(speed)}/s, ${time((total - loaded) / speed)}`
        : "Sent. Storing the file…";
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
