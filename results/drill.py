"""From a figure to what is behind it: slices of a result, and what a choice of rows is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from core.errors import InvalidFields
from results import originals, rows, slices, subjects
from results.errors import NotCompleted, NotKept
from results.models import Evaluation
from results.table import said

ABOUT = {
    "score": "score",
    "confidence": "confidence",
    "residual": "error (answer less truth)",
}


@dataclass(frozen=True)
class Shown:
    """A slice, and what its rows have in the address of the page of rows."""

    slice: slices.Slice
    query: str

    @property
    def is_error(self) -> bool:
        return bool(self.slice["metric"] == "rmse")

    @property
    def is_sure(self) -> bool:
        """Whether chance alone would hardly make it so much worse."""
        return slices.is_sure(self.slice)

    @property
    def reach(self) -> Sequence[float]:
        return self.slice["interval"] or ()


def weakest(evaluation: Evaluation) -> list[Shown]:
    """Those found when it was evaluated, the weakest first."""
    return shown(evaluation.outcome.get("slices") or [])


def by_column(evaluation: Evaluation, name: str) -> list[Shown]:
    """Every slice of a column. InvalidFields without such a column; else raises as `said`."""
    _has_rows(evaluation)
    cells = originals.column(evaluation, name)
    about = said(evaluation)
    if cells is None:
        raise InvalidFields({"by": [f"There is no column “{name}” to divide by."]})
    task = rows.task_of(evaluation)
    if about.actual is None or task not in subjects.COMPARED:
        raise InvalidFields({"by": ["Nothing tells which of these rows are right."]})
    measured = slices.measure(task, about.actual, about.predicted)
    return shown(slices.of_column(name, cells, measured))


def dividers(evaluation: Evaluation) -> list[str]:
    """The columns that rows can be divided by; raises as `originals.rows`."""
    _has_rows(evaluation)
    return originals.names(evaluation)


def _has_rows(evaluation: Evaluation) -> None:
    if not evaluation.predictions_key:
        raise NotCompleted("There are no predictions yet.", "Wait until it is completed.")
    if not evaluation.predictions_key.endswith(".parquet"):
        raise NotKept("The rows of this evaluation were kept in an earlier way.")


def shown(found: Sequence[slices.Slice]) -> list[Shown]:
    return [Shown(one, query_of(one)) for one in found]


def query_of(one: slices.Slice) -> str:
    """The parameters of `results.rows` that name a slice's rows."""
    low, high = one.get("low"), one.get("high")
    if low is None and high is None:
        return urlencode({"column": one["column"], "value": one["value"]})
    bounds = {"low": low, "high": high}
    return urlencode(
        {"column": one["column"]} | {n: repr(v) for n, v in bounds.items() if v is not None}
    )


def words(evaluation: Evaluation, wanted: rows.Wanted) -> list[str]:
    """What a choice of rows says, in words."""
    names: list[Any] = evaluation.labels
    task, found = rows.task_of(evaluation), list[str]()
    if wanted.actual is not None:
        found.append(f"really {_named(names, wanted.actual)}")
    if wanted.predicted is not None:
        is_cluster = task == "clustering"
        answer = f"cluster {wanted.predicted}" if is_cluster else _named(names, wanted.predicted)
        found.append(f"in {answer}" if is_cluster else f"answered {answer}")
    if wanted.is_right is not None:
        found.append("answered right" if wanted.is_right else "answered wrong")
    if wanted.threshold is not None:
        found.append(f"at the threshold {wanted.threshold:.6g}")
    found += [f"{ABOUT[name]} {_between(*both)}" for name, both in wanted.ranges.items()]
    if wanted.rows:
        many = len(wanted.rows)
        found.append(f"row {wanted.rows[0]}" if many == 1 else f"{many} chosen rows")
    if wanted.column:
        found.append(f"{wanted.column} {_slice(wanted)}")
    return found


def _named(names: Sequence[Any], code: int) -> str:
    return str(names[code]) if 0 <= code < len(names) else str(code)


def _between(low: float | None, high: float | None) -> str:
    if low is None:
        return f"up to {high:.6g}"
    return f"from {low:.6g}" if high is None else f"from {low:.6g} to {high:.6g}"


def _slice(wanted: rows.Wanted) -> str:
    low, high = wanted.low, wanted.high
    if low is None and high is None:
        return f"is {wanted.value}" if wanted.value else "is missing"
    if low is None:
        return f"below {high:.6g}"
    return f"{low:.6g} and more" if high is None else f"from {low:.6g} to below {high:.6g}"
