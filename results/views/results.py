from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core.errors import InvalidFields, UserError
from core.http import actor_of, csv_download, page, page_object
from core.listing import Columns, listing
from core.models import Role
from results import charts, choose, export
from results.matrix import ORDERS, VIEWS
from results.models import Evaluation
from results.report import Report, report
from results.table import ENDING
from results.threshold import Point, chosen
from results.views.progress import progress
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
    rows = rows.select_related("endpoint", "model", "batch").light()
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
    context: dict[str, Any] = {"evaluation": evaluation} | progress(request, evaluation)
    if evaluation.status == Evaluation.Status.COMPLETED:
        context |= panel(actor_of(request), evaluation)
        context |= _drawn(request, evaluation)
    return context | more


def _drawn(request: HttpRequest, evaluation: Evaluation) -> dict[str, Any]:
    """The result as the address asks for it, and what to ask for in its place."""
    view, order = request.GET.get("view", "counts"), request.GET.get("order", "name")
    wrong: dict[str, list[str]] = {}
    choice = choose.stored(evaluation)
    try:
        choice = choose.read(request.GET.dict(), choice)
    except InvalidFields as error:
        wrong = error.errors
    result = choice.of(evaluation.result)
    rows_url = f"{_place(evaluation)}/rows" if has_rows(evaluation) else ""
    asked = {name: request.GET[name] for name in choose.FIELDS if request.GET.get(name)}
    found = report(
        result, view=view, order=order, rows_url=rows_url, point=_counted(evaluation, result)
    )
    context: dict[str, Any] = {
        "is_live_page": True,
        "view": view if view in VIEWS else "counts",
        "order": order if order in ORDERS else "name",
        "views": VIEWS,
        "orders": ORDERS,
        "kept": f"&{urlencode(asked)}" if asked else "",
        "rows_url": rows_url,
        "report": found,
        "charts": charts.charts(result, rows_url=rows_url),
    }
    if found.point:
        context |= {
            "choice": choice,
            "is_kept": choice == choose.stored(evaluation),
            "wrong": wrong,
            "inputs": _inputs(found, choice) | {n: asked.get(n, "") for n in wrong},
        }
    return context


def _counted(evaluation: Evaluation, result: dict[str, Any]) -> Point | None:
    """What holds at a threshold between the stored ones, where the rows can be counted."""
    if result["task"] != "binary" or "curve" not in result["outcome"]:
        return None
    try:
        return choose.exactly(evaluation, chosen(result))
    except UserError:
        return None


def _inputs(found: Report, choice: choose.Choice) -> dict[str, str]:
    """Numbers as fields of a form hold them."""
    cheapest = found.costs.cheapest if found.costs else None
    numbers = {
        "threshold": found.point.threshold if found.point else None,
        "kept": choice.threshold,
        "cost_fp": choice.cost_fp,
        "cost_fn": choice.cost_fn,
        "cheapest": cheapest.threshold if cheapest else None,
    }
    told = {name: "" if value is None else repr(value) for name, value in numbers.items()}
    return {name: value.removesuffix(".0") for name, value in told.items()}


def _place(evaluation: Evaluation) -> str:
    return reverse("results:detail", args=[evaluation.uid])


def has_rows(evaluation: Evaluation) -> bool:
    """Whether its rows were kept in a way that they can be looked at."""
    return evaluation.predictions_key.endswith(ENDING)


@require_GET
def matrix_cells(request: HttpRequest, uid: str) -> HttpResponse:
    """The matrix for a script: cells with rows as a flat list of actual, predicted, count."""
    evaluation = page_object(request, Evaluation.objects.all(), uid)
    cells = [
        number
        for actual, row in enumerate(evaluation.confusion)
        for predicted, count in enumerate(row)
        if count
        for number in (actual, predicted, count)
    ]
    return JsonResponse({"labels": [str(label) for label in evaluation.labels], "cells": cells})


@require_GET
def curve(request: HttpRequest, uid: str) -> HttpResponse:
    """What the page needs to answer for any stored threshold by itself."""
    evaluation = page_object(request, Evaluation.objects.all(), uid)
    names = ("curve", "positives", "negatives")
    return JsonResponse({name: evaluation.outcome.get(name) for name in names})


@require_POST
def keep_threshold(request: HttpRequest, uid: str) -> HttpResponse:
    evaluation = page_object(request, Evaluation.objects.all(), uid, role=Role.MEMBER)
    try:
        wish = request.POST.dict()
        wish["threshold"] = wish.get("use", wish.get("threshold", ""))
        choice = choose.read(wish, choose.Choice())
    except InvalidFields:
        asked = {name: request.POST.get(name, "") for name in choose.FIELDS}
        return redirect(f"{_place(evaluation)}?{urlencode(asked)}#threshold")
    choose.keep(actor_of(request), evaluation, choice)
    messages.success(request, "Everybody sees the result at this threshold now.")
    return redirect(f"{_place(evaluation)}#threshold")


@require_GET
def download_predictions(request: HttpRequest, uid: str) -> HttpResponseBase:
    evaluation = page_object(request, Evaluation.objects.all(), uid)
    chunks = export.predictions(evaluation)
    return csv_download(request, chunks, f"predictions-{evaluation.uid}.csv")
