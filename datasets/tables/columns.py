"""What the columns of a table hold: one pass over blocks of text rows, bounded memory."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from datasets.formats.block import numbers_of
from datasets.formats.sniff import MISSING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

DISTINCT_VALUES = 1_000_000  # counted over all columns together, about 120 MB
DISTINCT_PER_COLUMN = 10_000
SAMPLED_CELLS = 20_000_000  # kept over all columns together, 160 MB
SAMPLED_ROWS = 100_000
BINS = 20
LISTED = 50  # columns with at most so many distinct values list them all
TOP = 10
QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")


class Profile:
    """Fed with blocks of rows, it answers `columns()`: one dict of facts a column.

    Counts, means, standard deviations, minima and maxima are exact; distinct values are exact up to
    a cap (`unique_exact`); quantiles and histograms come from every k-th row beyond 100,000 rows
    (`sampled_rows` says how many).
    """

    def __init__(self, names: Sequence[str]) -> None:
        share = max(1, len(names))
        cap = min(DISTINCT_PER_COLUMN, DISTINCT_VALUES // share)
        self._columns = [_Column(name, cap) for name in names]
        self._sample_limit = min(SAMPLED_ROWS, SAMPLED_CELLS // share)
        self._stride = 1
        self._sampled = 0
        self.rows = 0

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        import numpy as np

        picked = np.flatnonzero((np.arange(self.rows, self.rows + len(rows)) % self._stride) == 0)
        self.rows += len(rows)
        self._sampled += len(picked)
        for column, values in zip(self._columns, zip(*rows, strict=True), strict=True):
            column.add(values, picked)
        while self._sampled > self._sample_limit:
            self._thin()

    def _thin(self) -> None:
        self._stride *= 2
        for column in self._columns:
            column.thin()
        self._sampled = (self._sampled + 1) // 2

    def columns(self) -> list[dict[str, Any]]:
        return [column.facts(self.rows, self._sampled) for column in self._columns]


class _Column:
    def __init__(self, name: str, cap: int) -> None:
        self.name = name
        self.cap = cap
        self.missing = 0
        self.counts: Counter[str] = Counter()
        self.counted_rows = 0
        self.counting = True
        self.is_number = True
        self.moments = _Moments()
        self.sample: list[Floats] = []

    def add(self, raw: Sequence[str], picked: npt.NDArray[np.intp]) -> None:
        values = list(map(str.strip, raw))
        if self.counting:
            self.counts.update(values)
            self.counted_rows += len(values)
            self.counting = len(self.counts) <= self.cap + len(MISSING)
        numbers = numbers_of(values) if self.is_number else None
        if numbers is None:
            self.is_number, self.sample = False, []
            self.missing += sum(value in MISSING for value in values)
            return
        self.sample.append(numbers[picked])
        present = numbers[numbers == numbers]  # noqa: PLR0124  # NaN is what differs from itself
        self.missing += len(numbers) - len(present)
        self.moments.add(present)

    def thin(self) -> None:
        if self.sample:
            import numpy as np

            self.sample = [np.concatenate(self.sample)[::2]]

    def facts(self, rows: int, sampled: int) -> dict[str, Any]:
        counts = {value: n for value, n in self.counts.items() if value not in MISSING}
        facts: dict[str, Any] = {
            "name": self.name,
            "dtype": self._dtype(counts, rows),
            "missing": self.missing,
            "unique": min(len(counts), self.cap),
            "unique_exact": self.counting,
            "top": self._top(counts),
            "counted_rows": self.counted_rows,
        }
        if facts["dtype"] in ("integer", "number"):
            facts |= self.moments.facts() | _shape(self.sample) | {"sampled_rows": sampled}
        return facts

    def _dtype(self, counts: dict[str, int], rows: int) -> str:
        if self.missing == rows:
            return "empty"
        if self.is_number:
            return "integer" if self.moments.integral else "number"
        if self.counting and {value.lower() for value in counts} <= {"true", "false"}:
            return "boolean"
        return "date" if all(DATE.fullmatch(value) for value in counts) else "text"

    def _top(self, counts: dict[str, int]) -> list[dict[str, Any]]:
        few = self.counting and len(counts) <= LISTED
        if self.is_number and not few:
            return []
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        # Long cells are cut: the profile is a page's worth, not a copy of the data.
        return [{"value": value[:200], "count": n} for value, n in ranked[: LISTED if few else TOP]]


class _Moments:
    """Count, mean and squared deviations, merged block by block (Chan et al. 1979)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self.squares = 0.0
        self.low = math.inf
        self.high = -math.inf
        self.integral = True

    def add(self, block: Floats) -> None:
        count = len(block)
        if not count:
            return
        mean = float(block.mean())
        delta = mean - self.mean
        total = self.count + count
        self.squares += float(((block - mean) ** 2).sum()) + delta**2 * self.count * count / total
        self.mean += delta * count / total
        self.count = total
        self.low = min(self.low, float(block.min()))
        self.high = max(self.high, float(block.max()))
        self.integral = self.integral and not (block % 1).any() and self.high < 2**53

    def facts(self) -> dict[str, Any]:
        std = math.sqrt(self.squares / (self.count - 1)) if self.count > 1 else 0.0
        facts = {"min": self.low, "max": self.high, "mean": self.mean, "std": std}
        # JSON knows no infinity: sums of numbers near 1e308 overflow.
        return {name: value if math.isfinite(value) else None for name, value in facts.items()}


def _shape(sample: list[Floats]) -> dict[str, Any]:
    import numpy as np

    values = np.concatenate(sample) if sample else np.empty(0)
    values = values[np.isfinite(values)]
    if not len(values) or not math.isfinite(float(values.max() - values.min())):
        return {"quantiles": {}, "histogram": {"edges": [], "counts": []}}
    counts, edges = np.histogram(values, bins=min(BINS, max(1, len(np.unique(values)))))
    quantiles = np.quantile(values, list(QUANTILES.values()))
    return {
        "quantiles": dict(zip(QUANTILES, quantiles.tolist(), strict=True)),
        "histogram": {"edges": edges.tolist(), "counts": counts.tolist()},
    }
