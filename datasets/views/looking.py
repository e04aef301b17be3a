"""What do I have, is it fit? The list, a dataset's page, and its end."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import StillInUse
from core.http import actor_of, page, page_object
from core.listing import listing
from core.models import Owned, Role
from core.nudge import nudge
from datasets import delete, recipe, upload, versions
from datasets.forms import DATASET_COLUMNS
from datasets.models import Dataset, Preparation
from datasets.samples import SAMPLES
from datasets.tables.balance import Bar, balance, bars
from datasets.tasks import delete_objects

SHOWN_COLUMNS = 100


@dataclass(frozen=True)
class Shown:
    """A column with its shape at a glance."""

    facts: dict[str, Any]
    bars: list[Bar]


@require_GET
def dataset_list(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    rows = Dataset.objects.present().of(who.workspace).listed()
    rows = versions.counted(versions.narrowed(rows, request.GET.dict()))
    context = {
        "listing": listing(rows, request.GET.dict(), DATASET_COLUMNS),
        "statuses": Dataset.Status.values,
        "samples": SAMPLES,
        "may_write": who.may(Role.MEMBER),
    }
    return page(request, "datasets/list.html", context)


@require_GET
def dataset_detail(request: HttpRequest, uid: str) -> HttpResponse:
    """`?column=` chooses the column whose balance is shown, `?columns=all` shows every column."""
    dataset = page_object(request, Dataset.objects.select_related("created_by"), uid)
    every = request.GET.get("columns") == "all"
    shown = dataset.columns if every else dataset.columns[:SHOWN_COLUMNS]
    few = {c["name"]: counts for c in dataset.columns if (counts := recipe.class_counts(c))}
    chosen = request.GET.get("column") or recipe.likely_target(dataset.columns)
    context = {
        "dataset": dataset,
        "same": upload.same_file(dataset),
        "columns": [Shown(column, bars(column)) for column in shown],
        "hidden_columns": len(dataset.columns) - len(shown),
        "with_classes": list(few),
        "chosen": chosen,
        "balance": balance(few.get(chosen, {})),
        "preparations": _preparations(dataset),
        "may_write": actor_of(request).may(Role.MEMBER),
    }
    return page(request, "datasets/detail.html", context)


def _preparations(dataset: Dataset) -> list[tuple[Preparation, list[Owned]]]:
    """The dataset's preparations with the jobs that were trained on them."""
    rows = Preparation.objects.present().filter(dataset=dataset).listed()
    rows = rows.prefetch_related("jobs")
    return [(row, [job for job in row.jobs.all() if job.deleted_at is None]) for row in rows]


@require_http_methods(["GET", "POST"])
def dataset_delete(request: HttpRequest, uid: str) -> HttpResponse:
    dataset = page_object(request, Dataset.objects.all(), uid, role=Role.MEMBER)
    blocking = delete.dependents(dataset)
    if request.method == "POST":
        try:
            delete.request(actor_of(request), dataset, now=timezone.now())
        except StillInUse as problem:
            context = {"dataset": dataset, "blocking": blocking, "error": problem}
            return page(request, "datasets/delete.html", context, status=problem.status)
        nudge(delete_objects, dataset.pk)
        messages.success(request, f"{dataset.name} is deleted.")
        return redirect("datasets:list")
    return page(request, "datasets/delete.html", {"dataset": dataset, "blocking": blocking})
