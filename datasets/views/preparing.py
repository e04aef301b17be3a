"""What will the algorithm get? The recipe's form and its live preview."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from core import idempotency
from core.errors import Conflict, InvalidFields, UserError
from core.http import actor_of, page, page_object
from core.models import Role, Workspace
from core.nudge import nudge
from datasets import fitness, placing, prepare, recipe
from datasets.errors import TooLargeHere
from datasets.forms import PrepareForm, columns, wishes
from datasets.forms.choices import ABOUT
from datasets.models import Dataset, Preparation
from datasets.tasks import prepare_channels

SHOWN_CLASSES = 30
OFFERED_FILES = 200


@dataclass(frozen=True)
class Card:
    """An algorithm to choose."""

    name: str
    title: str
    summary: str
    formats: tuple[str, ...]
    chosen: bool


@require_http_methods(["GET", "POST"])
def dataset_prepare(request: HttpRequest, uid: str) -> HttpResponse:
    """GET with the form's fields shows what they would give, nothing is stored."""
    dataset = _dataset(request, uid)
    model = _model(request, dataset)
    shown = request.method == "GET" and "algorithm" in request.GET
    given = request.POST or (_reconsidered(dataset, request.GET) if shown else None)
    form = _form(dataset, given or _initial(dataset, model, request.GET.get("target", "")))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("datasets:preparation", _requested(request, dataset, form).uid)
        except InvalidFields as problem:
            form.refuse(problem)
        except UserError as problem:
            form.add_error(None, f"{problem.message} {problem.hint}".strip())
    refused = request.method == "POST"
    context = _context(dataset, form) | {"again": model, "refused": refused}
    return page(request, "datasets/prepare.html", context, status=422 if refused else 200)


@require_POST
def dataset_preview(request: HttpRequest, uid: str) -> HttpResponse:
    """The preview of what is chosen, with the errors for their fields. Nothing is stored."""
    dataset = _dataset(request, uid)
    given = _reconsidered(dataset, request.POST)
    changed = given is not request.POST
    context = _context(dataset, _form(dataset, given)) | {"columns_changed": changed}
    return page(request, "datasets/prepare.html", context)


def _dataset(request: HttpRequest, uid: str) -> Dataset:
    dataset = page_object(request, Dataset.objects.all(), uid, role=Role.MEMBER)
    if dataset.status != Dataset.Status.READY:
        raise Conflict(f"The dataset is {dataset.status}; only a Ready one can be prepared.")
    return dataset


def _model(request: HttpRequest, dataset: Dataset) -> Preparation | None:
    """The preparation to make a changed copy of, one of the same workspace."""
    uid = request.GET.get("again", "")
    rows = Preparation.objects.of(dataset.workspace)
    return page_object(request, rows, uid, role=Role.MEMBER) if uid else None


def _form(dataset: Dataset, given: Any) -> PrepareForm:
    rows = Dataset.objects.present().of(dataset.workspace).exclude(pk=dataset.pk).listed()
    ready = rows.filter(status=Dataset.Status.READY)
    return PrepareForm(given, dataset=dataset, files=ready[:OFFERED_FILES])


def _initial(dataset: Dataset, model: Preparation | None, target: str = "") -> dict[str, Any]:
    """What the form holds when it is opened: for `target`, else for the likely one."""
    values = {name: field.initial for name, field in PrepareForm.base_fields.items()}
    values = {name: "" if value is None else value for name, value in values.items()}
    values["idempotency_key"] = uuid.uuid4().hex
    if model:
        return values | wishes.initial_of(model)
    target = fitness.aim(dataset.columns, dataset.insights, target).target
    usual = {"target": target, "algorithm": next(iter(recipe.ALGORITHMS)), "columns_mode": "out"}
    ticks = {"columns": _suggested(dataset, target), "suggested_for": target}
    return values | {"missing": [], "categories": []} | usual | ticks


def _reconsidered(dataset: Dataset, given: QueryDict) -> QueryDict:
    """`given`, its ticks brought up to date when the target is another than they were made for."""
    before, target = given.get("suggested_for"), given.get("target", "")
    if before is None or before == target:
        return given
    old, new = _suggested(dataset, before), _suggested(dataset, target)
    ticked = [name for name in given.getlist("columns") if name not in old or name in new]
    if given.get("columns_mode") != "in":
        ticked += [name for name in new if name not in old and name not in ticked]
    changed = given.copy()
    changed.setlist("columns", ticked)
    changed["suggested_for"] = target
    return changed


def _suggested(dataset: Dataset, target: str) -> list[str]:
    return columns.suggested(dataset.columns, dataset.rows or 0, dataset.insights, target=target)


def _context(dataset: Dataset, form: PrepareForm) -> dict[str, Any]:
    target = form["target"].value() or ""
    ticked = set(form["columns"].value() or ())
    about = dataset.rows or 0, dataset.insights
    rows = columns.choices(dataset.columns, *about, target=target, ticked=ticked)
    return {
        "dataset": dataset,
        "form": form,
        "open": form.open,
        "cards": _cards(str(form["algorithm"].value())),
        "columns": rows,
        "suggested": [choice.name for choice in rows if choice.marks and choice.ticked],
        "suggested_for": form.data.get("suggested_for") or target,
        "with_gaps": [c["name"] for c in dataset.columns if c["missing"]],
        "with_words": [c["name"] for c in dataset.columns if c["dtype"] == "text"],
        **_preview(dataset, form),
    }


def _cards(chosen: str) -> list[Card]:
    return [
        Card(name, entry.title, ABOUT[name], entry.formats, name == chosen)
        for name, entry in recipe.ALGORITHMS.items()
    ]


def _preview(dataset: Dataset, form: PrepareForm) -> dict[str, Any]:
    if not form.is_valid():
        return {}
    foretold = prepare.preview(dataset, **form.wish)
    classes = list(foretold.plan.classes.items())
    return {
        "found": form.found,
        "foretold": foretold,
        "classes": classes[:SHOWN_CLASSES],
        "hidden_classes": max(0, len(classes) - SHOWN_CLASSES),
        "sentences": form.told,
        "place": _place(dataset, form.wish),
    }


def _place(dataset: Dataset, wish: dict[str, Any]) -> str:
    """Who will do the work, where it is not our worker, or why nobody may."""
    files = {name: wish[name] for name in ("validation_dataset", "test_dataset")}
    draft = Preparation(workspace=dataset.workspace, dataset=dataset, **files)
    try:
        is_job = bool(placing.job_of(draft))
    except TooLargeHere as problem:
        return f"{problem.message} {problem.hint}"
    billed = (
        "" if dataset.workspace.kind == Workspace.Kind.LOCAL else " Amazon bills it by the second."
    )
    job = (
        f"The data is above this workspace's limit: a SageMaker Processing job prepares it.{billed}"
    )
    return job if is_job else ""


def _requested(request: HttpRequest, dataset: Dataset, form: PrepareForm) -> Preparation:
    who = actor_of(request)
    row, _ = idempotency.once(
        who,
        form.cleaned_data["idempotency_key"],
        Preparation,
        lambda: prepare.request(who, dataset, **form.wish),
        content=f"{dataset.uid}\n{json.dumps(form.wish, sort_keys=True, default=str)}",
    )
    nudge(prepare_channels, row.pk)
    return row
