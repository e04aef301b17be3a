// Runs before the first paint so that a pinned theme never flashes.
{
  const pinned = localStorage.getItem("theme");
  if (pinned === "light" || pinned === "dark") document.documentElement.dataset.theme = pinned;
}
