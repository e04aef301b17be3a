"""The job list with 100,000 rows, as page and as API: as it opens, and asked a question."""

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import requests

from bench.console import Console

if TYPE_CHECKING:
    from core.models import Workspace
    from jobs.models import JobValue, TrainingJob

ROWS = 100_000
REQUESTS = 60
BATCH = 2_000
PLAIN = ("", "?page=2000", "?sort=name", "?status=Failed", "?q=run-77", "?sort=-metric")
ASKED = tuple(
    "?" + urlencode(wish)
    for wish in (
        # 700 of the rows, in the order of a metric.
        {
            "query": "metric.validation:auc > 0.9 and param.max_depth <= 6"
            " and status = Completed and tag:baseline",
            "sort": "-metric.validation:auc",
        },
        # Three quarters of them.
        {"query": "param.max_depth <= 6", "sort": "-metric.validation:auc"},
        {"query": "not (tag:baseline or param.max_depth = 3)", "sort": "metric.validation:auc"},
        {"sort": "param.max_depth"},
        {"query": "status = Failed created > 7d or metric.train:auc > 0.99"},
        {"query": "run-77"},
    )
)


def measure(console: Console) -> list[dict[str, object]]:
    fill()
    session = signed_in(console)
    figures = []
    for name, queries in (("job_list", PLAIN), ("job_list_query", ASKED)):
        for kind, http, path in (
            ("page", session, "/jobs/"),
            ("api", console.http, "/api/v1/jobs"),
        ):
            times: dict[str, list[float]] = {query: [] for query in queries}
            for number in range(REQUESTS):
                query = queries[number % len(queries)]
                times[query].append(timed(http, f"{console.up.url}{path}{query}"))
            figures.append(figure(f"{name}_{kind}", times))
    return figures


def fill() -> None:
    """`ROWS` jobs in the workspace, made directly: this measures lists, not launches."""
    import django

    django.setup()
    from core.models import Workspace
    from jobs.models import JobTag, JobValue, TrainingJob

    workspace = Workspace.objects.get(slug="local")
    for start in range(0, ROWS, BATCH):
        numbers = range(start, start + BATCH)
        rows = TrainingJob.objects.bulk_create(one(workspace, number) for number in numbers)
        JobValue.objects.bulk_create(value for row in rows for value in values(row))
        JobTag.objects.bulk_create(
            JobTag(job=row, name="baseline")
            for number, row in zip(numbers, rows, strict=True)
            if number % 8 == 1
        )


def one(workspace: "Workspace", number: int) -> "TrainingJob":
    from django.utils import timezone

    from jobs.models import TrainingJob

    auc = number * 7_919 % ROWS / ROWS  # spread over the rows
    return TrainingJob(
        workspace=workspace,
        name=f"run-{number}",
        algorithm="xgboost",
        status="Completed" if number % 5 else "Failed",
        created_at=timezone.now() - timedelta(seconds=30 * number),
        training_seconds=number % 3_000,
        metrics={"validation:auc": auc, "train:auc": 1 - auc},
        headline_metric="validation:auc",
        headline_value=auc,
        hyperparameters={"num_round": "50", "max_depth": str(number % 9)},
    )


def values(job: "TrainingJob") -> Iterator["JobValue"]:
    from jobs.models import JobValue

    for kind, named in (("param", job.hyperparameters), ("metric", job.metrics)):
        for name, value in named.items():
            yield JobValue(job=job, kind=kind, name=name, text=str(value), number=float(value))


def signed_in(console: Console) -> requests.Session:
    """A browser's session, through a fresh one-time link."""
    from django.contrib.auth.models import User

    from core import signin

    link = signin.issue_link(User.objects.get(username="admin"), console.up.url)
    session = requests.Session()
    session.trust_env = False
    session.get(link, timeout=30)
    token = session.cookies["csrftoken"]
    answer = session.post(
        f"{link}/go",
        data={"csrfmiddlewaretoken": token},
        headers={"Referer": link},
        timeout=30,
    )
    answer.raise_for_status()
    return session


def timed(session: requests.Session, url: str) -> float:
    started = time.perf_counter()
    answer = session.get(url, timeout=30)
    answer.raise_for_status()
    return time.perf_counter() - started


def figure(name: str, times: dict[str, list[float]]) -> dict[str, object]:
    seconds = [one for found in times.values() for one in found]
    slowest = max(times, key=lambda query: statistics.median(times[query]))
    return {
        "figure": name,
        "unit": "ms p95",
        "value": round(1000 * statistics.quantiles(seconds, n=20)[-1], 1),
        "median": round(1000 * statistics.median(seconds), 1),
        "slowest": slowest,
        "slowest_median": round(1000 * statistics.median(times[slowest]), 1),
        "rows": ROWS,
        "limit": 300,
    }
