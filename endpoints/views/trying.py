"""What a page offers to ask an endpoint with."""

import csv
import io
import secrets
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from core.errors import UserError
from datasets.models import Preparation
from endpoints import inputs
from endpoints.examples import example, examples, first_row, offered, split_of
from endpoints.forms import FORM_COLUMNS, AskForm
from endpoints.pixels import Canvas, canvas

SHOWN_ROWS = 50
PICKS = 24  # pictures at once


def trying(
    request: HttpRequest, recipe: Preparation | None, columns: inputs.Columns
) -> dict[str, Any]:
    """The try-it forms: rows as text; a field a column; for pictures a canvas and real rows."""
    separator = "," if len(columns.inputs) <= FORM_COLUMNS else ", "
    found: dict[str, Any] = {
        "ask_form": None,
        "header": separator.join(columns.inputs[:SHOWN_ROWS]),
        "split": split_of(recipe),
        "is_text": columns.is_text,
    }
    if recipe is None or not columns.inputs or columns.encoding is None:
        return found
    if easel := canvas(recipe):
        return found | {"canvas": easel} | _picks(request, recipe, easel)
    real = _real_row(request, recipe)
    if len(columns.inputs) > FORM_COLUMNS:
        return found | real | {"csv": _as_csv(real["real_cells"])}
    cells = real["real_cells"] or first_row(recipe)
    return found | real | {"ask_form": AskForm.filled(columns, cells)}


def _real_row(request: HttpRequest, recipe: Preparation) -> dict[str, Any]:
    """The row of a split that the address asks for, and the number of another one."""
    number = request.GET.get("example", "")
    found, problem = None, None
    if number.isdecimal():
        try:
            found = example(recipe, int(number))
        except UserError as error:
            problem = error
    return {
        "real_cells": found.cells if found else {},
        "actual": found.label if found else "",
        "other_example": secrets.randbelow(offered(recipe) or 1),
        "example_problem": problem,
    }


def _as_csv(cells: Mapping[str, str]) -> str:
    """Too wide for fields: two lines, of names and of cells."""
    text = io.StringIO()
    if cells:
        csv.writer(text).writerows((cells.keys(), cells.values()))
    return text.getvalue()


def _picks(request: HttpRequest, recipe: Preparation, easel: Canvas) -> dict[str, Any]:
    """Pictures of real rows; read only when the address asks for them."""
    asked, total = request.GET.get("rows", ""), offered(recipe)
    if not asked.isdecimal() or not total:
        return {"picks": None, "total": total}
    first = min(int(asked), total - 1) // PICKS * PICKS
    try:
        found = examples(recipe, first, PICKS)
    except UserError as error:
        return {"picks": [], "total": total, "picks_problem": error}
    return {
        "picks": [
            {"row": row, "place": row.number + 1, "picture": easel.picture(row.cells)}
            for row in found
        ],
        "total": total,
        "previous_rows": first - PICKS if first else None,
        "next_rows": first + PICKS if first + PICKS < total else None,
    }
