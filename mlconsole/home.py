"""Home: what runs, what costs money, what needs me. It knows every app, so it stands here."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.http import actor_of, page
from core.models import Role, Workspace
from datasets.models import Dataset
from endpoints import cost
from endpoints.models import Endpoint
from jobs.models import TrainingJob
from jobs.prices import Book
from results import sample
from results.models import Evaluation

SHOWN = 6
FAILURES_OF = timedelta(days=7)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    context = overview(who.workspace) | {"may_write": who.may(Role.MEMBER)}
    return page(request, "home.html", context)


def overview(workspace: Workspace) -> dict[str, Any]:
    """The rows of each panel of the home page, at most `SHOWN` of each."""
    jobs = TrainingJob.objects.present().of(workspace)
    endpoints = Endpoint.objects.present().of(workspace)
    evaluations = Evaluation.objects.present().of(workspace)
    running = list(endpoints.active())
    recent_jobs = list(jobs[:SHOWN])
    return {
        "active_jobs": list(jobs.active()[:SHOWN]),
        "recent_jobs": recent_jobs,
        "endpoints": running[:SHOWN],
        "burn": cost.burn(running, Book(workspace.region)),
        "failures": failures(workspace),
        "evaluations": list(evaluations[:SHOWN]),
        "sample": sample.state(workspace),
        "is_empty": not recent_jobs and not Dataset.objects.present().of(workspace).exists(),
    }


def failures(workspace: Workspace) -> list[Any]:
    """What failed within a week, newest first."""
    since = timezone.now() - FAILURES_OF
    words = ("Failed", "Rejected", "UpdateRollbackFailed")
    found: list[Any] = []
    for model in (Dataset, TrainingJob, Endpoint, Evaluation):
        rows = model.objects.present().of(workspace)
        found += rows.filter(status__in=words, status_at__gte=since).order_by("-status_at")[:SHOWN]
    return sorted(found, key=lambda row: row.status_at, reverse=True)[:SHOWN]
