"""From a preparation to a launched job: choose, fill in, be told what is wrong, launch."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from core.access import Actor
from core.errors import InvalidFields, UserError
from core.http import actor_of, page, page_object
from core.idempotency import once
from core.models import Role
from core.nudge import nudge
from datasets.models import Preparation
from jobs import training
from jobs.catalogue import ALGORITHMS
from jobs.forms import NewJobForm, initial_of, wish_of
from jobs.models import TrainingJob
from jobs.tasks import submit_training_job

OFFERED = 50


@require_http_methods(["GET", "POST"])
def job_new(request: HttpRequest) -> HttpResponse:
    """`?preparation=` (and `?algorithm=`) or `?clone=` says what to train on; else it is chosen."""
    who = actor_of(request)
    model = _model(request)
    preparation = model.preparation if model else _preparation(request)
    if preparation is None:
        who.need(Role.MEMBER)
        return page(request, "jobs/choose.html", _choices(who))
    form = _form(request, preparation, initial=initial_of(model) if model else {})
    if request.method == "POST" and form.is_valid():
        job = _launched(actor_of(request), form)
        if job is not None:
            return redirect("jobs:detail", job.uid)
    status = 422 if form.errors else 200
    return page(request, "jobs/new.html", _context(form, cloned=model), status=status)


@require_POST
def job_check(request: HttpRequest) -> HttpResponse:
    """One field of the form as it is typed, with what is wrong with it; or the price."""
    preparation = _preparation(request)
    if preparation is None:
        raise UserError("Choose a preparation first.")
    form = _form(request, preparation)
    if request.GET.get("part") == "estimate":
        return page(request, "jobs/new.html", _context(form))
    name = request.GET.get("field", "")
    if name not in form.fields:
        raise UserError("There is no such field.")
    return page(request, "jobs/_field.html", {"field": form[name]} | _context(form))


def _rows() -> QuerySet[Preparation]:
    return Preparation.objects.select_related("workspace", "dataset")


def _preparation(request: HttpRequest) -> Preparation | None:
    uid = request.GET.get("preparation", "")
    return page_object(request, _rows(), uid, role=Role.MEMBER) if uid else None


def _model(request: HttpRequest) -> TrainingJob | None:
    """The job to make a copy of; one without a preparation cannot be copied."""
    uid = request.GET.get("clone", "")
    if not uid:
        return None
    rows = TrainingJob.objects.select_related("preparation__dataset", "experiment")
    job = page_object(request, rows, uid, role=Role.MEMBER)
    if job.preparation is None:
        raise UserError(
            "This job was not launched here, so its data are not known.",
            "Prepare a dataset and launch a new job.",
        )
    return job


def _choices(who: Actor) -> dict[str, Any]:
    ready = _rows().filter(
        workspace=who.workspace,
        status=Preparation.Status.READY,
        deleted_at=None,
        dataset__deleted_at=None,
    )
    return {"preparations": ready.order_by("-created_at")[:OFFERED], "algorithms": ALGORITHMS}


def _form(
    request: HttpRequest, preparation: Preparation, initial: dict[str, Any] | None = None
) -> NewJobForm:
    entry = training.known_algorithm(request.GET.get("algorithm") or preparation.algorithm)
    fresh = {"idempotency_key": uuid.uuid4().hex} | (initial or {})
    data = request.POST if request.method == "POST" else None
    return NewJobForm(data, entry=entry, preparation=preparation, initial=fresh)


def _launched(who: Actor, form: NewJobForm) -> TrainingJob | None:
    """The job, new or of an earlier click; None with the errors on the form."""
    wish = wish_of(form)
    try:
        job, _ = once(
            who,
            form.cleaned_data["idempotency_key"],
            TrainingJob,
            lambda: training.request(
                who, preparation=form.preparation, algorithm=form.entry.name, **wish
            ),
        )
    except UserError as error:
        found = error.errors if isinstance(error, InvalidFields) else {"": [error.message]}
        for name, messages in found.items():
            form.add_error(name if name in form.fields else None, messages)
        return None
    nudge(submit_training_job, job.pk)
    return job


def _context(form: NewJobForm, **more: Any) -> dict[str, Any]:
    return {
        "form": form,
        "entry": form.entry,
        "preparation": form.preparation,
        "place": f"preparation={form.preparation.uid}&algorithm={form.entry.name}",
    } | more
