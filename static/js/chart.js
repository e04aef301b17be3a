// Draws <div class="chart" data-figure-url="…">: the URL answers a Plotly figure as JSON.
// Colours come from the tokens, so charts follow the theme.

// 4.8 MB that nothing else waits for: the page is alive before its charts are.
const script = document.getElementById("plotly");
const loaded = window.Plotly ? null : new Promise((done) => script.addEventListener("load", done));

const token = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
};

function themed(figure) {
  const ink = token("--ink");
  const line = token("--line");
  const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, automargin: true };
  const layout = figure.layout || {};
  return {
    ...layout,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: ink, family: getComputedStyle(document.body).fontFamily, size: 12 },
    colorway: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => token(`--series-${n}`)),
    margin: { l: 48, r: 12, t: 12, b: 40, ...layout.margin },
    xaxis: { ...axis, ...layout.xaxis },
    yaxis: { ...axis, ...layout.yaxis },
    legend: { orientation: "h", y: 1.12, ...layout.legend },
  };
}

// A figure may name tokens as colours, so that a thing looks the same in several figures.
function coloured(trace) {
  const real = (colour) => (colour?.startsWith?.("--") ? token(colour) : colour);
  for (const part of [trace.line, trace.marker]) {
    if (part?.color) part.color = Array.isArray(part.color) ? part.color.map(real) : real(part.color);
  }
  return trace;
}

async function draw(element) {
  const answer = await fetch(element.dataset.figureUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const figure = await answer.json();
  element.hidden = !figure.data.length;
  if (element.hidden) return;
  await loaded;
  // No button of Plotly's that would upload the data to its cloud.
  const isNew = !element.matches(".js-plotly-plot");
  await Plotly.react(element, figure.data.map(coloured), themed(figure), { displaylogo: false, responsive: true, showSendToCloud: false });
  // A dot that stands for something with a page of its own leads there.
  if (isNew) element.on("plotly_click", ({ points: [{ customdata }] }) => customdata && location.assign(customdata));
}

// A chart with data-lazy waits until it comes into view.
const waiting = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      waiting.unobserve(target);
      draw(target);
    }
  },
  { rootMargin: "200px" },
);
const begin = (element) =>
  "lazy" in element.dataset && !element.matches(".js-plotly-plot") ? waiting.observe(element) : draw(element);

const drawAll = () => document.querySelectorAll(".chart[data-figure-url]").forEach(begin);
document.addEventListener("themechange", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
// A chart with data-live draws again on the same nudge that refreshes fragments.
document.addEventListener("live", (event) => event.target.matches?.(".chart") && draw(event.target));
// A fragment that has just come may bring a chart along.
document.addEventListener("htmx:afterSettle", () =>
  document.querySelectorAll(".chart[data-figure-url]:empty").forEach(begin),
);
drawAll();
// Numbers that are read only while somebody looks: a page that nobody sees does not ask.
const LOOK = 60_000;
setInterval(() => {
  if (!document.hidden) document.querySelectorAll("[data-look]").forEach((element) => htmx.trigger(element, "look"));
}, LOOK);
