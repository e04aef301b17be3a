"""The rows themselves: pages of a table, and sheets of pictures. S3 is asked while one waits."""

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET, require_POST

from core.errors import InvalidFields, UserError
from core.http import actor_of, page, page_object
from core.models import Role
from datasets import kept, pictures
from datasets.forms import ShapeForm
from datasets.models import Dataset
from datasets.views.looking import render_dataset

SHOWN_COLUMNS = 50
FRESH = 300  # seconds


@require_GET
def dataset_rows(request: HttpRequest, uid: str) -> HttpResponse:
    """`?which=` first or random, `?page=` of the rows, `?columns=` pages the columns."""
    dataset = page_object(request, Dataset.objects.all(), uid)
    names = [column["name"] for column in dataset.columns]
    column_pages = max(1, -(-len(names) // SHOWN_COLUMNS))
    column_page = min(column_pages, _number(request, "columns"))
    first = (column_page - 1) * SHOWN_COLUMNS
    shown = names[first : first + SHOWN_COLUMNS]
    context: dict[str, Any] = {
        "dataset": dataset,
        "which": request.GET.get("which", "first"),
        "column_page": column_page,
        "column_pages": column_pages,
        "first_column": first + 1,
        "last_column": first + len(shown),
    }
    try:
        asked = _number(request, "page")
        context["rows"] = kept.rows(dataset, context["which"], asked, columns=shown)
        context["which"] = context["rows"].which
        context["moves"] = _moves(context["rows"], column_page, column_pages)
    except UserError as problem:
        context["problem"] = problem
        context |= _stored(dataset, first)
    return page(request, "datasets/rows.html", context)


def _moves(found: kept.Rows, column_page: int, column_pages: int) -> list[tuple[str, str]]:
    """Where one can go from here: what it is called, and its query string."""
    here = {"which": found.which, "page": found.page, "columns": column_page}
    moves = (
        ("Columns before", column_page > 1, {"columns": column_page - 1}),
        ("Columns after", column_page < column_pages, {"columns": column_page + 1}),
        ("Previous", found.page > 1, {"page": found.page - 1}),
        ("Next", found.page < found.pages, {"page": found.page + 1}),
    )
    return [(title, urlencode(here | change)) for title, there, change in moves if there]


def _number(request: HttpRequest, name: str) -> int:
    asked = request.GET.get(name, "")
    return max(1, int(asked[:9])) if asked.isdecimal() else 1


def _stored(dataset: Dataset, first: int) -> dict[str, Any]:
    """The few rows that the database has."""
    last = first + SHOWN_COLUMNS
    columns = dataset.preview.get("columns", [])[first:last]
    rows = [row[first:last] for row in dataset.preview.get("rows", [])]
    return {"stored_columns": columns, "stored_rows": rows}


@require_GET
def dataset_images(request: HttpRequest, uid: str) -> HttpResponse:
    """A sheet of pictures as a PNG: of the class `?value=` of `?column=`, or of any rows."""
    dataset = page_object(request, Dataset.objects.all(), uid)
    column, value = request.GET.get("column", ""), request.GET.get("value", "")
    etag = _etag(dataset, column, value)
    response: HttpResponse | None = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(pictures.sheet(dataset, column, value), content_type="image/png")
    response["ETag"] = etag
    response["Cache-Control"] = f"private, max-age={FRESH}"
    return response


def _etag(dataset: Dataset, *about: str) -> str:
    """Another one as soon as the rows or the shape of the pictures are others."""
    known = [dataset.uid, dataset.status_at.isoformat(), dataset.insights.get("images"), *about]
    return f'"{hashlib.sha256(json.dumps(known).encode()).hexdigest()[:32]}"'


@require_POST
def dataset_reshape(request: HttpRequest, uid: str) -> HttpResponse:
    dataset = page_object(request, Dataset.objects.all(), uid, role=Role.MEMBER)
    form = ShapeForm(request.POST)
    if form.is_valid():
        try:
            pictures.reshape(actor_of(request), dataset, form.shape)
        except InvalidFields as problem:
            form.take(problem)
        else:
            about = urlencode({"column": request.POST.get("column", "")[:300]})
            return redirect(f"{reverse('datasets:detail', args=[uid])}?{about}#images")
    return render_dataset(request, dataset, form)
