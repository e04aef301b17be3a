"""A threshold over 1,000,000 stored scores: how fast the page and the server answer."""

import io
import shutil
import statistics
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, sync_playwright
from requests import Session

from bench.console import Console
from bench.job_list import signed_in, timed
from bench.latency import BROWSERS

ROWS = 1_000_000
MOVES, REQUESTS = 100, 40
KEY = "batches/bench-threshold/predictions.parquet"
WIDE: Any = {"width": 1440, "height": 900}
SIZE: dict[str, object] = {"rows": ROWS}
# From the event to the frame in which everything has moved; another event each time.
MOVE = """async (moves) => {
  const slider = document.getElementById("slider");
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const found = [];
  for (let n = 0; n < moves; n += 1) {
    slider.value = (n * 37) % Number(slider.max);
    await painted();
    const begun = performance.now();
    slider.dispatchEvent(new Event("input", {bubbles: true}));
    const counted = performance.now() - begun;
    document.body.getBoundingClientRect();
    const laid = performance.now() - begun;
    await painted();
    found.push([counted, laid, performance.now() - begun]);
  }
  return found;
}"""


def measure(console: Console) -> Iterator[dict[str, object]]:
    import django

    django.setup()
    uid = fill()
    session = signed_in(console)
    path = f"{console.up.url}/api/v1/evaluations/{uid}/threshold"
    yield first(session, f"{path}?at=0.123456789")
    # None of them is a stored threshold: each is counted over every row.
    exact = [f"{path}?at={0.2 + n / 97:.9f}&cost_fp=1&cost_fn=20" for n in range(REQUESTS)]
    yield answered("threshold_server", session, exact)
    place = f"{console.up.url}/results/{uid}"
    pages = [f"{place}?threshold={0.2 + n / 97:.9f}" for n in range(REQUESTS)]
    yield answered("threshold_page_from_server", session, pages)
    cookie = {"name": "sessionid", "value": session.cookies["sessionid"], "url": console.up.url}
    yield in_the_page(place, cookie)


def fill() -> str:
    """The evaluation with its rows in the bucket, written directly: this measures reading."""
    from core.models import Workspace
    from results import outcome
    from results.models import Evaluation

    columns, labels = scored(), ["fine", "fraud"]
    metrics, confusion, found = outcome.build("binary", outcome.table(columns), labels)
    workspace = Workspace.objects.get(slug="local")
    put(workspace, columns)
    row = Evaluation.objects.create(
        workspace=workspace,
        name="a million scores",
        status="Completed",
        rows=ROWS,
        rows_done=ROWS,
        labels=labels,
        metrics=metrics,
        confusion=confusion,
        outcome=found,
        predictions_key=KEY,
        seconds=60,
        **lineage(workspace, labels),
    )
    return str(row.uid)


def scored() -> dict[str, Any]:
    import numpy as np

    random = np.random.default_rng(0)
    actual = (random.random(ROWS) < 0.05).astype(np.float64)
    score = 1 / (1 + np.exp(-random.normal(-2 + 3 * actual, 1)))
    return {
        "row": np.arange(1, ROWS + 1),
        "actual": actual,
        "predicted": (score >= 0.5).astype(np.float64),
        "score_0": 1 - score,
        "score_1": score,
    }


def put(workspace: Any, columns: dict[str, Any]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from aws import s3
    from core import buckets

    body = io.BytesIO()
    pq.write_table(pa.table(columns), body, compression="zstd", row_group_size=65_536)
    body.seek(0)
    buckets.ensure(workspace)
    account, kind = workspace.account, "application/vnd.apache.parquet"
    s3.upload_fileobj(account, workspace.bucket, KEY, body, content_type=kind)


def lineage(workspace: Any, labels: list[str]) -> dict[str, Any]:
    """What the page tells that the result was made from."""
    from datasets.models import Dataset, Preparation
    from endpoints.models import RegisteredModel

    dataset = Dataset.objects.create(
        workspace=workspace, name="scores", status="Ready", filename="s.csv", key="datasets/s/s"
    )
    preparation = Preparation.objects.create(
        workspace=workspace,
        dataset=dataset,
        name="scores",
        status="Ready",
        target="y",
        algorithm="xgboost",
        task="binary",
        labels=labels,
    )
    model = RegisteredModel.objects.create(
        workspace=workspace, name="scores", status="Registered", aws_name="bench-scores"
    )
    return {"preparation": preparation, "model": model}


def first(session: Session, url: str) -> dict[str, object]:
    """The rows come from the bucket with the first question."""
    return {
        "figure": "threshold_server_first",
        "unit": "ms",
        "value": round(1000 * timed(session, url)),
    } | SIZE


def answered(name: str, session: Session, urls: list[str]) -> dict[str, object]:
    seconds = [timed(session, url) for url in urls]
    return {
        "figure": name,
        "unit": "ms p95",
        "value": round(1000 * statistics.quantiles(seconds, n=20)[-1], 1),
        "median": round(1000 * statistics.median(seconds), 1),
    } | SIZE


def in_the_page(url: str, cookie: Any) -> dict[str, object]:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return {"figure": "threshold_in_page", "skipped": "no Chromium on PATH"}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-background-networking"]
        )
        context = chromium.new_context(viewport=WIDE)
        context.add_cookies([cookie])
        found = moved(context.new_page(), url)
        chromium.close()
    counted, laid, painted = ([one[n] for one in found] for n in range(3))
    return {
        "figure": "threshold_in_page",
        "unit": "ms p95, counted and laid out",
        "value": round(statistics.quantiles(laid, n=20)[-1], 2),
        "median": round(statistics.median(laid), 2),
        "counted": round(statistics.quantiles(counted, n=20)[-1], 2),
        "next_frame": round(statistics.quantiles(painted, n=20)[-1], 2),
    } | SIZE


def moved(page: Page, url: str) -> list[list[float]]:
    """Milliseconds of each move of the slider: counted, laid out, painted."""
    page.goto(url)
    page.locator("#threshold[data-ready=yes]").wait_for()
    found: list[list[float]] = page.evaluate(MOVE, MOVES)
    return found
