// Drawing for models that look at pixels. Without it, and by keyboard, real rows can be picked.

const SIDE = 280; // screen pixels of the longer edge
const SAMPLES = 6; // looks at the drawing a model's pixel and axis
const INKED = 8; // of 255: fainter is the blur at a stroke's edge

class Easel {
  constructor(form) {
    this.form = form;
    this.sheet = form.querySelector(".drawing");
    this.small = form.querySelector(".pixels");
    this.facts = JSON.parse(this.sheet.dataset.facts);
    const { width, height, paper, low } = this.facts;
    const zoom = Math.max(1, Math.round(SIDE / Math.max(width, height)));
    this.sheet.width = width * zoom;
    this.sheet.height = height * zoom;
    for (const canvas of [this.sheet, this.small]) canvas.dataset.paper = paper === low ? "dark" : "light";
    this.pen = this.sheet.getContext("2d", { willReadFrequently: true });
    this.last = null;
    this.listen();
    this.clear();
    form.hidden = false;
  }

  listen() {
    this.sheet.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.sheet.setPointerCapture(event.pointerId);
      this.last = this.place(event);
      this.stroke(event);
    });
    this.sheet.addEventListener("pointermove", (event) => {
      if (!this.last) return;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const one of events.length ? events : [event]) this.stroke(one);
    });
    for (const kind of ["pointerup", "pointercancel"]) {
      this.sheet.addEventListener(kind, () => {
        this.last = null;
        this.show();
      });
    }
    this.form.addEventListener("reset", (event) => {
      event.preventDefault(); // brush and fit stay
      this.clear();
    });
    this.form.querySelector("[data-fit]").addEventListener("change", () => this.show());
  }

  place(event) {
    const frame = this.sheet.getBoundingClientRect();
    const zoom = this.sheet.width / frame.width;
    return { x: (event.clientX - frame.left) * zoom, y: (event.clientY - frame.top) * zoom };
  }

  stroke(event) {
    const here = this.place(event);
    const { pen } = this;
    const share = Number(this.form.querySelector("[data-brush]").value) / 100;
    pen.lineWidth = share * Math.max(this.sheet.width, this.sheet.height);
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = this.sheet.dataset.paper === "dark" ? "white" : "black";
    pen.beginPath();
    pen.moveTo(this.last.x, this.last.y);
    pen.lineTo(here.x, here.y);
    pen.stroke();
    this.last = here;
    this.show();
  }

  clear() {
    this.pen.clearRect(0, 0, this.sheet.width, this.sheet.height);
    this.show();
  }

  // How much of each of the model's pixels is ink, from 0 to 1; null without any ink.
  coverage() {
    const { width: across, height: down } = this.sheet;
    const { data } = this.pen.getImageData(0, 0, across, down);
    const ink = (x, y) => (x < 0 || y < 0 || x >= across || y >= down ? 0 : data[4 * (Math.floor(y) * across + Math.floor(x)) + 3]);
    const edges = inkedEdges(ink, across, down);
    if (!edges) return null;
    const { width, height } = this.facts;
    const fits = this.form.querySelector("[data-fit]").checked;
    const { zoom, left, top } = fits ? fitted(edges, this.facts) : { zoom: across / width, left: 0, top: 0 };
    const found = new Float64Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let i = 0; i < SAMPLES * SAMPLES; i++) {
          const dx = ((i % SAMPLES) + 0.5) / SAMPLES;
          const dy = (Math.floor(i / SAMPLES) + 0.5) / SAMPLES;
          sum += ink((x + dx) * zoom + left, (y + dy) * zoom + top);
        }
        found[y * width + x] = sum / (255 * SAMPLES * SAMPLES);
      }
    }
    return found;
  }

  // The very values that are sent, and a picture of them.
  show() {
    const { width, height, paper, ink, low, high, whole } = this.facts;
    const covered = this.coverage();
    const value = (share) => paper + (ink - paper) * share;
    const round = (number) => (whole ? Math.round(number) : Number(number.toPrecision(6)));
    const values = Array.from(covered ?? new Float64Array(width * height), (share) => round(value(share)));
    this.form.elements.pixels.value = covered ? values.join(",") : "";
    const picture = new ImageData(width, height);
    values.forEach((number, n) => {
      const grey = (255 * (number - low)) / (high - low || 1);
      picture.data.set([grey, grey, grey, 255], 4 * n);
    });
    this.small.getContext("2d").putImageData(picture, 0, 0);
  }
}

function inkedEdges(ink, across, down) {
  let [left, top, right, bottom] = [across, down, 0, 0];
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      if (ink(x, y) < INKED) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  return right ? { left, top, right, bottom } : null;
}

// The drawing put where the dataset's own pictures have their ink, as large as they are.
function fitted({ left, top, right, bottom }, { width, height, box }) {
  const [boxLeft, boxTop, boxRight, boxBottom] = box;
  const longest = Math.max(boxRight - boxLeft, boxBottom - boxTop);
  const zoom = Math.max((right - left) / Math.min(longest, width), (bottom - top) / Math.min(longest, height));
  const start = (middle, size, whole) => Math.min(Math.max(middle - size / 2, 0), whole - size);
  const x = start((boxLeft + boxRight) / 2, (right - left) / zoom, width);
  const y = start((boxTop + boxBottom) / 2, (bottom - top) / zoom, height);
  return { zoom, left: left - x * zoom, top: top - y * zoom };
}

for (const form of document.querySelectorAll("[data-draw]")) new Easel(form);
