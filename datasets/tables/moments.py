"""Sums over numbers, block by block, and the shape of numbers that are at hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Counts = npt.NDArray[np.intp]

BINS = 20
LARGEST = 1e300  # numbers beyond have no shape: their differences overflow
QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


class Moments:
    """Count, mean and squared deviations, merged block by block (Chan et al. 1979)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self.squares = 0.0
        self.low = math.inf
        self.high = -math.inf
        self.integral = True

    def add(self, values: Floats, counts: Counts | None = None) -> None:
        """Finite numbers, each once or as often as `counts` says."""
        import numpy as np

        if not len(values):
            return
        count = len(values) if counts is None else int(counts.sum())
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float((values if counts is None else values * counts).sum() / count)
            off = values - mean
            off *= off
            squares = float((off if counts is None else off * counts).sum())
        delta = mean - self.mean
        total = self.count + count
        self.squares += squares + delta * delta * self.count * count / total
        self.mean += delta * count / total
        self.count = total
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))
        if self.integral:
            self.integral = self.high < 2**53 and bool((np.floor(values) == values).all())

    def facts(self) -> dict[str, Any]:
        std = math.sqrt(self.squares / (self.count - 1)) if self.count > 1 else 0.0
        facts = {"min": self.low, "max": self.high, "mean": self.mean, "std": std}
        # JSON knows no infinity: sums of numbers near 1e308 overflow.
        return {name: value if math.isfinite(value) else None for name, value in facts.items()}


def shape(values: Floats, counts: Counts | None = None) -> dict[str, Any]:
    """Quantiles and histogram of numbers by size, each once or as often as `counts` says."""
    import numpy as np

    if not len(values) or max(-values[0], values[-1]) > LARGEST:
        return {"quantiles": {}, "histogram": {"edges": [], "counts": []}}
    ends = np.arange(1, len(values) + 1) if counts is None else np.cumsum(counts)
    return {
        "quantiles": dict(zip(QUANTILES, _quantiles(values, ends), strict=True)),
        "histogram": _histogram(values, ends),
    }


def _histogram(values: Floats, ends: Counts) -> dict[str, list[Any]]:
    """Bars of equal width, each without its right edge but the last; `ends` as in `_quantiles`."""
    import numpy as np

    distinct = 1 + int(np.count_nonzero(values[1:] != values[:-1]))
    low, high = float(values[0]), float(values[-1])
    if low == high:
        edges = np.array([low - 0.5, high + 0.5])
    else:
        edges = np.linspace(low, high, min(BINS, distinct) + 1)
    below = np.searchsorted(values, edges[1:-1], side="left")
    sums = np.concatenate([[0], ends])[np.concatenate([[0], below, [len(values)]])]
    return {"edges": edges.tolist(), "counts": np.diff(sums).tolist()}


def _quantiles(values: Floats, ends: Counts) -> list[float]:
    """As numpy's default defines them: linear between the two nearest.

    `ends` says how many numbers there are up to and with each of `values`.
    """
    import numpy as np

    place = np.array(list(QUANTILES.values())) * (ends[-1] - 1)
    low, high = np.floor(place), np.ceil(place)
    below = values[np.searchsorted(ends, low, side="right")]
    above = values[np.searchsorted(ends, high, side="right")]
    found: list[float] = (below + (above - below) * (place - low)).tolist()
    return found
