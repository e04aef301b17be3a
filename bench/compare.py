"""Fifty runs of twenty metrics beside each other: the server's time, and when the page is usable.

In the same run of the bench, MLflow's UI on the same runs, where `make bench-mlflow` has put it
into an environment of its own; the product does not need it.
"""

import math
import random
import shutil
import statistics
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

from bench import mlflow_ui
from bench.console import Console
from bench.job_list import signed_in, timed
from bench.latency import BROWSERS

RUNS, METRICS, STEPS = 50, 20, 1_000
REQUESTS = 20
VISITS = 3
CALM_MS = 500
DRAWN = ".js-plotly-plot .main-svg"  # MLflow draws with Plotly, too
SIZE: dict[str, object] = {"runs": RUNS, "metrics": METRICS, "points": STEPS}
WIDE: Any = {"width": 1440, "height": 900}
NAMES = ["validation:auc", *(f"{c}:metric-{n}" for n in range(10) for c in ("train", "validation"))]
LISTEN = """
window.tasks = [];
new PerformanceObserver((list) =>
  window.tasks.push(...list.getEntries().map((e) => [e.startTime, e.duration]))
).observe({type: "longtask", buffered: true});
"""
# The first figures drawn and nothing long for a while; then when the last long task ended.
CALM = """([drawn, calm]) => {
  if (document.readyState !== "complete" || !document.querySelector(drawn)) return false;
  window.drawnAt ??= performance.now();
  const ends = window.tasks.map(([start, duration]) => start + duration);
  const last = Math.max(window.drawnAt, ...ends);
  return performance.now() - last > calm && {
    at: last,
    drawn: window.drawnAt,
    longest: Math.max(0, ...window.tasks.map(([, duration]) => duration)),
    blocked: window.tasks.reduce((sum, [, duration]) => sum + duration - 50, 0),
    bytes: performance.getEntries().reduce((sum, e) => sum + (e.transferSize || 0), 0),
  };
}"""


def measure(console: Console) -> Iterator[dict[str, object]]:
    import django

    django.setup()
    uids = fill()
    yield from served(console, uids)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        yield {"figure": "compare_interactive", "skipped": "no Chromium on PATH"}
        return
    cookie = {"name": "sessionid", "value": signed_in(console).cookies["sessionid"]}
    url = f"{console.up.url}/jobs/compare?runs={','.join(uids)}"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield opened("compare_interactive", chromium, url, [{**cookie, "url": console.up.url}])
        yield from beside(chromium)
        chromium.close()


def beside(chromium: Browser) -> Iterator[dict[str, object]]:
    """MLflow's pages on the same runs, and what it takes to answer a figure's points."""
    if not mlflow_ui.HOME.exists():
        yield {"figure": "compare_mlflow", "skipped": mlflow_ui.SKIPPED}
        return
    with mlflow_ui.serving() as server:
        server.log(runs())
        urls = [server.curves(name) for name in NAMES[:METRICS]]
        timed(server.http, urls[0])
        yield answered("compare_mlflow_points", [timed(server.http, url) for url in urls])
        for name, url in server.pages.items():
            yield opened(f"compare_mlflow_{name}", chromium, url, [])


def runs() -> Iterator[tuple[dict[str, str], dict[str, list[float]]]]:
    """Of each run its parameters and the values of each metric: curves with noise."""
    for number in range(RUNS):
        chance = random.Random(number)  # noqa: S311  the same each time
        params = {"eta": f"{0.01 * (number + 1):.2f}", "max_depth": str(number % 9 + 1)}
        slope = 0.5 + chance.random()
        curve = [math.exp(-slope * step / 200) for step in range(STEPS)]
        metrics = {
            name: [value + chance.gauss(0, 0.01) for value in curve] for name in NAMES[:METRICS]
        }
        yield params, metrics


def fill() -> list[str]:
    """The runs, written directly: this measures comparing. Their uids."""
    from django.db import connection, transaction
    from django.utils import timezone

    from core.models import Workspace
    from jobs.models import TrainingJob

    workspace = Workspace.objects.get(slug="local")
    insert = "INSERT INTO jobs_metricpoint (job_id, name, step, value) VALUES (%s, %s, %s, %s)"
    uids = []
    for number, (params, metrics) in enumerate(runs()):
        job = TrainingJob.objects.create(
            workspace=workspace,
            name=f"compared-{number}",
            algorithm="xgboost",
            status="Completed",
            hyperparameters={"num_round": str(STEPS), "objective": "binary:logistic"} | params,
            instance_type="ml.m5.large",
            metrics={name: values[-1] for name, values in metrics.items()},
            headline_metric=NAMES[0],
            headline_value=max(metrics[NAMES[0]]),
            rounds_done=STEPS,
            training_seconds=60 + number,
            billable_seconds=60 + number,
            ended_at=timezone.now(),
            log_complete=True,
        )
        points = (
            (job.pk, name, step, value)
            for name, values in metrics.items()
            for step, value in enumerate(values)
        )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(insert, list(points))
        uids.append(job.uid)
    return uids


def served(console: Console, uids: list[str]) -> list[dict[str, object]]:
    """Seconds of the page, of the table as a file and of each metric's figure."""
    session = signed_in(console)
    place = f"{console.up.url}/jobs/compare"
    chosen = f"?runs={','.join(uids)}"
    addresses = {
        "page": [f"{place}{chosen}"] * REQUESTS,
        "table": [f"{place}/table.json{chosen}&all=1"] * REQUESTS,
        "figure": [f"{place}/curves{chosen}&metric={quote(name)}" for name in NAMES[:METRICS]],
        "figure_table": [f"{place}/points{chosen}&metric={quote(n)}" for n in NAMES[:METRICS]],
    }
    for kind in addresses:
        timed(session, addresses[kind][0])
    return [
        answered(f"compare_{kind}", [timed(session, url) for url in urls])
        for kind, urls in addresses.items()
    ]


def answered(name: str, seconds: list[float]) -> dict[str, object]:
    return {
        "figure": name,
        "unit": "ms p95",
        "value": round(1000 * statistics.quantiles(seconds, n=20)[-1], 1),
        "median": round(1000 * statistics.median(seconds), 1),
    } | SIZE


def opened(name: str, chromium: Browser, url: str, cookies: list[Any]) -> dict[str, object]:
    visits = []
    for _ in range(VISITS):
        context = chromium.new_context(viewport=WIDE)
        context.add_cookies(cookies)
        visits.append(interactive(context.new_page(), url))
        context.close()
    return as_figure(name, visits)


def interactive(page: Page, url: str) -> dict[str, float]:
    """When the page at `url` has drawn its first figures and has calmed down.

    Milliseconds from the beginning of the navigation; nothing is in the browser's cache. Our
    figures stand below the table and wait until they are looked at: the page is moved to them.
    """
    page.add_init_script(LISTEN)
    page.goto(url)
    page.evaluate("document.querySelector('.chart')?.scrollIntoView()")
    handle = page.wait_for_function(CALM, arg=[DRAWN, CALM_MS], timeout=120_000, polling=50)
    found: dict[str, float] = handle.json_value()
    return found


def as_figure(name: str, visits: list[dict[str, float]]) -> dict[str, Any]:
    def middle(key: str) -> int:
        return round(statistics.median(visit[key] for visit in visits))

    return {
        "figure": name,
        "unit": "ms, median of visits",
        "value": middle("at"),
        "visits": [round(visit["at"]) for visit in visits],
        "first_figure": middle("drawn"),
        "longest_task": middle("longest"),
        "blocked": middle("blocked"),
        "kilobytes": middle("bytes") // 1024,
    } | SIZE
