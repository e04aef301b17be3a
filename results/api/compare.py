from typing import Any

from django.http import HttpRequest
from ninja import Schema

from core.errors import InvalidFields
from core.http import actor_of
from jobs.compare import asked
from results import compare, compare_export
from results.api.routing import router


class Compared(Schema):
    id: str
    name: str
    letter: str


class Metric(Schema):
    name: str
    label: str
    values: list[float | None]
    best: list[int]


class Test(Schema):
    metric: str
    difference: float
    low: float | None
    high: float | None
    p: float | None
    method: str
    is_clear: bool


class PairOut(Schema):
    first: str
    second: str
    same_rows: bool
    note: str
    tests: list[Test]
    sentences: list[str]
    matrix_unit: str | None
    matrix_labels: list[str]
    matrix: list[list[float]]


class ResultComparison(Schema):
    task: str
    evaluations: list[Compared]
    metrics: list[Metric]
    pairs: list[PairOut]
    missing: list[str]


@router.get("/evaluations/compare", response=ResultComparison)
def compare_evaluations(request: HttpRequest, ids: str) -> dict[str, Any]:
    """Two to eight evaluations of one task (`ids` with commas), each against the first one.

    `difference` is the later one less the first; `low` to `high` holds the true difference 95
    times out of 100; `p` is how often chance makes one so large. `matrix` is the second confusion
    matrix less the first.
    """
    chosen = compare.choose(actor_of(request).workspace, asked([ids]))
    if chosen.problem:
        raise InvalidFields({"ids": [chosen.problem]})
    return compare_export.as_json(compare.compare(chosen.evaluations)) | {"missing": chosen.missing}
