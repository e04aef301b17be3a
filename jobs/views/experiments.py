"""Experiments: the list, and one with its jobs, notes and tags."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core.errors import InvalidFields
from core.http import actor_of, page, page_object
from core.listing import listing
from core.models import Role
from jobs import compare, experiments
from jobs.experiments import Change
from jobs.models import Experiment, TrainingJob

TUNING = 20


@require_GET
def experiment_list(request: HttpRequest) -> HttpResponse:
    """`?archived=1` shows the archived ones, too."""
    who = actor_of(request)
    rows = experiments.summed().of(who.workspace)
    if request.GET.get("archived") != "1":
        rows = rows.filter(archived_at__isnull=True)
    found = listing(rows, request.GET.dict(), experiments.COLUMNS)
    best = experiments.best_of(found.rows)
    context = {
        "listing": found,
        "shown": [(row, best.get(row.pk)) for row in found.rows],
        "may_write": who.may(Role.MEMBER),
    }
    return page(request, "jobs/experiment_list.html", context)


@require_GET
def experiment_detail(request: HttpRequest, uid: str) -> HttpResponse:
    return _detail(request, page_object(request, experiments.summed(), uid))


def _detail(
    request: HttpRequest, row: Experiment, *, wrong: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    jobs = TrainingJob.objects.present().filter(experiment=row).listed()
    newest = jobs.order_by("-created_at", "-pk").values_list("uid", flat=True)
    context = {
        "experiment": row,
        "listing": listing(jobs, request.GET.dict(), experiments.JOBS),
        "statuses": TrainingJob.Status.values,
        "best": experiments.best_of([row]).get(row.pk),
        "newest": ",".join(newest[: compare.MOST]),
        "most": compare.MOST,
        "tunings": row.tuning_jobs.present()[:TUNING],
        "typed": {"name": row.name, "tags": ", ".join(row.tags)},
        "may_write": actor_of(request).may(Role.MEMBER),
    }
    return page(request, "jobs/experiment.html", context | (wrong or {}), status=status)


@require_POST
def experiment_change(request: HttpRequest, uid: str) -> HttpResponse:
    """The name and the tags; or, with `archived`, only that."""
    row = page_object(request, experiments.summed(), uid, role=Role.MEMBER)
    given = request.POST
    wish = Change(name=given.get("name", ""), tags=[given.get("tags", "")])
    if "archived" in given:
        wish = Change(archived=given["archived"] == "1")
    try:
        experiments.change(actor_of(request), row, wish, now=timezone.now())
    except InvalidFields as error:
        wrong = {"errors": error.errors, "typed": given}
        return _detail(request, row, wrong=wrong, status=error.status)
    said = {True: "is archived", False: "is back", None: "is changed"}[wish.archived]
    messages.success(request, f"{row.name} {said}.")
    return redirect("jobs:experiment", row.uid)
