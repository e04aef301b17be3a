// Moves everything that follows from one threshold: the same arithmetic as results/threshold.py, on
// the stored points of the curve, so that a million scores answer as fast as ten.

const panel = () => document.getElementById("threshold");
const number = (text) => (text.trim() === "" ? null : Number(text));
const share = (part, whole) => (whole ? part / whole : null);
const percent = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)} %`);
const whole = (value) => value.toLocaleString("en");
const SHADES = 5;
const SETTLED = 400; // milliseconds after the last move

function figure(value) {
  if (value && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e7)) return value.toExponential(3);
  const digits = Math.abs(value) < 100 ? 4 : 1;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function pointOf(data, index) {
  const { thresholds, tp: hits, fp: alarms } = data.curve;
  const [tp, fp] = [hits[index], alarms[index]];
  const [fn, tn] = [data.positives - tp, data.negatives - fp];
  return counted(thresholds[index], [[tn, fp], [fn, tp]]);
}

function counted(threshold, [[tn, fp], [fn, tp]]) {
  return {
    threshold, tp, fp, fn, tn, isExact: true,
    alarms: tp + fp,
    precision: share(tp, tp + fp),
    recall: share(tp, tp + fn),
    specificity: share(tn, tn + fp),
    f1: share(2 * tp, 2 * tp + fp + fn),
    accuracy: (tp + tn) / (tp + fp + fn + tn),
  };
}

// The last stored threshold that is `wanted` or more; thresholds fall, the first is infinite.
function indexOf(data, wanted) {
  const { thresholds } = data.curve;
  let [low, high] = [1, thresholds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (thresholds[middle] >= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function at(data, wanted) {
  const { thresholds, is_exact: isWhole } = data.curve;
  const index = indexOf(data, wanted);
  const isExact = isWhole || thresholds[index] === wanted || index === 0 || index === thresholds.length - 1;
  return { ...pointOf(data, index), threshold: wanted, isExact, index };
}

function cheapest(data, [falseAlarm, missed]) {
  let best = null;
  for (let index = 0; index < data.curve.tp.length; index += 1) {
    const cost = data.curve.fp[index] * falseAlarm + (data.positives - data.curve.tp[index]) * missed;
    if (!best || cost < best.cost) best = { cost, threshold: data.curve.thresholds[index] };
  }
  return best;
}

const tell = (name, text) => {
  const place = panel().querySelector(`[data-out="${name}"]`);
  if (place) place.textContent = text;
};

function showFigures(point) {
  tell("alarms", whole(point.alarms));
  for (const name of ["precision", "recall", "f1", "specificity", "accuracy"]) tell(name, percent(point[name]));
}

function costs() {
  const given = ["cost_fp", "cost_fn"].map((name) => number(panel().querySelector(`#id_${name}`).value));
  return given.some((one) => one === null || !(one >= 0)) ? null : given;
}

function showCosts(data, point) {
  const given = costs();
  const best = given && (given[0] || given[1]) ? cheapest(data, given) : null;
  showOnCurves(best && at(data, best.threshold ?? Infinity), ".cheapest");
  for (const one of panel().querySelectorAll("[data-cost]")) {
    one.hidden = !best || (one.matches("span") && best.threshold === null);
  }
  if (!best) return;
  tell("cost", figure(point.fp * given[0] + point.fn * given[1]));
  tell("least", figure(best.cost));
  tell("cheapest", best.threshold === null ? "none named" : figure(best.threshold));
  const use = panel().querySelector('[data-in="use"]');
  if (use) use.value = best.threshold ?? "";
}

function showMatrix(point) {
  const table = document.querySelector("#matrix table.matrix");
  if (!table) return;
  const counts = [[point.tn, point.fp], [point.fn, point.tp]];
  const rows = counts.map(([first, second]) => first + second);
  const columns = [point.tn + point.fn, point.fp + point.tp];
  const top = Math.max(...counts.flat());
  for (const cell of table.querySelectorAll("[data-cell]")) {
    const [actual, predicted] = cell.dataset.cell.split("-").map(Number);
    const count = counts[actual][predicted];
    const of = { counts: top, row: rows[actual], column: columns[predicted] }[table.dataset.view];
    const link = cell.querySelector("a");
    if (link) link.href = link.href.replace(/threshold=[^&]*/, `threshold=${point.threshold}`);
    (link ?? cell.firstChild).textContent = table.dataset.view === "counts" ? whole(count) : percent(share(count, of));
    cell.title = whole(count);
    cell.className = cell.className.replace(/shade-\d/, `shade-${count && of ? Math.min(SHADES, 1 + Math.floor((count / of) * SHADES)) : 0}`);
  }
  const totals = table.querySelectorAll("tbody tr:last-child .total");
  columns.forEach((count, place) => (totals[place].textContent = whole(count)));
}

function showOnCurves(point, tag) {
  const places = {
    roc: point && point.specificity !== null ? [1 - point.specificity, point.recall] : [null, null],
    pr: point ? [point.recall, point.precision] : [null, null],
  };
  for (const [name, [x, y]] of Object.entries(places)) {
    const drawing = document.querySelector(`[data-chart="${name}"] svg`);
    const mark = drawing?.querySelector(tag);
    if (!mark) continue;
    mark.classList.toggle("away", x === null || y === null);
    if (x === null || y === null) continue;
    mark.setAttribute("cx", place(drawing.dataset.x, x));
    mark.setAttribute("cy", place(drawing.dataset.y, y));
  }
}

function place(axis, value) {
  const [low, high, start, end] = axis.split(" ").map(Number);
  return start + ((value - low) / (high - low)) * (end - start);
}

let settling;
let asking;

function show(data, point, { typed = false } = {}) {
  const field = panel().querySelector("#id_threshold");
  if (!typed) field.value = point.threshold ?? "";
  const slider = panel().querySelector("#slider");
  if (point.index !== undefined) slider.value = data.curve.tp.length - 1 - point.index;
  slider.setAttribute("aria-valuetext", point.threshold === null ? "above every score" : figure(point.threshold));
  move(data, point);
  clearTimeout(settling);
  settling = setTimeout(() => settle(data, point), SETTLED);
}

function move(data, point) {
  showFigures(point);
  showCosts(data, point);
  showMatrix(point);
  showOnCurves(point, ".here");
  document.getElementById("at-threshold").classList.toggle("stale", !point.isExact);
}

// What is said in words comes from the server, once the slider rests; so does what only it can count.
async function settle(data, point) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  try {
    if (!point.isExact) point = await exactly(data, point, signal);
    await inWords(point, signal);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

async function exactly(data, point, signal) {
  const answer = await fetch(`${panel().dataset.exact}?at=${point.threshold}`, { signal });
  if (!answer.ok) return point;
  const { confusion } = await answer.json();
  const found = counted(point.threshold, confusion);
  move(data, found);
  return found;
}

async function inWords(point, signal) {
  tell("told", `Recall ${percent(point.recall)}, precision ${percent(point.precision)}, ${whole(point.alarms)} named.`);
  const wish = new URL(location);
  for (const name of ["threshold", "cost_fp", "cost_fn"]) {
    const isAbove = name === "threshold" && point.threshold === null; // every score
    const value = isAbove ? String(Number.MAX_VALUE) : panel().querySelector(`#id_${name}`).value;
    wish.searchParams.set(name, value);
    const hidden = panel().querySelector(`[data-in="${name}"]`);
    if (hidden) hidden.value = value;
  }
  history.replaceState(history.state, "", wish);
  for (const one of document.querySelectorAll("[data-follow]")) one.classList.add("stale");
  const answer = await fetch(wish, { signal });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const one of document.querySelectorAll("[data-follow]")) one.replaceWith(page.getElementById(one.id));
  document.dispatchEvent(new CustomEvent("replaced"));
}

async function begin() {
  if (!panel() || panel().dataset.ready) return;
  panel().dataset.ready = "loading";
  const answer = await fetch(panel().dataset.curve);
  if (!answer.ok) return;
  const data = await answer.json();
  const slider = panel().querySelector("#slider");
  const field = panel().querySelector("#id_threshold");
  const last = data.curve.tp.length - 1;
  slider.max = last;
  slider.disabled = false;
  slider.value = last - (number(field.value) === null ? 0 : indexOf(data, Number(field.value)));
  slider.addEventListener("input", () => {
    const index = last - Number(slider.value);
    show(data, { ...pointOf(data, index), index });
  });
  field.addEventListener("input", () => {
    const wanted = number(field.value);
    if (wanted !== null && Number.isFinite(wanted)) show(data, at(data, wanted), { typed: true });
  });
  for (const name of ["cost_fp", "cost_fn"]) {
    panel().querySelector(`#id_${name}`).addEventListener("input", () => {
      const wanted = number(field.value);
      if (wanted !== null) show(data, at(data, wanted), { typed: true });
    });
  }
  panel().dataset.ready = "yes";
}

document.addEventListener("htmx:afterSettle", begin);
begin();
