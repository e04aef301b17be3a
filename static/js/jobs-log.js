// A log of any length in a box: only the lines in sight are in the page, and what comes into sight
// is fetched. Follows a running job's log until the reader scrolls up or selects something.

const CHUNK = 500; // lines that one answer holds
const KEPT = 20_000; // lines in memory
const SPARE = 25; // lines above and below what is in sight
const SPAN = 500_000; // lines that the box can scroll through: browsers limit an element's height
const SOON = 60; // ms: a reader who drags through the log wants none of what flies past

const box = document.getElementById("log-lines");
const follow = document.getElementById("log-follow");
const copy = document.getElementById("log-copy");
const lines = new Map(); // number -> [number, time, text, level, is cut]
const rows = new Map(); // number -> its element, consecutive numbers
const sizer = document.createElement("div");
let total = 0;
let base = 0; // lines before the first that the box scrolls through
let height = 20;
let marked = 0;
let reading = false;
let again = false;
let later = 0;

const following = () => !follow.hidden && follow.getAttribute("aria-pressed") === "true";
const setFollowing = (on) => follow.setAttribute("aria-pressed", String(on));
const atEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < height;
const toEnd = () => (box.scrollTop = box.scrollHeight);
const holdsSelection = () => {
  const selection = getSelection();
  return !selection.isCollapsed && box.contains(selection.anchorNode);
};

function takeOver() {
  total = Number(box.dataset.total);
  for (const row of box.querySelectorAll(".log-line")) {
    const [number, text] = row.children;
    const cut = text.textContent.endsWith(" …");
    lines.set(Number(number.textContent), [Number(number.textContent), number.title, cut ? text.textContent.slice(0, -2) : text.textContent, row.dataset.level, cut]);
    height = row.getBoundingClientRect().height || height;
  }
  marked = Number(box.dataset.line || /^#L(\d+)$/.exec(location.hash)?.[1] || 0);
  base = Math.max(0, Math.min(marked ? marked - SPAN / 2 : Infinity, total - SPAN));
  sizer.className = "log-sizer";
  box.replaceChildren(sizer);
  resize();
}

function resize() {
  sizer.style.height = `${Math.min(SPAN, total - base) * height}px`;
  const count = document.getElementById("log-total");
  if (count) count.textContent = total;
}

// The numbers of the lines in sight, and some more.
function sight() {
  const first = base + Math.floor(box.scrollTop / height) + 1;
  const last = first + Math.ceil(box.clientHeight / height);
  return [Math.max(base + 1, first - SPARE), Math.min(total, base + SPAN, last + SPARE)];
}

function render() {
  const [first, last] = sight();
  for (const [number, row] of rows) {
    if (number >= first && number <= last) continue;
    row.remove();
    rows.delete(number);
  }
  const above = document.createDocumentFragment();
  const below = document.createDocumentFragment();
  const top = rows.size ? Math.min(...rows.keys()) : Infinity;
  for (let number = first; number <= last; number++) {
    if (!rows.has(number)) (number < top ? above : below).append(rowOf(number));
  }
  sizer.prepend(above);
  sizer.append(below);
  clearTimeout(later);
  if (missing()) later = setTimeout(read, SOON);
}

function rowOf(number) {
  const row = document.createElement("div");
  const link = document.createElement("a");
  const text = document.createElement("span");
  row.className = "log-line";
  row.id = `L${number}`;
  row.style.top = `${(number - base - 1) * height}px`;
  if (number === marked) row.setAttribute("aria-current", "true");
  Object.assign(link, { className: "log-number", href: `${box.dataset.logPage}?line=${number}#L${number}`, tabIndex: -1, textContent: number });
  text.className = "log-text";
  row.append(link, text);
  rows.set(number, row);
  fill(number);
  return row;
}

function fill(number) {
  const [row, line] = [rows.get(number), lines.get(number)];
  if (!row || !line) return;
  const [, at, text, level, cut] = line;
  row.dataset.level = level;
  row.firstChild.title = at;
  row.lastChild.textContent = cut ? `${text} …` : text;
}

function missing() {
  const [first, last] = sight();
  for (let number = first; number <= last; number++) if (!lines.has(number)) return number;
  return 0;
}

// One request at a time: the next lines that are missing, or what has been added at the end.
async function read() {
  again = true;
  if (reading) return;
  reading = true;
  try {
    while (again) {
      again = false;
      const wanted = missing();
      await fetchLines(wanted ? wanted - 1 - ((wanted - 1) % CHUNK) : total);
      const next = missing();
      again ||= next && next !== wanted;
    }
  } finally {
    reading = false;
  }
}

async function fetchLines(after) {
  const answer = await fetch(`${box.dataset.logUrl}?after=${after}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const found = await answer.json();
  for (const line of found.lines) {
    lines.set(line[0], line);
    fill(line[0]);
  }
  forget();
  if (found.total > total) grow(found.total);
}

function grow(to) {
  total = to;
  document.getElementById("log-empty")?.remove();
  box.hidden = false;
  const stays = !following() || holdsSelection();
  if (!stays && total - base > SPAN) {
    base = total - SPAN;
    rows.clear();
    sizer.replaceChildren();
  }
  resize();
  if (!stays) toEnd();
  render();
}

// What is far from sight is fetched again when it is wanted.
function forget() {
  const [first, last] = sight();
  for (const number of lines.keys()) {
    if (lines.size <= KEPT) return;
    if (number < first - CHUNK || number > last + CHUNK) lines.delete(number);
  }
}

function mark(number) {
  rows.get(marked)?.removeAttribute("aria-current");
  marked = number;
  rows.get(marked)?.setAttribute("aria-current", "true");
  offer();
}

function offer() {
  if (!copy || !marked) return;
  copy.hidden = false;
  copy.textContent = `Copy the link to line ${marked}`;
  copy.dataset.copy = new URL(`${box.dataset.logPage}?line=${marked}#L${marked}`, location.href).href;
}

function show(number) {
  box.scrollTop = (number - base) * height - box.clientHeight / 2;
}

function start() {
  takeOver();
  follow.hidden = !box.dataset.live;
  if (marked) setFollowing(false);
  if (marked) show(marked);
  else toEnd();
  offer();
  render();
  const pager = document.getElementById("log-pager");
  if (pager) pager.hidden = true;
  box.addEventListener("live", read);
  let frame = 0;
  box.addEventListener("scroll", () => {
    if (follow.getAttribute("aria-pressed") !== String(atEnd())) setFollowing(atEnd());
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      render();
    });
  });
  new ResizeObserver(render).observe(box);
  follow.addEventListener("click", () => {
    setFollowing(!following());
    if (following()) toEnd();
  });
  box.addEventListener("click", (event) => {
    const link = event.target.closest(".log-number");
    if (!link || !("own" in box.dataset) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.replaceState(null, "", link.href);
    mark(Number(link.textContent));
  });
  addEventListener("hashchange", () => {
    const number = Number(/^#L(\d+)$/.exec(location.hash)?.[1] || 0);
    if (!number || !("own" in box.dataset)) return;
    mark(number);
    show(number);
  });
}

if (box) start();
