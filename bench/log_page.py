"""The page of a log of 100,000 lines in Chromium: its longest task while somebody uses it.

A task is what keeps the page from answering; the browser reports those of 50 ms and more. The page
is loaded, dragged from the end to the beginning and back, and then follows the log as it grows.
"""

import shutil
import threading
import time
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.console import Console
from bench.job_list import signed_in
from bench.latency import BROWSERS

LINES = 100_000
ADDED, BATCHES = 500, 40  # lines that come while it is followed, and in how many goes
LIMIT_MS, SHORTEST_MS = 200, 50
LISTEN = """
window.tasks = [];
new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((e) => e.duration)))
  .observe({type: "longtask", buffered: true});
"""
DRAG = """async ([from, to]) => {
  const box = document.getElementById("log-lines");
  for (let step = 0; step <= 100; step++) {
    const share = from + ((to - from) * step) / 100;
    box.scrollTop = share * (box.scrollHeight - box.clientHeight);
    await new Promise(requestAnimationFrame);
  }
}"""
BUSY = "setTimeout(() => { const end = performance.now() + 120; while (performance.now() < end); })"
SHOWS = """(number) => {
  const row = document.getElementById(`L${number}`);
  return row && row.lastChild.textContent !== "";
}"""


def measure(console: Console) -> list[dict[str, object]]:
    import django

    django.setup()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return [{"figure": "log_page", "skipped": "no Chromium on PATH"}]
    job = fill()
    cookie = {"name": "sessionid", "value": signed_in(console).cookies["sessionid"]}
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-background-networking"]
        )
        context = running.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{**cookie, "url": console.up.url}])
        context.add_init_script(LISTEN)
        found = used(context.new_page(), f"{console.up.url}/jobs/{job.uid}/log", job)
        running.close()
    return [found]


def used(page: Page, url: str, job: Any) -> dict[str, object]:
    longest: dict[str, float] = {}
    started = time.perf_counter()
    page.goto(url)
    page.wait_for_function(SHOWS, arg=LINES)
    ready = time.perf_counter() - started
    longest["load"] = task(page)
    page.evaluate(BUSY)
    if task(page) < 100:
        raise RuntimeError("The browser does not report a task that is long.")
    page.evaluate(DRAG, [1, 0])
    page.wait_for_function(SHOWS, arg=1)
    page.evaluate(DRAG, [0, 1])
    page.wait_for_function(SHOWS, arg=LINES)
    longest["scroll"] = task(page)
    page.evaluate("document.getElementById('log-lines').scrollTop = 1e9")
    writer = threading.Thread(target=grow, args=(job,))  # Playwright has an event loop here
    writer.start()
    page.wait_for_function(SHOWS, arg=LINES + ADDED * BATCHES, timeout=60_000)
    longest["follow"] = task(page)
    return {
        "figure": "log_page",
        "unit": "ms, longest task",
        "value": max(longest.values()),
        **longest,
        "below": f"0 stands for less than {SHORTEST_MS}",
        "lines": LINES,
        "ready_ms": round(1000 * ready),
        "elements": page.locator("#log-lines .log-line").count(),
        "limit": LIMIT_MS,
    }


def task(page: Page) -> float:
    """The longest so far, and start anew."""
    page.wait_for_timeout(200)
    tasks: list[float] = page.evaluate("window.tasks.splice(0)")
    return max(tasks, default=0)


def fill() -> Any:
    """A running job of which AWS knows nothing, so that nobody but this writes to it."""
    from core.models import Workspace
    from jobs.models import TrainingJob

    job = TrainingJob.objects.create(
        workspace=Workspace.objects.get(slug="local"),
        name="A long log",
        algorithm="xgboost",
        status="InProgress",
    )
    for start in range(0, LINES, 10_000):
        append(job, start, 10_000)
    return job


def grow(job: Any) -> None:
    for number in range(LINES, LINES + ADDED * BATCHES, ADDED):
        append(job, number, ADDED)


def append(job: Any, after: int, count: int) -> None:
    """Lines as the mirror writes them, with the nudge to open pages."""
    from datetime import UTC, datetime

    from django.db import transaction

    from core import live
    from jobs.models import LogLine, TrainingJob

    now = datetime.now(UTC)
    with transaction.atomic():
        LogLine.objects.bulk_create(
            LogLine(job=job, number=number, at=now, message=text(number), level=level(number))
            for number in range(after + 1, after + count + 1)
        )
        TrainingJob.objects.filter(pk=job.pk).update(log_lines=after + count)
        live.publish(job)


def text(number: int) -> str:
    return f"[{number}]#011train-logloss:{1 / number:.5f}#011validation-logloss:{2 / number:.5f}"


def level(number: int) -> str:
    return "info" if number % 50 else "warning"
