"""A table of what runs have in common and where they differ. Pure: facts in, rows out."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Value = str | int | float
# A run's facts by key, such as `param.eta` or `metric.validation:auc`; what is not set is left out.
Facts = Mapping[str, Value]

GROUPS = {
    "run": "Run",
    "param": "Parameters",
    "env": "Parameters",
    "data": "Data",
    "machine": "Machine",
    "result": "Results",
    "best": "Results",
    "metric": "Results",
}
UNITS = {
    "result.seconds": "seconds",
    "result.billable_seconds": "seconds",
    "result.cost_usd": "usd",
    "machine.max_runtime_seconds": "seconds",
    "machine.max_wait_seconds": "seconds",
}
NAMES = {
    "result.seconds": "trained for",
    "result.billable_seconds": "billed",
    "result.cost_usd": "cost",
    "machine.volume_gb": "volume (GB)",
    "machine.max_runtime_seconds": "maximum runtime",
    "machine.max_wait_seconds": "maximum wait",
}
FEWER_IS_BETTER = {"result.seconds", "result.billable_seconds", "result.cost_usd"}


@dataclass(frozen=True)
class Cell:
    """`differs`: from the baseline, or without one from what more than half of the runs have.

    `delta` is the distance from the baseline's number and `verdict` what it means there.
    """

    value: Value | None
    differs: bool = False
    is_best: bool = False
    delta: float | None = None
    verdict: str = ""  # better or worse

    @property
    def change(self) -> str:
        """The delta with its sign: +0.01."""
        return "" if self.delta is None else f"{self.delta:+.4g}"


@dataclass(frozen=True)
class Row:
    key: str
    cells: list[Cell]
    differs: bool
    direction: str  # maximize, minimize or unknown

    @property
    def group(self) -> str:
        return GROUPS[self.key.partition(".")[0]]

    @property
    def name(self) -> str:
        """`max_depth`, `best validation:auc`, `train rows`."""
        kind, _, name = self.key.partition(".")
        if self.key in NAMES:
            return NAMES[self.key]
        if kind in ("param", "metric"):
            return name
        return f"{kind} {name}" if kind in ("best", "env") else name.replace("_", " ")

    @property
    def unit(self) -> str:
        """seconds, usd, figure (a metric), or nothing."""
        is_metric = self.key.startswith(("metric.", "best."))
        return "figure" if is_metric else UNITS.get(self.key, "")


def number(value: Value | None) -> float | None:
    """The finite number that a value is or says."""
    try:
        found = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def rows(
    runs: Sequence[Facts],
    direction: Callable[[str], str],
    *,
    baseline: int | None = None,
    finished: Sequence[bool] = (),
) -> list[Row]:
    """A row for each key of any run, in the order of groups; `direction` knows metrics' names.

    Only runs that `finished` well compete in time and cost: one that broke early was not fast.
    """
    keys = dict.fromkeys(key for run in runs for key in run)
    order = list(GROUPS)
    placed = sorted(keys, key=lambda key: order.index(key.partition(".")[0]))
    return [_row(key, runs, direction, baseline, finished) for key in placed]


def _row(
    key: str,
    runs: Sequence[Facts],
    direction: Callable[[str], str],
    baseline: int | None,
    finished: Sequence[bool],
) -> Row:
    values = [run.get(key) for run in runs]
    kind, _, name = key.partition(".")
    way = direction(name) if kind in ("metric", "best") else ""
    competing = [number(value) for value in values]
    if key in FEWER_IS_BETTER:
        way = "minimize"
        competing = [one if ok else None for one, ok in zip(competing, finished, strict=False)]
    same = [_same(value) for value in values]
    usual, held = Counter(same).most_common(1)[0]
    marked = baseline is not None or 2 * held > len(same)
    usual = usual if baseline is None else same[baseline]
    top = _best(competing, way)
    measured = GROUPS[kind] == "Results"
    base = None if baseline is None else number(values[baseline])
    cells = []
    for place, value in enumerate(values):
        mine = number(value)
        delta = None
        if base is not None and mine is not None and place != baseline and mine != base:
            delta = mine - base
        is_best = top is not None and place < len(competing) and competing[place] == top
        differs = marked and same[place] != usual and not measured
        cells.append(Cell(value, differs, is_best, delta, _verdict(delta, way)))
    return Row(key, cells, len(set(same)) > 1, way)


def _same(value: Value | None) -> Value | None:
    """Equal for values that mean the same: 0.10 and 0.1."""
    found = number(value)
    return value if found is None else found


def _best(values: Sequence[float | None], way: str) -> float | None:
    """The best number; None where all are equal or nobody knows the way."""
    there = [value for value in values if value is not None]
    if not way or len(set(there)) < 2:
        return None
    return max(there) if way == "maximize" else min(there)


def _verdict(delta: float | None, way: str) -> str:
    if not delta or not way:
        return ""
    return "better" if (delta > 0) == (way == "maximize") else "worse"
