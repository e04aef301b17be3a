"""Writing notes on a job or an experiment."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core.errors import UserError
from core.http import actor_of, page, page_object
from core.markdown import LIMIT
from core.models import Role
from jobs import notes
from jobs.errors import NotesChanged
from jobs.models import Experiment, TrainingJob


@require_http_methods(["GET", "POST"])
def job_notes(request: HttpRequest, uid: str) -> HttpResponse:
    row = page_object(request, TrainingJob.objects.all(), uid, role=Role.MEMBER)
    return _written(request, row, reverse("jobs:detail", args=[uid]))


@require_http_methods(["GET", "POST"])
def experiment_notes(request: HttpRequest, uid: str) -> HttpResponse:
    row = page_object(request, Experiment.objects.all(), uid, role=Role.MEMBER)
    return _written(request, row, reverse("jobs:experiment", args=[uid]))


def _written(request: HttpRequest, row: TrainingJob | Experiment, back: str) -> HttpResponse:
    """The form; after a conflict it holds the writer's text and shows the other one."""
    context: dict[str, Any] = {
        "row": row,
        "back": back,
        "text": row.notes,
        "seen": row.notes,
        "limit": LIMIT,
    }
    if request.method == "GET":
        return page(request, "jobs/notes.html", context)
    text = request.POST.get("notes", "")
    try:
        notes.save(actor_of(request), row, text, seen=request.POST.get("seen", ""))
    except UserError as error:
        is_conflict = isinstance(error, NotesChanged)
        now = error.now if isinstance(error, NotesChanged) else row.notes
        context |= {"error": error, "text": text, "seen": now, "is_conflict": is_conflict}
        return page(request, "jobs/notes.html", context, status=error.status)
    messages.success(request, "The notes are saved.")
    return redirect(f"{back}#notes")
