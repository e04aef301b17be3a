"""Experiments, and people's notes on them and on jobs."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from core import access
from core.http import actor_of, listed
from core.listing import listing
from core.models import Role
from jobs import experiments, notes
from jobs.models import Experiment, TrainingJob

router = Router()


class ExperimentDetail(Schema):
    """`notes` is Markdown as it was written."""

    id: str
    name: str
    notes: str
    tags: list[str]
    archived: bool
    runs: int
    best_run: str | None
    active_at: datetime
    created_at: datetime


class Experiments(Schema):
    items: list[ExperimentDetail]
    total: int
    page: int
    pages: int


class Notes(Schema):
    """`notes_seen` is what they were when their writer read them: else 409, and nothing is lost."""

    notes: str
    notes_seen: str = ""


class ExperimentChange(Schema):
    """What is left out stays as it is."""

    name: str | None = None
    tags: list[str] | None = None
    archived: bool | None = None
    notes: str | None = None
    notes_seen: str = ""


class NotesNow(Schema):
    notes: str


@router.get("/experiments", response=Experiments)
def list_experiments(
    request: HttpRequest, q: str = "", archived: str = "", sort: str = "", page: str = ""
) -> dict[str, Any]:
    """`?archived=1` also lists the archived ones; sorted by the last activity."""
    rows = experiments.summed().of(actor_of(request).workspace)
    if archived != "1":
        rows = rows.filter(archived_at__isnull=True)
    found = listing(rows, request.GET.dict(), experiments.COLUMNS)
    best = experiments.best_of(found.rows)
    return listed(found, lambda row: _detail(row, best.get(row.pk)))


@router.get("/experiments/{uid}", response=ExperimentDetail)
def get_experiment(request: HttpRequest, uid: str) -> dict[str, Any]:
    row = access.fetch(experiments.summed(), actor_of(request), uid)
    return _detail(row, experiments.best_of([row]).get(row.pk))


@router.patch("/experiments/{uid}", response=ExperimentDetail)
def change_experiment(request: HttpRequest, uid: str, body: ExperimentChange) -> dict[str, Any]:
    """Rename, tag, archive, write notes."""
    who = actor_of(request)
    row = access.fetch(Experiment.objects.all(), who, uid, role=Role.MEMBER)
    if body.notes is not None:
        notes.save(who, row, body.notes, seen=body.notes_seen)
    wish = experiments.Change(name=body.name, tags=body.tags, archived=body.archived)
    experiments.change(who, row, wish, now=timezone.now())
    return get_experiment(request, uid)


@router.put("/jobs/{uid}/notes", response=NotesNow)
def write_notes(request: HttpRequest, uid: str, body: Notes) -> dict[str, str]:
    """Replace the notes on a job."""
    who = actor_of(request)
    row = access.fetch(TrainingJob.objects.all(), who, uid, role=Role.MEMBER)
    return {"notes": notes.save(who, row, body.notes, seen=body.notes_seen)}


def _detail(row: Experiment, best: TrainingJob | None) -> dict[str, Any]:
    return {
        "id": row.uid,
        "name": row.name,
        "notes": row.notes,
        "tags": row.tags,
        "archived": row.archived_at is not None,
        "runs": getattr(row, "runs", 0),
        "best_run": best.uid if best else None,
        "active_at": getattr(row, "active_at", row.created_at),
        "created_at": row.created_at,
    }
