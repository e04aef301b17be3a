"""What a stakeholder waits for: a shared page's bytes and first paint; many readers at once."""

import re
import shutil
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import requests
from playwright.sync_api import sync_playwright

from bench.console import Console
from bench.latency import BROWSERS

RATE, SECONDS = 100, 10  # requests a second, in a steady beat whatever the answers take
READERS = 40
PAINTS = 7
ROWS = 100_000
BYTES = 100_000


def measure(console: Console) -> Iterator[dict[str, object]]:
    links = {name: f"{console.up.url}/s/{token}" for name, token in shared().items()}
    for name, link in links.items():
        html, styles = weighed(link)
        yield {
            "figure": f"shared_{name}_bytes",
            "unit": "bytes",
            "value": html + styles,
            "html": html,
            "css": styles,
            "limit": BYTES,
        }
    yield from painted(links)
    for name, link in links.items():
        yield loaded(name, link)


def shared() -> dict[str, str]:
    """The tokens of links to a result of `ROWS` rows and to a report about it."""
    import django

    django.setup()
    from django.contrib.auth.models import User

    from core import access
    from datasets.models import Dataset, Preparation
    from endpoints.models import Endpoint
    from results import reports, share
    from results.models import Evaluation
    from tests.results.outcomes import fields

    who = access.actor(User.objects.get(username="admin"), slug="local")
    place = {"workspace": who.workspace, "name": "shared"}
    dataset = Dataset.objects.create(status="Ready", **place)
    preparation = Preparation.objects.create(
        status="Ready", dataset=dataset, target="y", algorithm="xgboost", task="binary", **place
    )
    endpoint = Endpoint.objects.create(status="InService", **place)
    result = Evaluation.objects.create(
        status="Completed",
        endpoint=endpoint,
        preparation=preparation,
        **place,
        **fields("binary", ROWS),
    )
    report = reports.create(who, title="Report", evaluations=[result.uid])
    terms = share.Terms(expires_in_days=1)
    return {
        "result": share.create(who, result, terms)[1],
        "report": share.create(who, report, terms)[1],
    }


def weighed(link: str) -> tuple[int, int]:
    """Bytes of the page and of its style sheets, before any compression."""
    plain = {"Accept-Encoding": "identity"}
    page = requests.get(link, headers=plain, timeout=30)
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
    styles = [requests.get(urljoin(link, one), headers=plain, timeout=30) for one in sheets]
    return len(page.content), sum(len(one.content) for one in styles)


def painted(links: dict[str, str]) -> Iterator[dict[str, object]]:
    """The first contentful paint in a browser that has seen nothing of the page before."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        yield {"figure": "shared_first_paint", "skipped": "no Chromium on PATH"}
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, link in links.items():
            paints = []
            for _ in range(PAINTS):
                context = browser.new_context(viewport={"width": 390, "height": 844})
                page = context.new_page()
                page.goto(link, wait_until="load")
                paints.append(page.evaluate(PAINT))
                context.close()
            value = round(statistics.median(paints), 1)
            yield {"figure": f"shared_{name}_first_paint", "unit": "ms", "value": value}
        browser.close()


PAINT = """new Promise(done => new PerformanceObserver(list => {
  const found = list.getEntriesByName('first-contentful-paint');
  if (found.length) done(found[0].startTime);
}).observe({type: 'paint', buffered: true}))"""


def loaded(name: str, link: str) -> dict[str, object]:
    """Answer times at `RATE` requests a second, counted from when each was due."""
    local = threading.local()
    start = time.perf_counter() + 0.5

    def read(number: int) -> float:
        if not hasattr(local, "session"):
            local.session = requests.Session()
            local.session.trust_env = False
        due = start + number / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        local.session.get(link, timeout=60).raise_for_status()
        return time.perf_counter() - due

    with ThreadPoolExecutor(READERS) as pool:
        seconds = list(pool.map(read, range(RATE * SECONDS)))
    return {
        "figure": f"shared_{name}_at_{RATE}_per_second",
        "unit": "ms p95",
        "value": round(1000 * statistics.quantiles(seconds, n=20)[-1], 1),
        "median": round(1000 * statistics.median(seconds), 1),
        "requests": len(seconds),
    }
