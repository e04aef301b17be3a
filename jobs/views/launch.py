"""From a preparation to a launched job: choose, fill in, be told what is wrong, launch."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from core import access
from core.access import Actor
from core.digests import digest
from core.errors import InvalidFields, UserError
from core.http import actor_of, page, page_object
from core.idempotency import once
from core.models import Role
from core.nudge import nudge
from datasets.models import Preparation, PreparationQuerySet
from jobs import training
from jobs.catalogue import ALGORITHMS
from jobs.forms import NewJobForm, initial_of, wish_of
from jobs.models import TrainingJob
from jobs.tasks import submit_training_job
from jobs.views.preflight import panel

OFFERED = 50
GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg"
# What may be launched beside the catalogue's algorithms, as `jobs:script_new` takes `kind`.
OWN = [
    {
        "name": "scikit-learn",
        "title": "scikit-learn",
        "summary": "Your Python script with scikit-learn, pandas and NumPy: any model they have.",
        "docs": f"{GUIDE}/sklearn.html",
    },
    {
        "name": "pytorch",
        "title": "PyTorch",
        "summary": "Your Python script with PyTorch: neural networks of your own, also on GPUs.",
        "docs": f"{GUIDE}/pytorch.html",
    },
    {
        "name": "tensorflow",
        "title": "TensorFlow",
        "summary": "Your Python script with TensorFlow and Keras.",
        "docs": f"{GUIDE}/tf.html",
    },
    {
        "name": "image",
        "title": "Any container image",
        "summary": "An image in ECR that reads /opt/ml/input and writes /opt/ml/model.",
        "docs": f"{GUIDE}/your-algorithms-training-algo.html",
    },
]


@require_http_methods(["GET", "POST"])
def job_new(request: HttpRequest) -> HttpResponse:
    """`?preparation=`, `?clone=` or both say what to train on; `?algorithm=` alone leaves it open.

    Without any of them the algorithm is chosen first.
    """
    who = actor_of(request)
    preparation, original = _asked(request)
    if request.method == "GET" and preparation and (answer := _awaited(request, preparation)):
        return answer
    if original and original.algorithm not in ALGORITHMS:
        kept = {name: request.GET[name] for name in ("clone", "preparation") if name in request.GET}
        return redirect(f"{reverse('jobs:script_new')}?{urlencode(kept)}")
    if preparation is None:
        who.need(Role.MEMBER)
        return _choose(request, who)
    form = _form(request, preparation, original)
    context = _context(form)
    if request.method == "POST" and form.is_valid():
        context["preflight"] = checked = panel(request, form, form.plan, preparation.workspace)
        job = None if checked.stops else _launched(actor_of(request), form)
        if job is not None:
            return redirect("jobs:detail", job.uid)
    status = 422 if request.method == "POST" else 200
    return page(request, "jobs/new.html", context, status=status)


@require_POST
def job_check(request: HttpRequest) -> HttpResponse:
    """What the form's fields are to be told now that `field` was changed; or the price."""
    preparation, original = _asked(request)
    if preparation is None:
        raise UserError("Choose a preparation first.")
    form = _form(request, preparation, original)
    if request.GET.get("part") == "estimate":
        return page(request, "jobs/new.html", _context(form))
    if request.GET.get("part") == "preflight":
        form.is_valid()
        checked = panel(request, form, form.plan, preparation.workspace)
        return page(request, "jobs/new.html", _context(form) | {"preflight": checked})
    name = request.GET.get("field", "")
    if name not in form.fields:
        raise UserError("There is no such field.")
    return page(request, "jobs/_check.html", {"told": _told(form, name)} | _context(form))


def _told(form: NewJobForm, changed: str) -> list[BoundField]:
    """All but the required ones to which nobody has come yet."""
    return [
        field
        for field in form.visible_fields()
        if field.name == changed or field.value() or not field.field.required
    ]


def _rows() -> PreparationQuerySet:
    return Preparation.objects.select_related("workspace", "dataset")


def _asked(request: HttpRequest) -> tuple[Preparation | None, TrainingJob | None]:
    """The data, and the job to make a copy of: they may lie in different workspaces."""
    original = _original(request)
    if uid := request.GET.get("preparation", ""):
        return page_object(request, _rows(), uid, role=Role.MEMBER), original
    if original is None:
        return None, None
    if original.algorithm not in ALGORITHMS:
        return None, original
    if original.preparation is None:
        raise UserError(
            "This job was not launched here, so its data are not known.",
            "Prepare a dataset and launch a new job.",
        )
    return page_object(request, _rows(), original.preparation.uid, role=Role.MEMBER), original


def _original(request: HttpRequest) -> TrainingJob | None:
    uid = request.GET.get("clone", "")
    rows = TrainingJob.objects.select_related("preparation__dataset", "experiment")
    return access.fetch(rows, actor_of(request), uid) if uid else None


def _awaited(request: HttpRequest, preparation: Preparation) -> HttpResponse | None:
    """How far data are that come from elsewhere, or are prepared; None for those that are there."""
    if preparation.status == Preparation.Status.READY:
        # Who waited sees the form now.
        is_over = request.GET.get("part") == "waiting"
        return HttpResponse(headers={"HX-Refresh": "true"}) if is_over else None
    original = _original(request)
    place = _place(preparation, request.GET.get("algorithm", ""), original)
    context = {"preparation": preparation, "original": original, "place": place}
    return page(request, "jobs/waiting.html", context)


def _place(preparation: Preparation, algorithm: str, original: TrainingJob | None) -> str:
    """The form's query."""
    named = {"preparation": preparation.uid, "algorithm": algorithm}
    named["clone"] = original.uid if original else ""
    return urlencode({name: value for name, value in named.items() if value})


def _choose(request: HttpRequest, who: Actor) -> HttpResponse:
    """Cards of algorithms, or with `?algorithm=` the data, with why some do not fit."""
    name = request.GET.get("algorithm", "")
    if not name:
        return page(request, "jobs/choose.html", {"algorithms": ALGORITHMS.values(), "kinds": OWN})
    entry = training.known_algorithm(name)
    ready = _rows().filter(
        workspace=who.workspace,
        status=Preparation.Status.READY,
        deleted_at=None,
        dataset__deleted_at=None,
    )
    offers = [(one, training.why_not(one, entry)) for one in ready.listed()[:OFFERED]]
    offers.sort(key=lambda offer: bool(offer[1]))
    return page(request, "jobs/choose_data.html", {"entry": entry, "offers": offers})


def _form(
    request: HttpRequest, preparation: Preparation, original: TrainingJob | None
) -> NewJobForm:
    wanted = request.GET.get("algorithm") or (original.algorithm if original else "")
    entry = training.known_algorithm(wanted or preparation.algorithm)
    initial = {"idempotency_key": uuid.uuid4().hex} | (initial_of(original) if original else {})
    data = request.POST if request.method == "POST" else None
    return NewJobForm(
        data, entry=entry, preparation=preparation, original=original, initial=initial
    )


def _launched(who: Actor, form: NewJobForm) -> TrainingJob | None:
    """The job, new or of an earlier click; None with the errors on the form.

    Going back and changing something makes another one, although the key is the same.
    """
    wish = wish_of(form) | {"cloned_from": form.original.uid if form.original else ""}
    try:
        job, _ = once(
            who,
            f"{form.cleaned_data['idempotency_key']}.{digest(repr(wish))}",
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


def _context(form: NewJobForm) -> dict[str, Any]:
    preparation = form.preparation
    return {
        "form": form,
        "entry": form.entry,
        "preparation": preparation,
        "original": form.original,
        "place": _place(preparation, form.entry.name, form.original),
        "price": form.price,
        "others": [
            offer for offer in training.offers(preparation) if offer.entry.name != form.entry.name
        ],
    }
