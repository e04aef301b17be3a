"""The rows behind a cell, a bar or a point: found by what was said of them, shown as they are.

Parameters, the same for page, API and export:
actual, predicted: codes of classes; cluster: its number; wrong=1, right=1; threshold: where a score
counts as the second class; score, confidence, residual (predicted less actual) as …_min and …_max;
column with value, or with low and high: a slice; rows=3,14: these; sort: row, score, confidence or
residual, with - in front from the largest; page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from core.errors import InvalidFields
from results import known, originals, slices
from results.drawn import drawing
from results.errors import NotKept
from results.models import Evaluation
from results.table import Said, said

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Numbers = NDArray[np.int64]
    Floats = NDArray[np.float64]

PER_PAGE = 20
MOST_NAMED = 1_000  # rows in `rows=`
RANGES = ("score", "confidence", "residual")
SORTS = ("row", *RANGES)
TRUE = ("1", "true", "on")
CLASSES = ("binary", "multiclass")


@dataclass(frozen=True)
class Wanted:
    """Which rows, in which order; `ranges` are from a number up to and with another."""

    actual: int | None = None
    predicted: int | None = None
    is_right: bool | None = None
    threshold: float | None = None
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    column: str = ""
    value: str = ""
    low: float | None = None
    high: float | None = None
    rows: tuple[int, ...] = ()
    sort: str = "row"
    page: int = 1


@dataclass(frozen=True)
class Row:
    """`actual` and `predicted` as people read them; `picture` is a data: address or ""."""

    number: int
    actual: str
    predicted: str
    is_right: bool | None
    score: float | None
    confidence: float | None
    residual: float | None
    cells: list[str]
    picture: str = ""


@dataclass(frozen=True)
class Page:
    """`total` rows are wanted; `problem` says why there are no cells."""

    wanted: Wanted
    total: int
    page: int
    pages: int
    columns: list[str]
    rows: list[Row]
    problem: str = ""


def wanted_of(params: Mapping[str, str]) -> Wanted:
    """What an address asks for; InvalidFields for what is no number."""
    asked = _Asked(params)
    sort = params.get("sort", "") or "row"
    if sort.removeprefix("-") not in SORTS:
        asked.refuse("sort", f"Sort by {', '.join(SORTS)}, with - in front from the largest.")
    cluster = asked.whole("cluster")
    found = Wanted(
        actual=asked.whole("actual"),
        predicted=asked.whole("predicted") if cluster is None else cluster,
        is_right=asked.right(),
        threshold=asked.number("threshold"),
        ranges={
            name: both
            for name in RANGES
            if (both := (asked.number(f"{name}_min"), asked.number(f"{name}_max"))) != (None, None)
        },
        column=params.get("column", "")[:300],
        value=params.get("value", "")[: originals.LONGEST],
        low=asked.number("low"),
        high=asked.number("high"),
        rows=asked.numbers("rows"),
        sort=sort,
        page=max(1, asked.whole("page") or 1),
    )
    if asked.wrong:
        raise InvalidFields(asked.wrong)
    return found


class _Asked:
    def __init__(self, params: Mapping[str, str]) -> None:
        self._params = params
        self.wrong: dict[str, list[str]] = {}

    def refuse(self, name: str, message: str) -> None:
        self.wrong[name] = [message]

    def number(self, name: str) -> float | None:
        text = self._params.get(name, "").strip()
        try:
            found = float(text) if text else None
        except ValueError:
            found = math.nan
        if found is not None and not (math.isfinite(found) or name == "threshold"):
            self.refuse(name, "This is not a number.")
            return None
        return found

    def whole(self, name: str) -> int | None:
        found = self.number(name)
        if found is not None and (not found.is_integer() or abs(found) > 2**31):
            self.refuse(name, "This is not a whole number.")
            return None
        return None if found is None else int(found)

    def right(self) -> bool | None:
        is_wrong = self._params.get("wrong", "") in TRUE
        is_right = self._params.get("right", "") in TRUE
        return None if is_wrong == is_right else is_right

    def numbers(self, name: str) -> tuple[int, ...]:
        text = self._params.get(name, "")
        try:
            return tuple(int(part) for part in text.split(",")[:MOST_NAMED] if part.strip())
        except ValueError:
            self.refuse(name, "Write the rows' numbers with commas between.")
            return ()


def find(evaluation: Evaluation, wanted: Wanted) -> tuple[Numbers, Said]:
    """The numbers of all wanted rows, in order, and what was said about every row.

    Raises as `table.said` and `originals.column`; InvalidFields for what the rows do not have.
    """
    import numpy as np

    about = _at_threshold(evaluation, _with_known(evaluation, said(evaluation)), wanted.threshold)
    keep: Flags = np.ones(len(about), np.bool_)
    for name, (low, high) in wanted.ranges.items():
        values = _needed(_values(about, name), f"{name}_{'min' if high is None else 'max'}")
        keep &= values >= (-math.inf if low is None else low)
        keep &= values <= (math.inf if high is None else high)
    if wanted.rows:
        keep &= np.isin(np.arange(1, len(about) + 1), wanted.rows)
    if wanted.column:
        cells = originals.column(evaluation, wanted.column)
        if cells is None:
            raise InvalidFields({"column": [f"There is no column “{wanted.column}”."]})
        keep &= slices.within(cells, vars(wanted))
    keep &= _of_answers(about, wanted, task_of(evaluation))
    return _ordered(np.flatnonzero(keep), about, wanted.sort) + 1, about


def _with_known(evaluation: Evaluation, about: Said) -> Said:
    """With what a column tells, where the model has learned without."""
    name = known.column_of(evaluation)
    cells = originals.column(evaluation, name) if name else None
    if cells is None:
        return about
    return replace(about, actual=known.codes(evaluation, cells, evaluation.labels))


def _of_answers(about: Said, wanted: Wanted, task: str) -> Flags:
    import numpy as np

    keep: Flags = np.ones(len(about), np.bool_)
    if wanted.actual is not None:
        keep &= _needed(about.actual, "actual") == wanted.actual
    if wanted.predicted is not None:
        keep &= about.predicted == wanted.predicted
    if wanted.is_right is not None:
        if task not in CLASSES:
            raise InvalidFields({"wrong": ["Only classes are right or wrong."]})
        keep &= (about.predicted == _needed(about.actual, "wrong")) == wanted.is_right
    return keep


def _at_threshold(evaluation: Evaluation, about: Said, threshold: float | None) -> Said:
    threshold = evaluation.threshold if threshold is None else threshold
    is_binary = about.score is not None and about.confidence is not None
    if threshold is None or not is_binary or about.score is None:
        return about
    is_second = about.score >= threshold
    scores = [about.score, 1 - about.score]
    chosen = is_second * scores[0] + ~is_second * scores[1]
    return replace(about, predicted=is_second.astype(float), confidence=chosen)


def _values(about: Said, name: str) -> Floats | None:
    if name == "residual":
        return None if about.actual is None else about.predicted - about.actual
    found: Floats | None = getattr(about, name)
    return found


def _needed(values: Floats | None, name: str) -> Floats:
    if values is None:
        raise InvalidFields({name: ["These rows have nothing of the kind."]})
    return values


def _ordered(places: Numbers, about: Said, sort: str) -> Numbers:
    import numpy as np

    name = sort.removeprefix("-")
    if name == "row":
        return places[::-1] if sort.startswith("-") else places
    values = _needed(_values(about, name), "sort")[places]
    if name == "residual":
        values = np.abs(values)
    order = np.argsort(-values if sort.startswith("-") else values, kind="stable")
    return places[order]


def page(evaluation: Evaluation, wanted: Wanted) -> Page:
    """One page of the wanted rows, the nearest one to what was asked for; raises as `find`."""
    numbers, about = find(evaluation, wanted)
    pages = max(1, -(-len(numbers) // PER_PAGE))
    number = min(wanted.page, pages)
    here = numbers[(number - 1) * PER_PAGE : number * PER_PAGE].tolist()
    shown = [row_of(evaluation, about, one) for one in here]
    header, problem = list[str](), ""
    try:
        header, shown = with_cells(evaluation, shown)
    except NotKept as error:
        problem = error.message
    return Page(wanted, len(numbers), number, pages, header, shown, problem)


def with_cells(evaluation: Evaluation, found: list[Row]) -> tuple[list[str], list[Row]]:
    """The names of the columns, and the rows with their cells: pixels as a picture instead."""
    if not found:
        return [], []
    header, cells = originals.rows(evaluation, [row.number for row in found])
    drawn = drawing(evaluation.preparation.dataset, header)
    pictures = drawn.pictures(cells) if drawn else [""] * len(cells)
    kept = drawn.others if drawn else list(range(len(header)))
    rows = [
        replace(row, cells=[own[place] for place in kept], picture=picture)
        for row, own, picture in zip(found, cells, pictures, strict=True)
    ]
    return [header[place] for place in kept], rows


def row_of(evaluation: Evaluation, about: Said, number: int) -> Row:
    """What was said about one row, without its cells."""
    at, names, task = number - 1, evaluation.labels, task_of(evaluation)
    predicted = float(about.predicted[at])
    actual = None if about.actual is None else float(about.actual[at])
    return Row(
        number=number,
        actual="" if actual is None else _name(names, actual),
        predicted=_name(names if task in CLASSES else [], predicted),
        is_right=actual == predicted if actual is not None and task in CLASSES else None,
        score=None if about.score is None else float(about.score[at]),
        confidence=None if about.confidence is None else float(about.confidence[at]),
        residual=predicted - actual if actual is not None and task == "regression" else None,
        cells=[],
    )


def task_of(evaluation: Evaluation) -> str:
    return str(evaluation.outcome.get("task") or evaluation.preparation.task)


def _name(names: list[Any], value: float) -> str:
    if names and value.is_integer() and 0 <= value < len(names):
        return str(names[int(value)])
    return f"{value:.6g}"


def exported(evaluation: Evaluation, wanted: Wanted) -> Iterator[list[str]]:
    """The header, then all wanted rows with every column they have; raises as `page`."""
    numbers, about = find(evaluation, wanted)
    begun = False
    for start in range(0, len(numbers), originals.MOST_GROUP_ROWS):
        here = numbers[start : start + originals.MOST_GROUP_ROWS].tolist()
        header, cells = originals.rows(evaluation, here)
        if not begun:
            yield ["row", "actual", "predicted", "score", "confidence", *header]
            begun = True
        for number, own in zip(here, cells, strict=True):
            row = row_of(evaluation, about, number)
            scores = ("" if v is None else f"{v:.9g}" for v in (row.score, row.confidence))
            yield [str(number), row.actual, row.predicted, *scores, *own]
