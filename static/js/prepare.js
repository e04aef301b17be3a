// The recipe's form: what does not apply is put away, lists are filtered. All of it works without.

const form = document.querySelector("[data-prepare]");
const list = () => document.getElementById("columns-list");
const chosen = (name) => new FormData(form).get(name) ?? "";

// Fields that only some choice gives a meaning: data-when="split_by=time group".
function putAway() {
  for (const place of form.querySelectorAll("[data-when]")) {
    const [name, values] = place.dataset.when.split("=");
    place.hidden = !values.split(" ").includes(chosen(name));
  }
}

// The formats of the chosen algorithm; another one's falls back to the usual.
function offerFormats() {
  const card = form.querySelector("[name=algorithm]:checked");
  const formats = card?.dataset.formats.split(" ") ?? [];
  const select = form.elements.format;
  for (const option of select.options) option.hidden = option.disabled = option.value && !formats.includes(option.value);
  if (select.selectedOptions[0]?.disabled) select.value = "";
  if (card?.value === "blazingtext") document.getElementById("text").open = true;
}

function countTicks() {
  const boxes = [...list().querySelectorAll("[name=columns]")];
  const ticked = boxes.filter((box) => box.checked).length;
  const used = chosen("columns_mode") === "in" ? ticked : boxes.length - ticked;
  form.querySelector("[data-ticked]").textContent = `${used.toLocaleString("en")} of ${boxes.length.toLocaleString("en")} used`;
}

// Turning the meaning of the ticks round turns the ticks, so that the columns stay what they are.
function turnTicks() {
  for (const box of list().querySelectorAll("[name=columns]")) box.checked = !box.checked;
}

function filter(text) {
  for (const row of list().querySelectorAll("tbody tr")) {
    row.hidden = !row.querySelector("label").textContent.toLowerCase().includes(text.toLowerCase());
  }
}

function tickShown(on) {
  for (const row of list().querySelectorAll("tbody tr:not([hidden])")) row.querySelector("input").checked = on;
  list().dispatchEvent(new Event("change", { bubbles: true }));
}

// There is always one empty line to add a column to.
function growPairs(fieldset) {
  const lines = [...fieldset.querySelectorAll(".pair")];
  if (!lines.at(-1).querySelector("input").value.trim()) return;
  const line = lines.at(-1).cloneNode(true);
  line.querySelector("input").value = "";
  for (const field of line.children) field.ariaLabel = field.ariaLabel.replace(/\d+/, lines.length + 1);
  lines.at(-1).after(line);
}

function markErrors() {
  for (const place of form.querySelectorAll(".field .error")) {
    const input = place.parentElement.querySelector("input, select");
    if (place.textContent.trim()) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
}

// Before htmx sends the form: it must send what this has changed.
form.addEventListener(
  "change",
  (event) => {
    if (event.target.name === "columns_mode") turnTicks();
    if (event.target.name === "algorithm") offerFormats();
    putAway();
    countTicks();
    const pairs = event.target.closest("[data-pairs]");
    if (pairs) growPairs(pairs);
  },
  { capture: true },
);
const search = form.querySelector("[data-filter]");
for (const kind of ["input", "change"]) search.addEventListener(kind, (event) => event.stopPropagation());
search.addEventListener("input", () => filter(search.value));
search.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-tick]");
  if (button) tickShown(Boolean(button.dataset.tick));
});
document.addEventListener("htmx:afterSettle", () => {
  filter(search.value);
  countTicks();
  markErrors();
});

for (const tool of form.querySelectorAll("[data-with-js]")) tool.hidden = false;
for (const tool of form.querySelectorAll("[data-without-js]")) tool.hidden = true;
putAway();
offerFormats();
countTicks();
