"""The rows behind a result's figures, and its slices."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from ninja import Query, Schema

from core.access import fetch
from core.http import actor_of, csv_download
from results import drill, export, rows
from results.api.routing import router
from results.models import Evaluation


class RowsQuery(Schema):
    """Codes are places in the evaluation's `labels`; all are texts, so that "" is no wish."""

    actual: str = ""
    predicted: str = ""
    cluster: str = ""
    wrong: str = ""
    right: str = ""
    threshold: str = ""
    score_min: str = ""
    score_max: str = ""
    confidence_min: str = ""
    confidence_max: str = ""
    residual_min: str = ""
    residual_max: str = ""
    column: str = ""
    value: str = ""
    low: str = ""
    high: str = ""
    rows: str = ""
    sort: str = "row"
    page: str = "1"


class RowOut(Schema):
    """`picture` is a data: address where the columns are pixels."""

    row: int
    actual: str
    predicted: str
    right: bool | None
    score: float | None
    confidence: float | None
    residual: float | None
    cells: dict[str, str]
    picture: str


class RowsOut(Schema):
    """`problem` says why the rows have no cells."""

    total: int
    page: int
    pages: int
    rows: list[RowOut]
    problem: str


class SliceOut(Schema):
    """Rows with `column` from `low` up to and without `high`, or with `value`."""

    column: str
    value: str
    low: float | None = None
    high: float | None = None
    rows: int
    metric: str
    value_here: float
    value_rest: float
    interval: list[float] | None


class SlicesOut(Schema):
    columns: list[str]
    slices: list[SliceOut]


@router.get("/evaluations/{uid}/rows", response=RowsOut)
def list_rows(request: HttpRequest, uid: str, asked: Query[RowsQuery]) -> dict[str, Any]:
    """Twenty of the rows that fit every parameter, with what the model said and their columns.

    Sorts: row, score, confidence, residual; with - in front from the largest.
    """
    evaluation = _evaluation(request, uid)
    found = rows.page(evaluation, rows.wanted_of(asked.model_dump()))
    return {
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "problem": found.problem,
        "rows": [_row(row, found.columns) for row in found.rows],
    }


@router.get("/evaluations/{uid}/rows.csv", response={200: None})
def download_rows(request: HttpRequest, uid: str, asked: Query[RowsQuery]) -> HttpResponseBase:
    """All rows that fit, as CSV."""
    evaluation = _evaluation(request, uid)
    wanted = rows.wanted_of(asked.model_dump())
    return csv_download(request, export.rows(evaluation, wanted), f"rows-{evaluation.uid}.csv")


@router.get("/evaluations/{uid}/slices", response=SlicesOut)
def list_slices(request: HttpRequest, uid: str, by: str = "") -> dict[str, Any]:
    """The slices of the column `by`; without it the weakest of all columns, the surest first."""
    evaluation = _evaluation(request, uid)
    found = drill.by_column(evaluation, by) if by else drill.weakest(evaluation)
    return {"columns": drill.dividers(evaluation), "slices": [one.slice for one in found]}


def _evaluation(request: HttpRequest, uid: str) -> Evaluation:
    return fetch(Evaluation.objects.with_lineage(), actor_of(request), uid)


def _row(row: rows.Row, columns: list[str]) -> dict[str, Any]:
    return {
        "row": row.number,
        "right": row.is_right,
        "cells": dict(zip(columns, row.cells, strict=False)),
        **{name: getattr(row, name) for name in ("actual", "predicted", "score", "confidence")},
        **{name: getattr(row, name) for name in ("residual", "picture")},
    }
