"""Which columns somebody may want to predict, and what the other columns say about each."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from datasets.formats.sniff import MISSING
from datasets.insights import leaks, measures
from datasets.insights.sample import Sample

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Codes = npt.NDArray[np.intp]

CLASSES = 50
MANY_CLASSES = 200  # of the likeliest target
NUMERIC_CLASSES = 20  # a numeric column with more distinct values is a quantity
TARGETS = 10
FEATURES = 100  # told for each target
CATEGORIES = 1_000  # text with more different values is not compared
WHY = {
    "pearson": "the two rise and fall together, almost without exception",
    "eta": "each of its values has a number of its own",
}

Column = Mapping[str, Any]


def plausible(columns: Sequence[Column], likely: str) -> list[str]:
    """The likeliest target, then columns of classes: texts before numbers."""
    few = [c for c in columns if c["unique_exact"] and 2 <= c["unique"] <= CLASSES]
    texts = [c["name"] for c in few if c["dtype"] in ("text", "boolean")]
    whole = [c for c in few if c["dtype"] == "integer" and c["unique"] <= NUMERIC_CLASSES]
    first = [c["name"] for c in columns if c["name"] == likely and _can_be_aimed_at(c)]
    ranked = [*first, *texts, *(c["name"] for c in whole)]
    return list(dict.fromkeys(ranked))[:TARGETS]


def _can_be_aimed_at(column: Column) -> bool:
    if column["dtype"] in ("integer", "number"):
        return bool(column["unique"] > 1)
    return bool(column["unique_exact"] and 2 <= column["unique"] <= MANY_CLASSES)


class Relations:
    """What the sampled rows say about columns and targets.

    `once` are the places of rows that all differ. `identifiers` give no target away.
    """

    def __init__(
        self,
        sample: Sample,
        columns: Sequence[Column],
        *,
        once: npt.NDArray[np.intp],
        identifiers: Collection[str],
    ) -> None:
        import numpy as np

        self._sample = sample
        self._once = once
        self._identifiers = identifiers
        self._columns = {column["name"]: column for column in columns}
        kinds = {name: column["dtype"] for name, column in self._columns.items()}
        self._numeric = [name for name, kind in kinds.items() if kind in ("integer", "number")]
        parts = [sample.numbers(name) for name in self._numeric]
        self._matrix = np.column_stack(parts) if parts else np.empty((len(sample), 0))
        self._other = [
            name
            for name, kind in kinds.items()
            if kind in ("text", "boolean", "date")
            and self._columns[name]["unique_exact"]
            and self._columns[name]["unique"] <= CATEGORIES
        ]
        self._codes: Callable[[str], Codes] = lru_cache(maxsize=None)(self._coded)

    def _coded(self, name: str) -> Codes:
        """A number for each value of a column, -1 where it is missing."""
        import numpy as np
        import polars as pl

        if name in self._numeric:
            numbers = self._matrix[:, self._numeric.index(name)]
            _, codes = np.unique(numbers, return_inverse=True)
            return np.where(np.isnan(numbers), -1, codes)
        cells = self._sample.texts(name)
        ranks = cells.rank("dense").cast(pl.Int64).to_numpy() - 1
        found: Codes = np.where(cells.is_in(list(MISSING)).to_numpy(), -1, ranks)
        return found

    def of(self, target: str) -> dict[str, Any]:
        """The features that go along most with `target`, and the leaks, as insights have them."""
        quantity = target in self._numeric and not self._is_class(target)
        told = self._with_quantity(target) if quantity else self._with_class(target)
        found = [
            one | {"value": round(one["value"], 4)}
            for one in told
            if math.isfinite(one["value"]) and one["column"] != target
        ]
        found.sort(key=lambda one: (-abs(one["value"]), one["column"]))
        suspects = self._alike(found) if quantity else self._leaks(target)
        return {"features": found[:FEATURES], "leaks": suspects}

    def _is_class(self, name: str) -> bool:
        column = self._columns[name]
        return bool(column["unique_exact"] and column["unique"] <= NUMERIC_CLASSES)

    def _with_quantity(self, target: str) -> list[dict[str, Any]]:
        import numpy as np

        numbers = self._matrix[:, self._numeric.index(target)]
        found = measures.pearson(self._matrix, numbers)
        told = _told(self._numeric, "pearson", found.tolist())
        for name in self._other:
            value = float(measures.eta(numbers[:, np.newaxis], self._codes(name))[0])
            told += _told([name], "eta", [value])
        return told

    def _with_class(self, target: str) -> list[dict[str, Any]]:
        codes = self._codes(target)
        told = _told(self._numeric, "eta", measures.eta(self._matrix, codes).tolist())
        for name in self._other:
            told += _told([name], "cramers_v", [measures.cramers_v(self._codes(name), codes)])
        return told

    def _alike(self, told: Collection[dict[str, Any]]) -> list[dict[str, str]]:
        """Leaks of a quantity."""
        if len(self._once) < leaks.FEWEST:
            return []
        close = [one for one in told if abs(one["value"]) > leaks.ALIKE]
        return [
            {"column": one["column"], "why": WHY[one["measure"]]}
            for one in close
            if one["measure"] == "pearson" or self._repeats(one["column"])
        ]

    def _repeats(self, name: str) -> bool:
        unique = int(self._columns[name]["unique"])
        return unique <= (1 - leaks.REPEATED) * len(self._once)

    def _leaks(self, target: str) -> list[dict[str, str]]:
        codes = self._codes(target)
        known = {target, *self._identifiers}
        others = [name for name in (*self._numeric, *self._other) if name not in known]
        told = ((name, self._why(name, target, codes)) for name in others)
        return [{"column": name, "why": why} for name, why in told if why]

    def _why(self, name: str, target: str, codes: Codes) -> str:
        """Why a column gives a class away, in plain words; empty when it does not."""
        own = self._codes(name)
        values = self._columns[name]["unique"]
        # When whole rows are repeated, each value of a measurement goes with one class as well.
        rows = slice(None) if values <= NUMERIC_CLASSES else self._once
        if leaks.by_values(own[rows], codes[rows]):
            return f"each of its {values:,} values goes with one {target}"
        if name in self._numeric:
            numbers = self._matrix[:, self._numeric.index(name)]
            if leaks.by_ranges(numbers, codes):
                return f"its ranges tell every {target} from the others, without overlap"
        elsewhere = leaks.by_gaps(own < 0, codes)
        if elsewhere is not None:
            return f"whether it is filled in tells one {target} from the others"
        return ""


def _told(names: Sequence[str], measure: str, values: Sequence[float]) -> list[dict[str, Any]]:
    return [
        {"column": name, "measure": measure, "value": value}
        for name, value in zip(names, values, strict=True)
    ]
