"""What the algorithm got: a preparation's page, its recipe once more, and its end."""

import json
import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from core import idempotency
from core.errors import InvalidFields, StillInUse, UserError
from core.http import actor_of, page, page_object
from core.models import Role
from core.nudge import nudge
from datasets import delete, elsewhere, prepare, recipe, repeat
from datasets.formats.sniff import BadTable
from datasets.models import Dataset, Preparation
from datasets.recipe.words import sentences
from datasets.tasks import delete_channels, prepare_channels

SHOWN_LABELS = 100
SHOWN_REPETITIONS = 10
OFFERED = 200


def _preparations() -> "QuerySet[Preparation]":
    return Preparation.objects.select_related(
        "dataset", "created_by", "validation_dataset", "test_dataset"
    )


@require_GET
def preparation_detail(request: HttpRequest, uid: str) -> HttpResponse:
    preparation = page_object(request, _preparations(), uid)
    rows = _label_rows(preparation)
    context = {
        "preparation": preparation,
        "dataset": preparation.dataset,
        "jobs": [job for job in preparation.jobs.all() if job.deleted_at is None],
        "label_rows": rows[:SHOWN_LABELS],
        "hidden_labels": max(0, len(rows) - SHOWN_LABELS),
        "sentences": told(preparation) + _notes(preparation),
        "is_stratified": _is_stratified(preparation),
        "dropped": {why: n for why, n in preparation.encoding.get("dropped", {}).items() if n},
        "recipe_json": json.dumps(as_json(preparation), indent=2, ensure_ascii=False),
        "algorithm": recipe.ALGORITHMS.get(preparation.algorithm),
        "copied": elsewhere.original_of(preparation),
        "repeated": _related(preparation).filter(uid=preparation.repeats or None).first(),
        "repetitions": _related(preparation).filter(repeats=preparation.uid)[:SHOWN_REPETITIONS],
        "may_write": actor_of(request).may(Role.MEMBER),
    }
    return page(request, "datasets/preparation.html", context)


def told(preparation: Preparation) -> list[str]:
    """The recipe in words."""
    files = {"validation": preparation.validation_dataset, "test": preparation.test_dataset}
    return sentences(
        recipe.parse(preparation.recipe),
        algorithm=preparation.algorithm,
        target=preparation.target,
        task=preparation.task,
        shares=(preparation.train, preparation.validation, preparation.test),
        seed=preparation.seed,
        stratify=_is_stratified(preparation),
        files={split: other.name for split, other in files.items() if other},
    )


def _notes(preparation: Preparation) -> list[str]:
    """What the recipe does besides, as long as it still fits its dataset."""
    every = preparation.encoding.get("fitted_on", 1)
    thinned = [f"Medians and the like come from every {every}th training row."] * (every > 1)
    try:
        return prepare.recipe_of(preparation).notes + thinned
    except (BadTable, UserError):
        return thinned


def _is_stratified(preparation: Preparation) -> bool:
    divided = preparation.recipe.get("split", {}).get("by", "random")
    return preparation.stratify and bool(preparation.labels) and divided in ("random", "files")


def as_json(preparation: Preparation) -> dict[str, Any]:
    """The recipe as POST /datasets/{uid}/preparations takes it."""
    fields = ("target", "algorithm", "train", "validation", "test", "seed", "stratify", "recipe")
    files = {
        "validation_dataset": preparation.validation_dataset,
        "test_dataset": preparation.test_dataset,
    }
    return {name: getattr(preparation, name) for name in fields} | {
        name: other.uid for name, other in files.items() if other
    }


def _related(preparation: Preparation) -> "QuerySet[Preparation]":
    """Where the preparation whose recipe this one repeats is found, and those that repeat this."""
    return Preparation.objects.present().of(preparation.workspace).listed()


def _label_rows(preparation: Preparation) -> list[tuple[int, str, list[int]]]:
    """Code, name, and its rows in each channel."""
    counts = [channel["counts"] for channel in preparation.channels.values()]
    return [
        (code, name, [of_split.get(name, 0) for of_split in counts])
        for code, name in enumerate(preparation.labels)
    ]


@require_http_methods(["GET", "POST"])
def preparation_repeat(request: HttpRequest, uid: str) -> HttpResponse:
    """GET says whether the recipe fits `dataset`, or another version; POST prepares it."""
    preparation = page_object(request, _preparations(), uid, role=Role.MEMBER)
    given = request.POST if request.method == "POST" else request.GET
    others = _others(preparation)
    newest = others[0].uid if others and _is_version(others[0], preparation.dataset) else None
    wanted = given.get("dataset", newest)
    chosen = next((other for other in others if other.uid == wanted), None)
    context: dict[str, Any] = {"preparation": preparation, "others": others, "chosen": chosen}
    try:
        if chosen and request.method == "POST":
            return redirect("datasets:preparation", _repeat(request, preparation, chosen).uid)
        if chosen:
            context["found"] = repeat.check(preparation, chosen)[0]
        elif wanted is not None:
            context["problems"] = ["Choose the dataset."]
    except InvalidFields as problem:
        context["problems"] = [text for texts in problem.errors.values() for text in texts]
    except UserError as problem:
        context["problems"] = [problem.message]
    context |= {"sentences": told(preparation), "idempotency_key": uuid.uuid4().hex}
    status = 422 if request.method == "POST" else 200
    return page(request, "datasets/repeat.html", context, status=status)


def _others(preparation: Preparation) -> list[Dataset]:
    """Ready datasets of the workspace: other versions of the same first, then the newest."""
    own = preparation.dataset
    rows = Dataset.objects.present().of(preparation.workspace).exclude(pk=own.pk).listed()
    ready = rows.filter(status=Dataset.Status.READY)[:OFFERED]
    return sorted(ready, key=lambda row: -row.version if _is_version(row, own) else 0)


def _is_version(row: Dataset, own: Dataset) -> bool:
    return bool(row.family) and row.family == own.family


def _repeat(request: HttpRequest, preparation: Preparation, dataset: Dataset) -> Preparation:
    who = actor_of(request)
    row, _ = idempotency.once(
        who,
        request.POST.get("idempotency_key", ""),
        Preparation,
        lambda: repeat.request(who, preparation, dataset),
        content=f"{preparation.uid}\n{dataset.uid}",
    )
    nudge(prepare_channels, row.pk)
    return row


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
