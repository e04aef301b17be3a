"""Where a model is weak: its rows divided by a column of their table. Pure.

A slice is {column, value, low, high, rows, metric, value_here, value_rest, interval}. Of numbers it
holds those from `low` up to and without `high` (None: no bound), of words those that are `value`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datasets.formats.sniff import MISSING as NOTHING
from results import intervals

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST_ROWS = 20
BINS = 5
FEW_NUMBERS = 8  # so many different numbers are told apart one by one
MOST_VALUES = 50  # of words, the most frequent ones
MOST_SLICES = 50
MISSING = ""
Slice = dict[str, Any]


@dataclass(frozen=True)
class Measure:
    """How good the answer to each row is: a hit or not, or an error's square."""

    metric: str  # accuracy or rmse
    values: Floats

    @property
    def is_error(self) -> bool:
        return self.metric == "rmse"

    def told(self, total: float, rows: int) -> float:
        mean = total / rows
        return math.sqrt(mean) if self.is_error else mean

    def interval(self, total: float, squares: float, rows: int) -> intervals.Interval | None:
        """What the value of a slice may be: of its sum, and its sum of squares."""
        if not self.is_error:
            return intervals.wilson(total, rows)
        if rows < 2:
            return None
        mean = total / rows
        spread = max(0.0, squares / rows - mean * mean) * rows / (rows - 1)
        reach = intervals.Z * math.sqrt(spread / rows)
        return [math.sqrt(max(0.0, mean - reach)), math.sqrt(mean + reach)]


@dataclass(frozen=True)
class Groups:
    """A group's number for each row, -1 in none; `bounds` of those that are numbers."""

    codes: NDArray[np.int64]
    names: list[str]
    bounds: list[tuple[float | None, float | None]]


def measure(task: str, actual: Floats, predicted: Floats) -> Measure:
    """Of answers that are right or wrong, or numbers beside true numbers."""
    import numpy as np

    if task == "regression":
        return Measure("rmse", np.square(predicted - actual))
    return Measure("accuracy", (predicted == actual).astype(np.float64))


def of_column(
    name: str, cells: pl.Series, measured: Measure, *, fewest: int = FEWEST_ROWS
) -> list[Slice]:
    """Every slice of a column that has `fewest` rows and leaves some: bins in order, words by size.

    Cells are texts without nulls.
    """
    import numpy as np

    groups = grouped(cells)
    here, count = groups.codes >= 0, len(groups.names)
    codes, values = groups.codes[here], measured.values
    rows = np.bincount(codes, minlength=count)
    sums = np.bincount(codes, values[here], count)
    squares = np.bincount(codes, np.square(values[here]), count)
    whole, all_rows = float(values.sum()), len(values)
    found = []
    for code in range(count):
        inside, total = int(rows[code]), float(sums[code])
        if fewest <= inside < all_rows:
            low, high = groups.bounds[code]
            found.append(
                {
                    "column": name,
                    "value": groups.names[code],
                    "low": low,
                    "high": high,
                    "rows": inside,
                    "metric": measured.metric,
                    "value_here": measured.told(total, inside),
                    "value_rest": measured.told(max(0.0, whole - total), all_rows - inside),
                    "interval": measured.interval(total, float(squares[code]), inside),
                }
            )
    return found


def weakest(columns: Iterable[tuple[str, pl.Series]], measured: Measure) -> list[Slice]:
    """The slices of all columns that are worse than the other rows, the surest ones first."""
    found = [one for name, cells in columns for one in of_column(name, cells, measured)]
    worse = [one for one in found if _lag(one) is not None and _difference(one) > 0]
    worse.sort(key=lambda one: (-(_lag(one) or 0.0), one["column"], str(one["value"])))
    return worse[:MOST_SLICES]


def is_sure(one: Slice) -> bool:
    """Whether all of its interval is worse than the other rows."""
    lag = _lag(one)
    return lag is not None and lag > 0


def _difference(one: Slice) -> float:
    """How much worse it is than the rest: in shares, or as a share of the rest's error."""
    here, rest = one["value_here"], one["value_rest"]
    if one["metric"] == "rmse":
        return float(here - rest) / (rest or 1.0)
    return float(rest - here)


def _lag(one: Slice) -> float | None:
    """How much worse it is at least; below 0 when that may be chance. None without an interval."""
    if one["interval"] is None:
        return None
    low, high = one["interval"]
    return _difference(one | {"value_here": low if one["metric"] == "rmse" else high})


def grouped(cells: pl.Series) -> Groups:
    """Bins of equal size for numbers, one group for each frequent word."""
    from datasets.formats.block import numbers_in

    numbers = numbers_in(cells)
    if numbers is not None and cells.n_unique() > FEW_NUMBERS:
        return _binned(numbers)
    missing = cells.is_in(list(NOTHING))
    return _named(cells.set(missing, MISSING) if missing.any() else cells)


def _binned(numbers: Floats) -> Groups:
    import numpy as np

    known = numbers[~np.isnan(numbers)]
    edges: list[float] = []
    if known.size:
        found = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
        edges = found[found > known.min()].tolist()
    codes = np.searchsorted(np.array(edges), numbers, side="right").astype(np.int64)
    bounds: list[tuple[float | None, float | None]] = list(
        zip([None, *edges], [*edges, None], strict=True)
    )
    names = [_range(low, high) for low, high in bounds]
    codes[np.isnan(numbers)] = len(names)
    return Groups(codes, [*names, MISSING], [*bounds, (None, None)])


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return "any" if high is None else f"below {high:.6g}"
    return f"{low:.6g} and more" if high is None else f"{low:.6g} to {high:.6g}"


def _named(cells: pl.Series) -> Groups:
    import polars as pl

    counts = (
        cells.rename("cell").value_counts(sort=True).sort("count", "cell", descending=[True, False])
    )
    names: list[str] = counts["cell"].head(MOST_VALUES).to_list()
    codes = cells.replace_strict(
        names, list(range(len(names))), default=-1, return_dtype=pl.Int64
    ).to_numpy()
    return Groups(codes, names, [(None, None)] * len(names))


def within(cells: pl.Series, wanted: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Which rows are of a slice: `wanted` has its low and high, or its value."""
    import numpy as np

    from datasets.formats.block import numbers_in

    low, high = wanted.get("low"), wanted.get("high")
    if low is None and high is None and not wanted.get("value"):
        return np.asarray(cells.is_in(list(NOTHING)).to_numpy(), dtype=np.bool_)
    if low is None and high is None:
        return np.asarray((cells == str(wanted.get("value", MISSING))).to_numpy(), dtype=np.bool_)
    numbers = numbers_in(cells)
    if numbers is None:
        return np.zeros(len(cells), np.bool_)
    found = ~np.isnan(numbers)
    if low is not None:
        found &= numbers >= low
    if high is not None:
        found &= numbers < high
    return found
