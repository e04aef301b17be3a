"""A log of 100,000 lines in Chromium, on its page and on the job's: the longest task in use.

A task is what keeps the page from answering. The page is loaded, dragged from the end to the
beginning and back, and then follows the log as it grows. The browser's trace tells of each task how
long it took, and of that how long it had a processor: on a busy machine it waits for one.
"""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.console import Console
from bench.job_list import signed_in
from bench.latency import BROWSERS

LINES = 100_000
ADDED, BATCHES = 500, 40  # lines that come while it is followed, and in how many goes
LIMIT_MS, BUSY_MS = 200, 120
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
    session = signed_in(console).cookies["sessionid"] or ""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-background-networking"]
        )
        context = running.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": session, "url": console.up.url}])
        page, url = context.new_page(), f"{console.up.url}/jobs/{job.uid}"
        found = [
            used(page, f"{url}/log", job, "log_page", LINES),
            used(page, url, job, "log_on_job_page", LINES + ADDED * BATCHES),
        ]
        running.close()
    return found


def used(page: Page, url: str, job: Any, figure: str, lines: int) -> dict[str, object]:
    """What it is like to load, drag through and follow a log of so many lines."""
    with traced(page) as load:
        started = time.perf_counter()
        page.goto(url)
        page.wait_for_function(SHOWS, arg=lines)
        ready = time.perf_counter() - started
    with traced(page) as scroll:
        page.evaluate(DRAG, [1, 0])
        page.wait_for_function(SHOWS, arg=1)
        page.evaluate(DRAG, [0, 1])
        page.wait_for_function(SHOWS, arg=lines)
    with traced(page) as follow:
        page.evaluate("document.getElementById('log-lines').scrollTop = 1e9")
        writer = threading.Thread(
            target=grow, args=(job, lines)
        )  # Playwright has an event loop here
        writer.start()
        page.wait_for_function(SHOWS, arg=lines + ADDED * BATCHES, timeout=60_000)
    with traced(page) as busy:
        page.evaluate(BUSY)
    if busy["ms"] < BUSY_MS:
        raise RuntimeError("The browser's trace does not tell of a task that is long.")
    parts = {"load": load, "scroll": scroll, "follow": follow}
    return {
        "figure": figure,
        "unit": "ms, longest task",
        "value": max(part["ms"] for part in parts.values()),
        "of_that_running": max(part["cpu"] for part in parts.values()),
        **parts,
        "lines": lines,
        "ready_ms": round(1000 * ready),
        "elements": page.locator("#log-lines .log-line").count(),
        "limit": LIMIT_MS,
    }


@contextmanager
def traced(page: Page) -> Iterator[dict[str, float]]:
    """The longest task of the page's main thread, {ms, cpu}; filled in at the end."""
    found: dict[str, float] = {}
    browser = page.context.browser
    assert browser is not None
    browser.start_tracing(page=page, categories=["toplevel", "__metadata"])
    yield found
    page.wait_for_timeout(300)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [e for e in events if (e["pid"], e["tid"]) in mains and e.get("ph") == "X"]
    longest = [max((task.get(key, 0) for task in tasks), default=0) for key in ("dur", "tdur")]
    found |= {"ms": round(longest[0] / 1000), "cpu": round(longest[1] / 1000)}


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


def grow(job: Any, lines: int) -> None:
    for number in range(lines, lines + ADDED * BATCHES, ADDED):
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
