// A confusion matrix of up to 1,000 classes: only the cells in view exist. The numbers come as JSON:
// cells with rows as a flat list of actual, predicted, count.

const [WIDTH, HEIGHT, LEFT, TOP] = [44, 28, 150, 96]; // of a cell, and of the labels beside and above
const SPARE = 3; // cells drawn beyond each edge
const SHADES = 5;
const MOST_LISTED = 10;
const whole = (count) => count.toLocaleString("en");
const percent = (part, all) => (part && 200 * part < all ? "<1 %" : `${Math.round((100 * part) / all)} %`);

class Matrix {
  constructor({ labels, cells }) {
    this.labels = labels;
    this.size = labels.length;
    this.counts = new Map();
    this.rows = new Float64Array(this.size);
    this.columns = new Float64Array(this.size);
    this.top = 0;
    const wrong = new Float64Array(this.size);
    for (let at = 0; at < cells.length; at += 3) {
      const [actual, predicted, count] = [cells[at], cells[at + 1], cells[at + 2]];
      this.counts.set(actual * this.size + predicted, count);
      this.rows[actual] += count;
      this.columns[predicted] += count;
      this.top = Math.max(this.top, count);
      if (actual !== predicted) {
        wrong[actual] += count;
        wrong[predicted] += count;
      }
    }
    this.wrong = wrong;
  }

  count(actual, predicted) {
    return this.counts.get(actual * this.size + predicted) ?? 0;
  }

  order(name) {
    const places = [...this.labels.keys()];
    return name === "confusion" ? places.sort((a, b) => this.wrong[b] - this.wrong[a] || a - b) : places;
  }

  title(actual, predicted) {
    const said = actual === predicted ? "recognised" : `taken for ${this.labels[predicted]}`;
    return `${whole(this.count(actual, predicted))} of ${whole(this.rows[actual])} ${this.labels[actual]} ${said}`;
  }
}

const link = (box, actual, predicted) =>
  box.dataset.rows ? `${box.dataset.rows}?actual=${actual}&predicted=${predicted}` : "";

function element(tag, name, text = "") {
  const one = document.createElement(tag);
  one.className = name;
  one.textContent = text;
  return one;
}

function put(one, x, y) {
  one.style.transform = `translate(${x}px, ${y}px)`;
  return one;
}

function cellOf(box, matrix, actual, predicted) {
  const count = matrix.count(actual, predicted);
  const { view } = box.dataset;
  const all = { row: matrix.rows[actual], column: matrix.columns[predicted] }[view] ?? matrix.top;
  const shade = Math.min(SHADES, 1 + Math.floor((count / all) * SHADES));
  const address = link(box, actual, predicted);
  const one = element(address ? "a" : "span", `cell shade-${shade}${actual === predicted ? " hit" : ""}`);
  one.textContent = view === "counts" ? whole(count) : percent(count, all);
  one.title = matrix.title(actual, predicted);
  if (address) Object.assign(one, { href: address, tabIndex: -1 });
  return one;
}

function draw(box, matrix, order) {
  const { scrollLeft: x, scrollTop: y, clientWidth: width, clientHeight: height } = box;
  const firstColumn = Math.max(0, Math.floor((x - LEFT) / WIDTH) - SPARE);
  const lastColumn = Math.min(matrix.size, Math.ceil((x + width - LEFT) / WIDTH) + SPARE);
  const firstRow = Math.max(0, Math.floor((y - TOP) / HEIGHT) - SPARE);
  const lastRow = Math.min(matrix.size, Math.ceil((y + height - TOP) / HEIGHT) + SPARE);
  const found = document.createDocumentFragment();
  for (let row = firstRow; row < lastRow; row += 1) {
    for (let column = firstColumn; column < lastColumn; column += 1) {
      if (!matrix.count(order[row], order[column])) continue; // the sheet's own lines show it
      found.append(put(cellOf(box, matrix, order[row], order[column]), LEFT + column * WIDTH, TOP + row * HEIGHT));
    }
  }
  for (let column = firstColumn; column < lastColumn; column += 1) {
    found.append(put(element("span", "head above", matrix.labels[order[column]]), LEFT + column * WIDTH, y));
  }
  for (let row = firstRow; row < lastRow; row += 1) {
    found.append(put(element("span", "head beside", matrix.labels[order[row]]), x, TOP + row * HEIGHT));
  }
  found.append(put(element("span", "head corner", "Really is ↓  It says →"), x, y));
  box.firstChild.replaceChildren(found);
}

function listed(title, box, matrix, pairs) {
  const part = element("div", "stack-s");
  part.append(element("h3", "", title));
  if (!pairs.length) part.append(element("p", "muted", "Nothing."));
  const list = element("ul", "");
  for (const [actual, predicted] of pairs) {
    const item = element("li", "");
    const address = link(box, actual, predicted);
    const words = element(address ? "a" : "span", "", matrix.title(actual, predicted));
    if (address) words.href = address;
    item.append(words);
    list.append(item);
  }
  part.append(list);
  return part;
}

function lookUp(box, matrix, code) {
  const others = [...matrix.labels.keys()].filter((one) => one !== code);
  const most = (count) => others.filter(count).sort((a, b) => count(b) - count(a)).slice(0, MOST_LISTED);
  const taken = most((one) => matrix.count(code, one)).map((one) => [code, one]);
  const mistaken = most((one) => matrix.count(one, code)).map((one) => [one, code]);
  return [
    listed("Right", box, matrix, [[code, code]]),
    listed(`${matrix.labels[code]} taken for another`, box, matrix, taken),
    listed(`Others taken for ${matrix.labels[code]}`, box, matrix, mistaken),
  ];
}

function search(box, matrix, order, again) {
  const field = document.getElementById("class-sought");
  const found = document.getElementById("class-found");
  const names = matrix.labels.map((label) => Object.assign(document.createElement("option"), { value: label }));
  document.getElementById("class-names").replaceChildren(...names);
  field.addEventListener("input", () => {
    const code = matrix.labels.indexOf(field.value);
    found.replaceChildren(...(code < 0 ? [] : lookUp(box, matrix, code)));
    found.className = code < 0 ? "" : "grid-3";
    if (code < 0) return;
    const place = order.indexOf(code);
    box.scrollTo(place * WIDTH - (box.clientWidth - LEFT) / 2, place * HEIGHT - (box.clientHeight - TOP) / 2);
    again();
  });
}

async function begin() {
  const box = document.querySelector(".big-matrix[data-cells]:not([data-ready])");
  if (!box) return;
  box.dataset.ready = "";
  const answer = await fetch(box.dataset.cells);
  if (!answer.ok) return;
  const matrix = new Matrix(await answer.json());
  const order = matrix.order(box.dataset.order);
  const sheet = element("div", "sheet-of-cells");
  Object.assign(sheet.style, { width: `${LEFT + matrix.size * WIDTH}px`, height: `${TOP + matrix.size * HEIGHT}px` });
  box.replaceChildren(sheet);
  let waiting = 0;
  const again = () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      draw(box, matrix, order);
    });
  };
  box.addEventListener("scroll", again, { passive: true });
  new ResizeObserver(again).observe(box);
  search(box, matrix, order, again);
  again();
}

document.addEventListener("htmx:afterSettle", begin);
begin();
