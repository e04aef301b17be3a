"""Tuning jobs: choose what varies, watch the leaderboard, deploy the best."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.access import Actor
from core.errors import InvalidFields, UserError
from core.http import actor_of, page, page_object
from core.idempotency import once
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from datasets.models import Preparation
from jobs import cost, importance, leaderboard, parents, training, tuning, tuning_charts
from jobs.catalogue import ALGORITHMS
from jobs.columns import TUNING_COLUMNS
from jobs.forms import TuningForm
from jobs.forms.tuning import initial_of_tuning
from jobs.models import TuningJob
from jobs.prices import Book
from jobs.tasks import halt_tuning_job, submit_tuning_job
from jobs.views.preflight import panel

SHOWN = 100
ENDED = ("Completed", "Stopped", "NonRetryableError")  # AWS's counters of trials
AHEAD = 10  # the best ones, beside each other


def _rows() -> QuerySet[TuningJob]:
    near = ("workspace", "preparation__dataset", "experiment", "created_by")
    return TuningJob.objects.select_related(*near)


@require_GET
def tuning_list(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    near = ("workspace", "preparation__dataset", "created_by")
    rows = TuningJob.objects.present().of(who.workspace).select_related(*near)
    rows = rows.annotate(billed=Sum("trials__billable_seconds"))
    found = listing(rows, request.GET.dict(), TUNING_COLUMNS)
    book = Book(who.workspace.region)
    context = {
        "listing": found,
        "lines": [
            (row, sum(row.counts.get(end, 0) for end in ENDED), _cost(row, book))
            for row in found.rows
        ],
        "statuses": TuningJob.Status.values,
        "strategies": TuningJob.Strategy.values,
        "algorithms": ALGORITHMS.values(),
        "may_write": who.may(Role.MEMBER),
    }
    return page(request, "jobs/tuning_list.html", context)


def _cost(row: TuningJob, book: Book) -> cost.Cost:
    billed: int | None = getattr(row, "billed", None)  # the list's annotation
    return cost.of_tuning(row, book=book, billed=billed or 0)


@require_http_methods(["GET", "POST"])
def tuning_new(request: HttpRequest) -> HttpResponse:
    """`?preparation=` (and `?algorithm=`) or `?clone=` says what to tune on."""
    model, preparation = _asked(request)
    form = _form(request, preparation, model)
    checked, part = None, request.GET.get("part", "")
    if request.method == "POST" and part != "estimate" and (form.is_valid() or part):
        checked = panel(request, form, form.plan, preparation.workspace)
        row = None if part or checked.stops else _launched(actor_of(request), form)
        if row is not None:
            return redirect("jobs:tuning", row.uid)
    context = {
        "form": form,
        "price": form.price,
        "preflight": checked,
        "entry": form.entry,
        "preparation": preparation,
        "cloned": model,
        "place": f"preparation={preparation.uid}&algorithm={form.entry.name}",
        "check": reverse("jobs:tuning_check"),
    }
    status = 422 if request.method == "POST" and not part else 200
    return page(request, "jobs/tuning_new.html", context, status=status)


@require_POST
def tuning_check(request: HttpRequest) -> HttpResponse:
    """What the form's fields are to be told now that `field` was changed."""
    model, preparation = _asked(request)
    form = _form(request, preparation, model)
    name = request.GET.get("field", "")
    if name not in form.fields:
        raise UserError("There is no such field.")
    return page(request, "jobs/_check.html", {"told": form.told(name)})


def _asked(request: HttpRequest) -> tuple[TuningJob | None, Preparation]:
    if uid := request.GET.get("clone", ""):
        row = page_object(request, _rows(), uid, role=Role.MEMBER)
        if row.preparation is None:
            raise UserError("This tuning job was not launched here, so its data are not known.")
        return row, row.preparation
    rows = Preparation.objects.select_related("workspace", "dataset")
    uid = request.GET.get("preparation", "")
    return None, page_object(request, rows, uid, role=Role.MEMBER)


def _form(request: HttpRequest, preparation: Preparation, model: TuningJob | None) -> TuningForm:
    chosen = request.GET.get("algorithm") or (model.algorithm if model else preparation.algorithm)
    entry = training.known_algorithm(chosen)
    initial = {"idempotency_key": uuid.uuid4().hex} | (initial_of_tuning(model) if model else {})
    data = request.POST if request.method == "POST" else None
    return TuningForm(data, entry=entry, preparation=preparation, initial=initial)


def _launched(who: Actor, form: TuningForm) -> TuningJob | None:
    """The tuning job, new or of an earlier click; None with the errors on the form."""
    try:
        row, _ = once(
            who,
            form.cleaned_data["idempotency_key"],
            TuningJob,
            lambda: tuning.request(
                who, preparation=form.preparation, algorithm=form.entry.name, **form.wish
            ),
        )
    except UserError as error:
        found = error.errors if isinstance(error, InvalidFields) else {"": [error.message]}
        for name, texts in found.items():
            form.add_error(name if name in form.fields else None, texts)
        return None
    nudge(submit_tuning_job, row.pk)
    return row


@require_GET
def tuning_detail(request: HttpRequest, uid: str) -> HttpResponse:
    row = page_object(request, _rows(), uid)
    board = leaderboard.of(row)
    best = tuning.best(row)
    context = {
        "tuning": row,
        "entry": ALGORITHMS.get(row.algorithm),
        "names": [one["name"] for one in row.ranges],
        "board": board[:SHOWN],
        "hidden": max(0, len(board) - SHOWN),
        "trials": len(board),
        "done": sum(trial.job.is_finished for trial in board),
        "best": best,
        "sureness": importance.sureness(len(leaderboard.finished(board)), len(row.ranges)),
        "ahead": ",".join(one.job.uid for one in board[:AHEAD]),
        "cost": cost.of_tuning(row),
        "parents": parents.of(row),
        "may_write": actor_of(request).may(Role.MEMBER),
    }
    return page(request, "jobs/tuning_detail.html", context)


@require_GET
def tuning_figure(request: HttpRequest, uid: str, figure: str) -> JsonResponse:
    """`progress`, `importance`, `parallel`, or `slice-<hyperparameter>`."""
    row = page_object(request, _rows(), uid)
    board = leaderboard.of(row)
    maximize = row.direction == "maximize"
    if figure == "progress":
        trials = leaderboard.best_so_far(board, maximize=maximize)
        pages = {one.number: _page_of(one) for one in board}
        links = [pages[number] for number, _, _ in trials]
        return JsonResponse(tuning_charts.progress(trials, row.objective, links))
    if figure == "importance":
        return JsonResponse(tuning_charts.importance(leaderboard.importances(row, board)))
    if figure == "parallel":
        names = [one["name"] for one in row.ranges]
        valued = [(one.varied, one.value) for one in board if one.value is not None]
        drawn = tuning_charts.parallel(names, valued, row.objective, maximize=maximize)
        return JsonResponse(drawn)
    return JsonResponse(_slice(row, figure.removeprefix("slice-"), board))


def _slice(row: TuningJob, name: str, board: list[leaderboard.Entry]) -> dict[str, Any]:
    found = next((one for one in row.ranges if one["name"] == name), None)
    if found is None:
        raise Http404
    shown = [one for one in board if one.value is not None]
    return tuning_charts.slice_of(
        name,
        [(one.varied[name], one.value) for one in shown if one.value is not None],
        row.objective,
        log=found["scaling"] == "Logarithmic",
        links=[_page_of(one) for one in shown],
    )


def _page_of(trial: leaderboard.Entry) -> str:
    return reverse("jobs:detail", args=[trial.job.uid])


@require_POST
def tuning_stop(request: HttpRequest, uid: str) -> HttpResponse:
    row = page_object(request, _rows(), uid, role=Role.MEMBER)
    tuning.stop(actor_of(request), row, now=timezone.now())
    if row.is_finished:
        messages.info(request, f"{row.name} was stopped before anything was sent to AWS.")
    else:
        nudge(halt_tuning_job, row.pk)
        messages.info(request, f"{row.name} and its trials were asked to stop.")
    return redirect("jobs:tuning", row.uid)
