"""Batch predictions: the list, a new one, how far it is, and what it predicted."""

import logging
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from aws.errors import AwsError
from core import lineage
from core.errors import UserError
from core.http import actor_of, csv_download, download, page, page_object
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from endpoints import batch, batch_output, batch_run, batch_upload
from endpoints.columns import BATCH_COLUMNS
from endpoints.models import BatchPrediction
from endpoints.models.asking import BatchQuerySet
from endpoints.tasks import run_batch

log = logging.getLogger(__name__)


def batches() -> BatchQuerySet:
    return BatchPrediction.objects.present().listed()


@require_GET
def batch_list(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    rows = batches().of(who.workspace).filter(is_listed=True)
    for kind in ("endpoint", "model"):
        if wanted := request.GET.get(kind):
            rows = rows.filter(**{f"{kind}__uid": wanted})
    context = {
        "listing": listing(rows, request.GET.dict(), BATCH_COLUMNS),
        "statuses": BatchPrediction.Status.values,
        "ways": BatchPrediction.Way.choices,
        "may_write": who.may(Role.MEMBER),
    }
    return page(request, "endpoints/batches.html", context)


@require_GET
def batch_detail(request: HttpRequest, uid: str) -> HttpResponse:
    found = page_object(request, batches(), uid)
    now = timezone.now()
    context: dict[str, Any] = {
        "batch": found,
        "pace": batch_output.Pace.of(found, now),
        "cost": batch_output.cost(found, now),
        "rate": batch_output.rate(found) if found.instance_type else None,
        "may_write": actor_of(request).may(Role.MEMBER),
    }
    if request.GET.get("part") == "first" or "first" in request.GET:
        context |= _first(found)
    if request.GET.get("part", "lineage") == "lineage":
        context["lineage"] = lineage.walk(found)
    return page(request, "endpoints/batch.html", context)


def _first(found: BatchPrediction) -> dict[str, Any]:
    """What its first predictions are, read off S3: the page stands without them."""
    try:
        header, rows = batch_output.first(found)
    except AwsError as error:
        log.warning("no first rows of batch %s: %s", found.uid, error.message)
        return {"is_read": True, "unreadable": True}
    return {"is_read": True, "header": header, "rows": rows}


@require_GET
def batch_csv(request: HttpRequest, uid: str) -> StreamingHttpResponse:
    found = page_object(request, batches(), uid)
    return csv_download(request, batch_output.as_csv(found), f"{_file_name(found)}.csv")


@require_GET
def batch_parquet(request: HttpRequest, uid: str) -> StreamingHttpResponse:
    found = page_object(request, batches(), uid)
    chunks = batch_output.as_parquet(found)
    return download(request, chunks, f"{_file_name(found)}.parquet", batch_run.PARQUET)


def _file_name(found: BatchPrediction) -> str:
    return f"{slugify(found.name)[:60] or 'predictions'}-{found.uid}"


@require_POST
def batch_stop(request: HttpRequest, uid: str) -> HttpResponse:
    found = page_object(request, batches(), uid, role=Role.MEMBER)
    batch.stop(actor_of(request), found)
    nudge(run_batch, found.pk)
    return redirect("endpoints:batch", found.uid)


@require_http_methods(["GET", "POST"])
def batch_delete(request: HttpRequest, uid: str) -> HttpResponse:
    found = page_object(request, batches(), uid, role=Role.MEMBER)
    error = None
    if request.method == "POST":
        try:
            batch_upload.delete(actor_of(request), found)
        except UserError as problem:
            error = problem
        else:
            messages.info(request, f"The batch {found.name} is deleted.")
            return redirect("endpoints:batches")
    context = {"batch": found, "error": error}
    status = error.status if error else 200
    return page(request, "endpoints/batch_delete.html", context, status=status)
