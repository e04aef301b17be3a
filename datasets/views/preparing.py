"""What will the algorithm get? The recipe's form, its preview, and a preparation's page."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from core import idempotency
from core.errors import Conflict, StillInUse, UserError
from core.http import actor_of, page, page_object
from core.models import Role
from core.nudge import nudge
from datasets import delete, prepare, recipe
from datasets.forms import PrepareForm
from datasets.models import Dataset, Preparation
from datasets.tasks import delete_channels, prepare_channels

SHOWN_CLASSES = 30


@require_http_methods(["GET", "POST"])
def dataset_prepare(request: HttpRequest, uid: str) -> HttpResponse:
    """GET with the form's fields shows what they would give, nothing is stored."""
    dataset = page_object(request, Dataset.objects.all(), uid, role=Role.MEMBER)
    if dataset.status != Dataset.Status.READY:
        raise Conflict(f"The dataset is {dataset.status}; only a Ready one can be prepared.")
    given = request.POST or ("target" in request.GET and request.GET) or _defaults(dataset)
    form = PrepareForm(given, dataset=dataset)
    if form.is_valid() and request.method == "POST":
        try:
            return redirect("datasets:preparation", _requested(request, dataset, form).uid)
        except UserError as problem:
            form.add_error(None, problem.message)
    context = {"dataset": dataset, "form": form, **_preview(dataset, form)}
    status = 422 if request.method == "POST" else 200
    return page(request, "datasets/prepare.html", context, status=status)


def _defaults(dataset: Dataset) -> dict[str, Any]:
    initial = {name: field.initial for name, field in PrepareForm.base_fields.items()}
    target, key = recipe.likely_target(dataset.columns), uuid.uuid4().hex
    algorithm = recipe.ALGORITHMS[0]
    return initial | {"target": target, "algorithm": algorithm, "idempotency_key": key}


def _requested(request: HttpRequest, dataset: Dataset, form: PrepareForm) -> Preparation:
    who = actor_of(request)
    row, _ = idempotency.once(
        who,
        form.cleaned_data["idempotency_key"],
        Preparation,
        lambda: prepare.request(who, dataset, **form.wish),
        content=f"{dataset.uid}\n{sorted(form.wish.items())}",
    )
    nudge(prepare_channels, row.pk)
    return row


def _preview(dataset: Dataset, form: PrepareForm) -> dict[str, Any]:
    if form.recipe is None:
        return {}
    column = next(c for c in dataset.columns if c["name"] == form.cleaned_data["target"])
    plan = recipe.plan(
        form.recipe, column, dataset.rows or 0, stratify=form.cleaned_data["stratify"]
    )
    classes = list(plan.classes.items())
    return {
        "recipe": form.recipe,
        "plan": plan,
        "classes": classes[:SHOWN_CLASSES],
        "hidden_classes": max(0, len(classes) - SHOWN_CLASSES),
    }


def _preparations() -> "QuerySet[Preparation]":
    return Preparation.objects.select_related("dataset", "created_by")


@require_GET
def preparation_detail(request: HttpRequest, uid: str) -> HttpResponse:
    preparation = page_object(request, _preparations(), uid)
    jobs = [job for job in preparation.jobs.all() if job.deleted_at is None]
    context = {
        "preparation": preparation,
        "dataset": preparation.dataset,
        "jobs": jobs,
        "label_rows": _label_rows(preparation),
        "may_write": actor_of(request).may(Role.MEMBER),
    }
    return page(request, "datasets/preparation.html", context)


def _label_rows(preparation: Preparation) -> list[tuple[int, str, list[int]]]:
    """Code, name, and its rows in each channel."""
    counts = [channel["counts"] for channel in preparation.channels.values()]
    return [
        (code, name, [of_split.get(name, 0) for of_split in counts])
        for code, name in enumerate(preparation.labels)
    ]


@require_http_methods(["GET", "POST"])
def preparation_delete(request: HttpRequest, uid: str) -> HttpResponse:
    preparation = page_object(request, _preparations(), uid, role=Role.MEMBER)
    context = {"preparation": preparation, "blocking": delete.dependents(preparation)}
    if request.method == "POST":
        try:
            delete.request(actor_of(request), preparation, now=timezone.now())
        except StillInUse as problem:
            context["error"] = problem
            template = "datasets/preparation_delete.html"
            return page(request, template, context, status=problem.status)
        nudge(delete_channels, preparation.pk)
        messages.success(request, f"The preparation of {preparation.dataset.name} is deleted.")
        return redirect("datasets:detail", preparation.dataset.uid)
    return page(request, "datasets/preparation_delete.html", context)
