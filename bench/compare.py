"""Fifty runs of twenty metrics beside each other: the server's time, and when the page is usable.

In the same run of the bench, MLflow's UI on the same runs, where `make bench-mlflow` has put it
into an environment of its own; the product does not need it.
"""

import math
import random
import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright
from requests import Session

from bench import mlflow_ui
from bench.console import Console
from bench.job_list import signed_in, timed
from bench.latency import BROWSERS

RUNS, METRICS, STEPS = 50, 20, 1_000
REQUESTS = 20
VISITS = 5
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
    session = signed_in(console)
    place, chosen = f"{console.up.url}/jobs/compare", f"?runs={','.join(uids)}"
    curves = [f"{place}/curves{chosen}&metric={quote(name)}" for name in NAMES[:METRICS]]
    tables = [f"{place}/points{chosen}&metric={quote(name)}" for name in NAMES[:METRICS]]
    yield answered("compare_page", session, [f"{place}{chosen}"] * REQUESTS)
    yield answered("compare_table", session, [f"{place}/table.json{chosen}&all=1"] * REQUESTS)
    yield answered("compare_figure_table", session, tables)
    cookie = {"name": "sessionid", "value": session.cookies["sessionid"], "url": console.up.url}
    pages = {"compare_interactive": f"{place}{chosen}"}
    with mlflow_there() as server:
        if server is None:
            yield {"figure": "compare_mlflow", "skipped": mlflow_ui.SKIPPED}
            yield answered("compare_figure", session, curves)
        else:
            theirs = [server.curves(name) for name in NAMES[:METRICS]]
            both = {
                "compare_figure": (session, curves),
                "compare_mlflow_points": (server.http, theirs),
            }
            yield from in_turn(both)
            pages |= {f"compare_mlflow_{name}": url for name, url in server.pages.items()}
        yield from opened(pages, cookie)


@contextmanager
def mlflow_there() -> Iterator[mlflow_ui.Server | None]:
    """MLflow with the same runs; None where it is not installed."""
    if not mlflow_ui.HOME.exists():
        yield None
        return
    with mlflow_ui.serving() as server:
        server.log(runs())
        yield server


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


def answered(name: str, session: Session, urls: list[str]) -> dict[str, object]:
    return next(in_turn({name: (session, urls)}))


def in_turn(asked: dict[str, tuple[Session, list[str]]]) -> Iterator[dict[str, object]]:
    """The time of the answers, the first not counted; one of each and again, on a machine that
    others use, too, so that all see the same of it."""
    seconds: dict[str, list[float]] = {name: [] for name in asked}
    for session, urls in asked.values():
        timed(session, urls[0])
    for number in range(REQUESTS):
        for name, (session, urls) in asked.items():
            seconds[name].append(timed(session, urls[number % len(urls)]))
    for name, found in seconds.items():
        yield {
            "figure": name,
            "unit": "ms p95",
            "value": round(1000 * statistics.quantiles(found, n=20)[-1], 1),
            "median": round(1000 * statistics.median(found), 1),
        } | SIZE


def opened(pages: dict[str, str], cookie: Any) -> Iterator[dict[str, object]]:
    """Each page in a new browser profile, in turn."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        yield {"figure": "compare_interactive", "skipped": "no Chromium on PATH"}
        return
    visits: dict[str, list[dict[str, float]]] = {name: [] for name in pages}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-background-networking"]
        )
        for _ in range(VISITS):
            for name, url in pages.items():
                context = chromium.new_context(viewport=WIDE)
                context.add_cookies([cookie])
                visits[name].append(interactive(context.new_page(), url))
                context.close()
        chromium.close()
    for name, found in visits.items():
        yield as_figure(name, found)


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
