// Small behaviours found by data attributes; every page works without them.

const isDark = () =>
  document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;

function say(text, tone = "info") {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.tone = tone;
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  Object.assign(close, { className: "button quiet small", type: "button", textContent: "Dismiss" });
  close.dataset.dismiss = "";
  toast.append(words, close);
  document.getElementById("toasts")?.append(toast);
  if (tone !== "error") setTimeout(() => toast.remove(), 4000);
}

document.addEventListener("click", async (event) => {
  const target = event.target.closest("[data-copy], [data-dismiss], [data-theme-toggle], [data-open]");
  if (!target) return;
  if ("copy" in target.dataset) {
    await navigator.clipboard.writeText(target.dataset.copy);
    say("Copied.");
  } else if ("dismiss" in target.dataset) {
    target.closest(".toast")?.remove();
  } else if ("open" in target.dataset) {
    document.getElementById(target.dataset.open)?.showModal();
  } else {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
    document.dispatchEvent(new CustomEvent("themechange"));
  }
});

// A second click on a submit button would send the form twice.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog") return;
  const button = event.submitter;
  if (button) setTimeout(() => (button.disabled = true));
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form button[disabled]:not([data-off])")) button.disabled = false;
});

// Menus close on Escape, which gives the focus back, and on a click elsewhere.
function closeMenu(menu) {
  const inside = menu.contains(document.activeElement);
  menu.open = false;
  if (inside) menu.querySelector("summary").focus();
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach(closeMenu);
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const search = document.querySelector('input[type="search"]');
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// Server errors of htmx requests arrive as a notice; show it instead of dropping it.
document.addEventListener("htmx:responseError", (event) => {
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  say(page.querySelector(".notice")?.textContent.trim() || "That did not work. Try again.", "error");
});
document.addEventListener("htmx:sendError", () => say("The console does not answer.", "error"));

// What scrolls must be reachable by keyboard; what does not scroll must not be a stop.
function makeReachable() {
  for (const box of document.querySelectorAll(".scroll")) {
    const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
makeReachable();
addEventListener("resize", makeReachable);
document.addEventListener("htmx:afterSettle", makeReachable);
