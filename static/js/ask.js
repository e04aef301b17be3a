// Whoever asks sees the answer: on a phone it stands below what they asked with.

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id === "answer") event.detail.elt.scrollIntoView({ block: "nearest" });
});
