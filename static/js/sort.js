// A click on a column's header sorts a short table that is whole on the page.

const worth = (cell) => {
  const text = cell.innerText.trim();
  const value = Number(text.replaceAll(/[,%\s]/g, "").replace("–", "-1"));
  return text && Number.isFinite(value) ? value : text.toLowerCase();
};

function sort(head) {
  const body = head.closest("table").tBodies[0];
  const falls = head.getAttribute("aria-sort") === "ascending" || (!head.ariaSort && head.matches(".num"));
  const compare = (a, b) => {
    const [first, second] = [a, b].map((row) => worth(row.cells[head.cellIndex]));
    if (first === second) return 0;
    return (first < second ? -1 : 1) * (falls ? -1 : 1);
  };
  body.append(...[...body.rows].sort(compare));
  for (const one of head.parentElement.cells) one.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", falls ? "descending" : "ascending");
}

function begin() {
  for (const head of document.querySelectorAll("[data-sortable] thead th:not(:has(button))")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head));
    head.append(button);
  }
}

document.addEventListener("htmx:afterSettle", begin);
document.addEventListener("replaced", begin);
begin();
