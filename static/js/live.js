// One event stream per page. Elements with data-live="job:UID" or data-live="jobs" fetch themselves
// again when the stream names them; while the stream is down they poll.

const POLL = 5000;
const AWAY = 5 * 60 * 1000;
const SETTLED = 60; // htmx has wired up what it swapped in
let stream = null;
let polling = 0;
let leaving = 0;

const shown = () => [...document.querySelectorAll("[data-live]")];
const topicsOf = (element) => element.dataset.live.split(" ");

// What somebody has selected in, or stands on without a name to come back by, is not pulled away.
function held(element) {
  const selection = getSelection();
  const selected = !selection.isCollapsed && element.contains(selection.anchorNode);
  const active = document.activeElement;
  const stands = element !== active && element.contains(active) && !active.id && active.matches(":focus-visible");
  return element.hasAttribute("hx-get") && (selected || stands);
}

// One round of fetching at a time. What is announced while an answer is on its way, or while htmx is
// still wiring up what it swapped in, waits for the next round: the answer may be older than it.
const wanted = new Set();
let round = 0;

function refresh(topic) {
  wanted.add(topic);
  if (!round) fetchWanted();
}

function fetchWanted() {
  round = 0;
  if (!wanted.size) return;
  const topics = new Set(wanted);
  wanted.clear();
  for (const element of shown()) {
    const named = ["*", ...topicsOf(element)].filter((topic) => topics.has(topic));
    if (!named.length) continue;
    round ||= setTimeout(fetchWanted, POLL);
    if (element.classList.contains("htmx-request") || held(element)) named.forEach((topic) => wanted.add(topic));
    else htmx.trigger(element, "live");
  }
}

document.addEventListener("htmx:afterRequest", () => {
  if (!round) return;
  clearTimeout(round);
  round = setTimeout(fetchWanted, SETTLED);
});

function poll(on) {
  clearInterval(polling);
  polling = on ? setInterval(() => document.hidden || refresh("*"), POLL) : 0;
}

function connect() {
  const topics = new Set(shown().flatMap(topicsOf));
  if (!topics.size) return;
  const query = new URLSearchParams([...topics].map((topic) => ["topic", topic]));
  stream = new EventSource(`/events?${query}`);
  stream.onopen = () => poll(false);
  stream.onmessage = (event) => refresh(JSON.parse(event.data));
  stream.onerror = () => polling || poll(true);
}

function disconnect() {
  stream?.close();
  stream = null;
  poll(false);
}

// A page in a background tab lets go of its stream and catches up when it is looked at again.
document.addEventListener("visibilitychange", () => {
  clearTimeout(leaving);
  if (document.hidden) {
    leaving = setTimeout(disconnect, AWAY);
  } else if (!stream) {
    refresh("*");
    connect();
  }
});
addEventListener("pagehide", disconnect);
addEventListener("pageshow", (event) => event.persisted && connect());
// Not before htmx has wired up the page: it would not hear what the stream says first.
document.addEventListener("htmx:load", connect, { once: true });
