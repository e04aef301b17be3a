"""The list of jobs over REST: searched and ordered as on the page."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from ninja import Query, Router, Schema

from core.http import actor_of, csv_download, listed
from jobs import columns, export, search
from jobs.api import training
from jobs.models import TrainingJob

router = Router()


class JobInList(Schema):
    """A job without what is long."""

    id: str
    name: str
    status: str
    secondary_status: str
    algorithm: str
    hyperparameters: dict[str, Any]
    metrics: dict[str, float]
    tags: list[str]
    billable_seconds: int | None
    training_seconds: int | None
    preparation: str | None
    experiment: str | None
    is_archived: bool
    created_at: datetime
    ended_at: datetime | None


class Jobs(Schema):
    items: list[JobInList]
    total: int
    page: int
    pages: int


def brief(job: TrainingJob) -> dict[str, Any]:
    """A job of a list, from a row with its lineage and tags."""
    return {
        "id": job.uid,
        "name": job.name,
        "status": job.status,
        "secondary_status": job.secondary_status,
        "algorithm": job.algorithm,
        "hyperparameters": job.hyperparameters,
        "metrics": job.metrics,
        "tags": [tag.name for tag in job.tags.all()],
        "billable_seconds": job.billable_seconds,
        "training_seconds": job.training_seconds,
        "preparation": job.preparation.uid if job.preparation else None,
        "experiment": job.experiment.name if job.experiment else None,
        "is_archived": job.archived_at is not None,
        "created_at": job.created_at,
        "ended_at": job.ended_at,
    }


class Asked(Schema):
    """`query` is in the language of the page's query box; `sort` is a column, - before it falls."""

    query: str = ""
    q: str = ""
    status: str = ""
    algorithm: str = ""
    archived: Literal["", "yes"] = ""
    sort: str = search.DEFAULT


class AskedPage(Asked):
    page: str = ""


# On the router of creating jobs: a path belongs to one.
@training.router.get("/jobs", response=Jobs)
def list_jobs(request: HttpRequest, asked: Query[AskedPage]) -> dict[str, Any]:
    wish = search.read(request.GET.lists())
    return listed(search.page(actor_of(request).workspace, wish, now=timezone.now()), brief)


@router.get("/jobs/export")
def export_jobs(request: HttpRequest, asked: Query[Asked]) -> HttpResponseBase:
    """CSV of all that match; `column` may be repeated (status, param.NAME, metric.NAME, …)."""
    workspace, wish = actor_of(request).workspace, search.read(request.GET.lists())
    chosen = columns.chosen(wish.columns)
    chunks = export.as_csv(workspace, wish, chosen, now=timezone.now())
    return csv_download(request, chunks, "jobs.csv")
