// Uploads that go on after a cut. Without this script the form posts the file as any form does.

const form = document.querySelector("form[data-upload]");
const { Transfer } = await import(form.dataset.transfer);
const files = await import(form.dataset.files);
const { size, time } = files;

const part = (name) => form.querySelector(`[data-upload-${name}]`);
const input = form.querySelector("input[type=file]");
const drop = form.querySelector(".drop");
const bar = form.querySelector("progress");
const button = form.querySelector("button[type=submit]");
const SILENCE = 5; // seconds
const WINDOW = 15; // seconds over which the speed is measured

let transfer = null;
let state = "";
let samples = [];
let moved = null;
let clock = 0;
let told = 0;

function say(text) {
  part("said").textContent = text;
}

const WORDS = {
  reading: () => "Looking at the file…",
  paused: () =>
    transfer.flying.size ? "Pausing: what is on its way arrives first." : `Paused at ${percent()} %. What was sent is kept.`,
  storing: () => "Sent. Storing the file…",
  waiting: () => {
    const seconds = Math.max(1, Math.round((transfer.until - Date.now()) / 1000));
    const why = transfer.trouble.status ? transfer.trouble.message : "The connection is lost.";
    return `${why} Trying again in ${seconds} s; what was sent is kept.`;
  },
  sending: () => {
    const [loaded, total] = [transfer.sent, transfer.file.size];
    const [first] = samples;
    if (moved.bytes !== loaded) moved = { at: performance.now(), bytes: loaded };
    const silent = Math.floor((performance.now() - moved.at) / 1000);
    const far = `${size(loaded)} of ${size(total)}`;
    if (silent >= SILENCE) return `${far}. Nothing has moved for ${silent} s: is the connection lost?`;
    const speed = (loaded - first.bytes) / Math.max(0.1, (performance.now() - first.at) / 1000);
    return speed > 0 ? `${far}, ${size(speed)}/s, ${time((total - loaded) / speed)}` : far;
  },
};

const percent = () => Math.floor((100 * transfer.sent) / Math.max(1, transfer.file.size));

// Each second, also to say that nothing moves; aloud only every ten percent.
function tick() {
  if (!transfer) return;
  bar.value = percent();
  part("text").textContent = WORDS[state]();
  if (state !== "sending") return;
  samples.push({ at: performance.now(), bytes: transfer.sent });
  if (samples.length > WINDOW) samples.shift();
  if (percent() >= told + 10) {
    told = percent() - (percent() % 10);
    say(`${told} % sent`);
  }
}

function enter(next) {
  if (next === state) return;
  const before = state;
  state = next;
  if (state === "sending") {
    moved = { at: performance.now(), bytes: transfer.sent };
    samples = [moved];
    const resumed = before === "reading" && transfer.sent > 0;
    if (resumed) part("file").textContent = `${transfer.file.name}: goes on at ${percent()} %`;
    if (before === "reading") say(resumed ? `The upload goes on at ${percent()} %.` : "The upload has begun.");
    told = percent() - (percent() % 10);
  } else {
    say(WORDS[state]());
  }
  part("pause").hidden = state === "reading" || state === "storing";
  part("pause").textContent = state === "paused" ? "Go on" : "Pause";
  tick();
}

function busy(on) {
  part("progress").hidden = !on;
  button.disabled = on;
  input.disabled = on;
  clearInterval(clock);
  clock = on ? setInterval(tick, 1000) : 0;
  if (!on) transfer = null;
  state = "";
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

async function send(file) {
  forgive();
  const api = form.dataset.upload;
  const token = form.elements.csrfmiddlewaretoken.value;
  transfer = new Transfer(file, { api, token, files, tell: enter });
  const wish = { name: form.elements.name.value, version_of: form.elements.version_of?.value ?? "" };
  busy(true);
  try {
    const dataset = await transfer.run(wish);
    transfer = null;
    location.assign(form.dataset.made.replace("UID", dataset.id));
  } catch (error) {
    if (error) fail(error.message, error.hint);
  }
}

async function cancel() {
  const going = transfer;
  part("cancel").disabled = true;
  await going.cancel();
  part("cancel").disabled = false;
  fail("Cancelled.", "Nothing was kept.");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!transfer && input.files.length) send(input.files[0]);
});
part("cancel").addEventListener("click", () => transfer && cancel());
part("pause").addEventListener("click", () => {
  if (state === "paused") transfer.goOn();
  else transfer?.pause();
});
input.addEventListener("change", () => {
  const [file] = input.files;
  forgive();
  if (!file) return;
  const begun = [...document.querySelectorAll("[data-unfinished]")].some(
    ({ dataset }) => dataset.unfinished === file.name && Number(dataset.bytes) === file.size,
  );
  part("file").textContent = `${file.name}, ${size(file.size)}${begun ? ": goes on where it was cut off" : ""}`;
});
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.toggleAttribute("data-over", over && !transfer);
    if (name === "drop" && !transfer && event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
    }
  });
}
addEventListener("beforeunload", (event) => transfer && state !== "paused" && event.preventDefault());
