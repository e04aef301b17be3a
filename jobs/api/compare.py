"""Runs beside each other."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from core.http import actor_of
from jobs import compare, compare_export

router = Router()


class ComparedRun(Schema):
    id: str
    name: str
    status: str


class ComparedRow(Schema):
    """`values` in the order of `runs`; `best` are places in it, where a best one is known."""

    key: str
    group: str
    name: str
    differs: bool
    direction: str | None
    values: list[str | int | float | None]
    best: list[int]


class Comparison(Schema):
    """`missing` are ids that are unknown here; at most 50 runs, `left_out` counts the others."""

    runs: list[ComparedRun]
    missing: list[str]
    left_out: int
    rows: list[ComparedRow]


@router.get("/jobs/compare", response=Comparison)
def compare_jobs(request: HttpRequest, runs: str, differences: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002  a query parameter
    """Parameters, data, machine and results of `?runs=id,id,…`, side by side."""
    chosen = compare.choose(actor_of(request).workspace, compare.asked([runs]))
    rows = compare.table(chosen.jobs, now=timezone.now())
    return compare_export.as_json(chosen, [r for r in rows if r.differs or not differences])
