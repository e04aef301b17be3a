"""One action on the jobs that were chosen in the list: asked about first, then done."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.access import Actor
from core.errors import InvalidFields, NotFound, UserError
from core.http import actor_of, page
from core.models import Role
from core.nudge import nudge
from jobs import bulk, compare, search
from jobs.models import JobQuerySet, TrainingJob
from jobs.search import Wish
from jobs.tasks import halt_training_job

NAMED = 20


@require_http_methods(["GET", "POST"])
def job_bulk(request: HttpRequest) -> HttpResponse:
    """GET asks whether to do it (or leads to the comparison); POST does it and says what came."""
    who = actor_of(request)
    params = request.POST if request.method == "POST" else request.GET
    wish = search.read(params.lists())
    name = params.get("action", "")
    if name == "compare":  # anybody's, and nothing to ask about
        runs: Sequence[str] = wish.runs
        if wish.all:
            runs = search.first(who.workspace, wish, compare.MOST, now=timezone.now())
        return redirect(f"{reverse('jobs:compare')}?runs={','.join(runs)}")
    who.need(Role.MEMBER)
    if name not in bulk.ACTIONS:
        raise UserError("There is no such action.", f"Choose one of {', '.join(bulk.ACTIONS)}.")
    if not (wish.runs or wish.all):
        messages.info(request, "Tick some jobs first.")
        return redirect(back(wish))
    if request.method != "POST":
        return page(request, "jobs/bulk.html", _question(who, wish, name))
    try:
        report = done(who, wish, name, request.POST)
    except InvalidFields as error:
        context = _question(who, wish, name) | {"error": error, "tag": request.POST.get("tag", "")}
        return page(request, "jobs/bulk.html", context, status=422)
    context = _context(wish, name) | {"report": report, "tag": request.POST.get("tag", "")}
    return page(request, "jobs/bulk_done.html", context)


def done(who: Actor, wish: Wish, name: str, params: QueryDict) -> bulk.Report:
    """The action done on what the wish chooses, and the workers told."""
    now, tag = timezone.now(), params.get("tag", "")
    if wish.all:
        rows = search.rows(who.workspace, wish, now=now)
        after = params.get("after", "")
        report = bulk.on_matching(who, name, rows, now=now, tag=tag, after=after)
    else:
        report = bulk.on_chosen(who, name, wish.runs, now=now, tag=tag)
    for pk in report.waiting:
        nudge(halt_training_job, pk)
    return report


def back(wish: Wish) -> str:
    """The list as it was, with what was ticked."""
    return reverse("jobs:list") + search.nothing(wish).url(page=wish.page)


def _context(wish: Wish, name: str) -> dict[str, Any]:
    kept = [(name, value) for name, value in [*wish.filters.items(), ("sort", wish.sort)] if value]
    return {
        "action": bulk.ACTIONS[name],
        "wish": wish,
        "kept": kept,
        "back": back(wish),
        "done_back": back(replace(wish, runs=(), all=False)),
        "worded": name in bulk.WORDED,
    }


def _question(who: Actor, wish: Wish, name: str) -> dict[str, Any]:
    rows = _chosen(who, wish)
    if not (total := rows.count()):
        raise NotFound
    return _context(wish, name) | {"total": total, "named": rows.order_by("-pk")[:NAMED]}


def _chosen(who: Actor, wish: Wish) -> JobQuerySet:
    if wish.all:
        return search.rows(who.workspace, wish, now=timezone.now())
    return TrainingJob.objects.present().of(who.workspace).filter(uid__in=wish.runs)
