"""What do I have, is it fit? The list, a dataset's page, and its end."""

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
from datasets import delete, upload, versions
from datasets.forms import DATASET_COLUMNS, ShapeForm
from datasets.models import Dataset, Preparation
from datasets.samples import SAMPLES
from datasets.tasks import delete_objects
from datasets.views.look import Look

LISTED_PREPARATIONS = 20


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
    """`?column=` is the column to predict, `?about=` the one shown in detail.

    `?q=`, `?sort=` and `?page=` are about the table of columns, `?classes=` pages the pictures.
    """
    dataset = page_object(request, Dataset.objects.select_related("created_by"), uid)
    return render_dataset(request, dataset)


def render_dataset(
    request: HttpRequest, dataset: Dataset, shape_form: ShapeForm | None = None
) -> HttpResponse:
    look = Look(dataset, request.GET.dict())
    context = {
        "dataset": dataset,
        "look": look,
        "here": look.here,
        "same": upload.same_file(dataset),
        "shape_form": shape_form or ShapeForm.of(look.shape),
        "preparations": _preparations(dataset),
        "may_write": actor_of(request).may(Role.MEMBER),
    }
    status = 422 if shape_form and shape_form.errors else 200
    return page(request, "datasets/detail.html", context, status=status)


def _preparations(dataset: Dataset) -> list[tuple[Preparation, list[Owned]]]:
    """The dataset's newest preparations with the jobs that were trained on them."""
    rows = Preparation.objects.present().filter(dataset=dataset).listed()
    rows = rows.prefetch_related("jobs")[:LISTED_PREPARATIONS]
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
