"""The job list with 10,000 rows, as page and as API."""

import statistics
import time

import requests

from bench.console import Console

ROWS = 10_000
REQUESTS = 60
QUERIES = ("", "?page=100", "?sort=name", "?status=Failed", "?q=run-77")


def measure(console: Console) -> list[dict[str, object]]:
    fill()
    session = signed_in(console)
    pages = [timed(session, f"{console.up.url}/jobs/{query}") for query in cycle()]
    answers = [timed(console.http, f"{console.up.url}/api/v1/jobs{query}") for query in cycle()]
    return [figure("job_list_page", pages), figure("job_list_api", answers)]


def fill() -> None:
    """`ROWS` jobs in the workspace, made directly: this measures lists, not launches."""
    import django

    django.setup()
    from core.models import Workspace
    from jobs.models import TrainingJob

    workspace = Workspace.objects.get(slug="local")
    TrainingJob.objects.bulk_create(
        TrainingJob(
            workspace=workspace,
            name=f"run-{number}",
            aws_name=f"bench-{number}",
            algorithm="xgboost",
            status="Completed" if number % 5 else "Failed",
            metrics={"validation:auc": number / ROWS, "train:auc": 1.0},
            hyperparameters={"num_round": "50", "max_depth": str(number % 9)},
        )
        for number in range(ROWS)
    )


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


def cycle() -> list[str]:
    return [QUERIES[number % len(QUERIES)] for number in range(REQUESTS)]


def timed(session: requests.Session, url: str) -> float:
    started = time.perf_counter()
    answer = session.get(url, timeout=30)
    answer.raise_for_status()
    return time.perf_counter() - started


def figure(name: str, seconds: list[float]) -> dict[str, object]:
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return {
        "figure": name,
        "unit": "ms p95",
        "value": round(1000 * p95, 1),
        "median": round(1000 * statistics.median(seconds), 1),
        "rows": ROWS,
        "limit": 300,
    }
