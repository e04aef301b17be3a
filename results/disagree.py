"""The rows about which two evaluations disagree, a page at a time, with their own columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from results import originals, rows
from results.compare import CLASSES, both
from results.errors import NotKept
from results.models import Evaluation
from results.table import Said

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

PER_PAGE = 20
KINDS = {
    "all": "All rows they disagree about",
    "first": "Only {first} is right",
    "second": "Only {second} is right",
    "neither": "Neither is right",
}
CLOSER = {
    "all": "All rows, the largest differences first",
    "first": "{first} is closer",
    "second": "{second} is closer",
}


@dataclass(frozen=True)
class Row:
    number: int
    actual: str
    first: str
    second: str
    first_is_right: bool
    second_is_right: bool
    cells: list[str]
    picture: str


@dataclass(frozen=True)
class Page:
    """`counts` of rows by kind; `problem` says why there are no cells."""

    kind: str
    counts: dict[str, int]
    page: int
    pages: int
    columns: list[str]
    rows: list[Row]
    problem: str = ""

    @property
    def has_pictures(self) -> bool:
        return any(row.picture for row in self.rows)


def page(first: Evaluation, second: Evaluation, kind: str, number: int) -> Page:
    """The nearest page to the one asked for; an unknown kind is all.

    RowsDiffer when they judged other rows; raises as `table.said`.
    """
    about = both(first, second)
    found = _kinds(first, *about)
    kind = kind if kind in found else "all"
    places = found[kind]
    pages = max(1, -(-len(places) // PER_PAGE))
    number = max(1, min(number, pages))
    here = places[(number - 1) * PER_PAGE : number * PER_PAGE].tolist()
    shown = [rows.row_of(first, about[0], place + 1) for place in here]
    header, problem = list[str](), ""
    try:
        header, shown = rows.with_cells(first, shown)
    except NotKept as error:
        problem = error.message
    counts = {name: len(of_kind) for name, of_kind in found.items()}
    made = [_row(one, rows.row_of(second, about[1], one.number)) for one in shown]
    return Page(kind, counts, number, pages, header, made, problem)


def exported(first: Evaluation, second: Evaluation, kind: str) -> Iterator[list[str]]:
    """The header, then all rows of a kind with their columns where those were kept."""
    about = both(first, second)
    found = _kinds(first, *about)
    places = found.get(kind, found["all"])
    for start in range(0, max(1, len(places)), originals.MOST_GROUP_ROWS):
        here = [int(place) + 1 for place in places[start : start + originals.MOST_GROUP_ROWS]]
        header, cells = _cells(first, here)
        if not start:
            yield ["row", "actual", first.name, second.name, *header]
        for number, own in zip(here, cells, strict=True):
            one = rows.row_of(first, about[0], number)
            other = rows.row_of(second, about[1], number)
            yield [str(number), one.actual, one.predicted, other.predicted, *own]


def _cells(evaluation: Evaluation, numbers: list[int]) -> tuple[list[str], list[list[str]]]:
    try:
        return originals.rows(evaluation, numbers)
    except NotKept:
        return [], [[] for _ in numbers]


def _kinds(evaluation: Evaluation, first: Said, second: Said) -> dict[str, Numbers]:
    """Places of rows from 0: of classes in order; of numbers from the largest difference."""
    import numpy as np

    apart, actual = first.predicted != second.predicted, first.actual
    assert actual is not None  # noqa: S101  # `compare.both`
    if rows.task_of(evaluation) not in CLASSES:
        far = np.abs(first.predicted - second.predicted)
        closer = np.abs(first.predicted - actual) < np.abs(second.predicted - actual)
        order = np.argsort(-far, kind="stable")[: int(apart.sum())]
        return {"all": order, "first": order[closer[order]], "second": order[~closer[order]]}
    right = first.predicted == actual, second.predicted == actual
    return {
        "all": np.flatnonzero(apart),
        "first": np.flatnonzero(apart & right[0]),
        "second": np.flatnonzero(apart & right[1]),
        "neither": np.flatnonzero(apart & ~right[0] & ~right[1]),
    }


def _row(first: rows.Row, second: rows.Row) -> Row:
    right = bool(first.is_right), bool(second.is_right)
    if first.residual is not None and second.residual is not None:
        errors = abs(first.residual), abs(second.residual)
        right = errors[0] < errors[1], errors[1] < errors[0]
    return Row(
        number=first.number,
        actual=first.actual,
        first=first.predicted,
        second=second.predicted,
        first_is_right=right[0],
        second_is_right=right[1],
        cells=first.cells,
        picture=first.picture,
    )
