from typing import Any

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.http import actor_of, csv_download, page, page_object
from core.listing import Columns, listing
from core.models import Role
from datasets.models import DatasetQuerySet
from results import charts, export
from results.matrix import VIEWS
from results.models import Evaluation
from results.report import LARGE, report
from results.views.share_panel import panel

COLUMNS = Columns(
    search=("name", "endpoint__name"),
    sorts={"created": "created_at", "name": "name", "status": "status", "rows": "rows"},
)
SPLITS = ("test", "validation", "train")


@require_GET
def result_list(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    rows = Evaluation.objects.present().of(who.workspace)
    rows = rows.select_related("endpoint", "preparation__dataset").defer("confusion")
    rows = rows.defer(*(f"preparation__dataset__{name}" for name in DatasetQuerySet.HEAVY))
    context = {
        "listing": listing(rows, request.GET.dict(), COLUMNS),
        "statuses": Evaluation.Status.values,
    }
    return page(request, "results/list.html", context)


@require_GET
def result_detail(request: HttpRequest, uid: str) -> HttpResponse:
    evaluation = page_object(request, Evaluation.objects.with_lineage(), uid)
    return page(request, "results/detail.html", context_of(request, evaluation))


def context_of(request: HttpRequest, evaluation: Evaluation, **more: Any) -> dict[str, Any]:
    view = request.GET.get("view", "counts")
    is_done = evaluation.status == Evaluation.Status.COMPLETED
    context = {
        "evaluation": evaluation,
        "views": VIEWS,
        "eta": _eta(evaluation),
        # Also while it runs: the chart may come with the fragment that brings the result.
        "needs_charts": len(evaluation.preparation.labels) > LARGE,
        "may_share": actor_of(request).may(Role.MEMBER),
        **(panel(actor_of(request), evaluation) if is_done else {}),
    }
    if is_done:
        found = context["report"] = report(evaluation.result, view=view)
        if found.is_large:
            context["figure_url"] = reverse("results:matrix", args=[evaluation.uid])
    return context | more


def _eta(evaluation: Evaluation) -> float | None:
    """Seconds still to go at the speed so far; None before there is a speed."""
    if evaluation.status != Evaluation.Status.RUNNING or not evaluation.progress:
        return None
    elapsed = (timezone.now() - evaluation.status_at).total_seconds()
    return elapsed * (1 - evaluation.progress) / evaluation.progress


@require_GET
def matrix_figure(request: HttpRequest, uid: str) -> HttpResponse:
    evaluation = page_object(request, Evaluation.objects.all(), uid)
    return JsonResponse(charts.confusion_figure(evaluation.labels, evaluation.confusion))


@require_GET
def download_predictions(request: HttpRequest, uid: str) -> HttpResponseBase:
    evaluation = page_object(request, Evaluation.objects.all(), uid)
    chunks = export.predictions(evaluation)
    return csv_download(request, chunks, f"predictions-{evaluation.uid}.csv")
