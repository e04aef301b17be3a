// The list of jobs: ticks for a whole page, words for the query, a table that stays where it is.
// All of it is there without, too, one by one.

const ticks = () => [...document.querySelectorAll("input[type=checkbox][name=runs]")];

function showTicks() {
  const all = document.getElementById("tick-all");
  if (!all) return;
  const on = ticks().filter((box) => box.checked).length;
  all.closest("[data-tick-all]").hidden = false;
  all.checked = on > 0 && on === ticks().length;
  all.indeterminate = on > 0 && !all.checked;
}
document.addEventListener("change", ({ target }) => {
  if (target.id === "tick-all") for (const box of ticks()) box.checked = target.checked;
  if (target.id === "tick-all" || target.name === "runs") showTicks();
});

// Rows that come anew leave the table scrolled as it was.
let scrolled = 0;
const table = () => document.getElementById("scroll-jobs");
document.addEventListener("htmx:beforeSwap", () => (scrolled = table()?.scrollLeft ?? 0));
document.addEventListener("htmx:afterSettle", () => {
  if (table()) table().scrollLeft = scrolled;
  showTicks();
});

// A datalist completes the whole field: what stands before the last word goes in front of each.
const query = document.getElementById("query");
const options = [...query.list.options];
const words = options.map((option) => option.value);
query.addEventListener("input", () => {
  const before = query.value.match(/^.*[\s(]/)?.[0] ?? "";
  options.forEach((option, place) => (option.value = before + words[place]));
});
showTicks();
