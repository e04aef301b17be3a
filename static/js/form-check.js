// A check's answer comes in pieces, one for each field. Only what says something new is put in, so
// that a screen reader reads that alone; nobody's cursor moves.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.innerHTML.trim() === fragment.innerHTML?.trim()) event.detail.shouldSwap = false;
});
document.addEventListener("htmx:oobAfterSwap", (event) => {
  const field = event.detail.target.closest(".field");
  if (!field) return;
  const isWrong = field.querySelector(".error")?.textContent.trim();
  for (const input of field.querySelectorAll("input, select, textarea")) {
    if (isWrong) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
});

// Going back brings what was typed, and with its key the same form sent again is the same request.
for (const key of document.querySelectorAll("form[data-keep-key] [name=idempotency_key]")) {
  if (history.state?.key) {
    key.value = history.state.key;
    const again = () => key.form.elements.name?.dispatchEvent(new Event("change", { bubbles: true }));
    addEventListener("load", () => setTimeout(again)); // Chrome restores in a task of its own
  } else history.replaceState({ ...history.state, key: key.value }, "");
}
