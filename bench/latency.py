"""From a status change at the AWS side to the changed DOM of a page that is open on the job."""

import shutil
from datetime import datetime
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.console import Console
from bench.job_list import signed_in

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WATCH = """() => {
  window.seen = {};
  const look = () => {
    for (const word of document.querySelectorAll('.status'))
      window.seen[word.textContent.trim()] ??= Date.now();
  };
  const everything = {childList: true, subtree: true, characterData: true};
  new MutationObserver(look).observe(document.body, everything);
  look();
}"""


def measure(console: Console) -> list[dict[str, object]]:
    import django

    django.setup()
    from django.conf import settings

    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return [{"figure": "status_to_dom", "skipped": "no Chromium on PATH"}]
    content = table()
    dataset = console.dataset("latency.csv", content)
    preparation = console.prepared(dataset["id"], "target")
    delays = [one(console, browser, preparation["id"]) for _ in range(3)]
    return [
        {
            "figure": "status_to_dom",
            "unit": "s",
            "value": round(max(delays), 2),
            "runs": [round(delay, 2) for delay in delays],
            "limit": settings.POLL_SECONDS + 1,
        }
    ]


def table() -> bytes:
    from sklearn.datasets import load_breast_cancer

    frame = load_breast_cancer(as_frame=True).frame
    return str(frame.to_csv(index=False)).encode()


def one(console: Console, browser: str, preparation: str) -> float:
    """Seconds from the job's Completed transition to the word on the page."""
    session = signed_in(console)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-background-networking"]
        )
        context = chromium.new_context()
        context.add_cookies(
            [
                {"name": c.name, "value": c.value or "", "url": console.up.url}
                for c in session.cookies
            ]
        )
        page = context.new_page()
        # Long enough that the page is open and settled when it ends.
        job = console.job(preparation, num_round=4000, max_depth=10, objective="binary:logistic")
        page.goto(f"{console.up.url}/jobs/{job['id']}")
        page.evaluate(WATCH)
        delay = watch(console, page, job["id"])
        chromium.close()
    return delay


def watch(console: Console, page: Page, job: str) -> float:
    page.wait_for_function("() => window.seen['Completed']", timeout=120_000)
    seen: dict[str, Any] = page.evaluate("() => window.seen")
    detail = console.call("GET", f"/jobs/{job}")
    ended = [t for t in detail["transitions"] if t["status"] == "Completed"][-1]["start"]
    shown_at: float = seen["Completed"] / 1000
    return shown_at - datetime.fromisoformat(ended).timestamp()
