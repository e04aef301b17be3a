// One event stream per page. Elements with data-live="job:UID" or data-live="jobs" fetch themselves
// again when the stream names them; while the stream is down they poll.

const POLL = 5000;
const AWAY = 5 * 60 * 1000;
let stream = null;
let polling = 0;
let leaving = 0;

const shown = () => [...document.querySelectorAll("[data-live]")];
const topicsOf = (element) => element.dataset.live.split(" ");

function refresh(topic) {
  for (const element of shown()) {
    if (topic === "*" || topicsOf(element).includes(topic)) htmx.trigger(element, "live");
  }
}

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
connect();
