"""What the columns of a table hold: one pass over blocks of rows, bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from datasets.formats.block import Block, numbers_in, numbers_of
from datasets.formats.sniff import MISSING
from datasets.tables.moments import Moments, shape

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]
    Places = npt.NDArray[np.intp]
    Mask = npt.NDArray[np.bool_]

DISTINCT_VALUES = 400_000  # counted over all columns together, about 60 MB
DISTINCT_PER_COLUMN = 10_000
DISTINCT_CHARACTERS = 64_000_000  # of the values that are counted
SAMPLED_CELLS = 12_000_000  # numbers kept over all columns together, 96 MB
LISTED = 50  # columns with at most so many distinct values list them all
TOP = 10
DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")


class Profile:
    """Fed with blocks of rows, it answers `columns()`: one dict of facts a column.

    Counts, means, standard deviations, minima and maxima are exact. Distinct values are exact up to
    a cap (`unique_exact`) and wherever a column's numbers are all kept. So are quantiles and
    histograms; numbers of which not all are kept have theirs from rows chosen at random, the same
    for all columns (`sampled_rows` says how many).
    """

    def __init__(self, names: Sequence[str]) -> None:
        import numpy as np

        self._names = tuple(names)
        cap = min(DISTINCT_PER_COLUMN, DISTINCT_VALUES // max(1, len(names)))
        room = DISTINCT_CHARACTERS // max(1, len(names))
        self._columns = [_Column(name, cap, room) for name in names]
        self._random = np.random.default_rng(0)
        self._ranks: list[npt.NDArray[np.float32]] = []  # by which the kept rows were chosen
        self._share = 1.0  # of the rows are kept
        self.rows = 0

    @property
    def numbers(self) -> set[str]:
        """Columns of numbers whose spelling is no longer asked for."""
        return {column.name for column in self._columns if column.is_plain}

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        self.add_block(Block(self._names, rows))

    def add_block(self, block: Block) -> None:
        import numpy as np

        ranks = self._random.random(len(block), dtype=np.float32)
        picked = None if self._share == 1.0 else np.flatnonzero(ranks < self._share)
        self._ranks.append(ranks if picked is None else ranks[picked])
        self.rows += len(block)
        for column in self._columns:
            column.add(block, picked)
        while self._sampled * max(1, len(self.numbers)) > SAMPLED_CELLS:
            self._thin()

    @property
    def _sampled(self) -> int:
        return sum(map(len, self._ranks))

    def _thin(self) -> None:
        self._share /= 2
        masks = [ranks < self._share for ranks in self._ranks]
        self._ranks = [ranks[mask] for ranks, mask in zip(self._ranks, masks, strict=True)]
        for column in self._columns:
            column.thin(masks)

    def columns(self) -> list[dict[str, Any]]:
        sampled = None if self._share == 1.0 else self._sampled
        return [column.facts(self.rows, sampled) for column in self._columns]


class _Column:
    """Counts its values as text; when they are too many, adds up numbers or counts gaps."""

    def __init__(self, name: str, cap: int, room: int) -> None:
        self.name = name
        self.cap = cap
        self.room = room  # characters for values of any length
        self.missing = 0  # beyond `counts`
        self.counts: dict[str, int] = {}
        self.counted_rows = 0
        self.counting = True
        self.distinct, self.dates = 0, False  # of the values that were counted
        self.is_number = True
        self.moments = Moments()
        # Numbers that were counted before they were too many, by size; then those of each block.
        self._early: list[Floats] = []
        self._kept: list[Floats | None] = []

    @property
    def is_plain(self) -> bool:
        return self.is_number and not self.counting

    def add(self, block: Block, picked: Places | None) -> None:
        if self.counting:
            self._kept.append(None)
            self._count(block)
            return
        numbers = block.numbers(self.name) if self.is_number else None
        if numbers is None:
            self.is_number, self._early, self._kept = False, [], []
            self.missing += int(block.series(self.name).is_in(list(MISSING)).sum())
            return
        self._kept.append(numbers if picked is None else numbers[picked])
        gaps = numbers != numbers  # noqa: PLR0124  # NaN is what differs from itself
        if missing := int(gaps.sum()):
            numbers = numbers[~gaps]
        self.missing += missing
        self.moments.add(numbers)

    def _count(self, block: Block) -> None:
        import polars as pl

        found = block.series(self.name).alias("value").value_counts(name="count")
        self.counted_rows += len(block)
        if not self.counts and found.height > self.cap + len(MISSING):
            self._stop_counting(found)
            return
        values: list[str] = found["value"].to_list()
        new = [value for value in values if value not in self.counts]
        if new and self.is_number and numbers_of(new) is None:
            self.is_number = False
        self.room -= sum(map(len, new))
        for value, count in zip(values, found["count"].to_list(), strict=True):
            self.counts[value] = self.counts.get(value, 0) + count
        if len(self.counts) > self.cap + len(MISSING & self.counts.keys()) or self.room < 0:
            known = {"value": list(self.counts), "count": list(self.counts.values())}
            self._stop_counting(pl.DataFrame(known))

    def _stop_counting(self, found: pl.DataFrame) -> None:
        """Keep of all counted values, `found`, what will be needed of them."""
        import numpy as np

        self.counting = False
        gaps = found["value"].is_in(list(MISSING))
        self.missing = int(found["count"].filter(gaps).sum())
        found = found.filter(~gaps)
        numbers = numbers_in(found["value"]) if self.is_number else None
        self.is_number = numbers is not None
        if numbers is None:
            self.dates = _are_dates(found["value"])
        else:
            counts = found["count"].to_numpy().astype(np.intp)
            order = np.argsort(numbers)
            self.moments.add(numbers, counts)
            self._early = [np.repeat(numbers[order], counts[order])]
        self.distinct = found.height
        top = found.sort("count", "value", descending=[True, False]).head(TOP)
        self.counts = dict(top.select("value", "count").iter_rows())

    def _gaps(self) -> int:
        return sum(count for value, count in self.counts.items() if value in MISSING)

    def _present(self) -> dict[str, int]:
        return {value: count for value, count in self.counts.items() if value not in MISSING}

    def _weighted(self) -> tuple[Floats, Places]:
        """The counted numbers by size, and how often each occurred."""
        import numpy as np

        present = self._present()
        numbers = numbers_of(list(present))
        assert numbers is not None  # noqa: S101  # each was judged when it first came
        values, place = np.unique(numbers, return_inverse=True)
        counts = np.bincount(place, weights=list(present.values()), minlength=len(values))
        return values, counts.astype(np.intp)

    def thin(self, masks: Sequence[Mask]) -> None:
        self._early = [values[::2].copy() for values in self._early]
        if self.is_plain:
            self._kept = [
                values if values is None else values[mask]
                for values, mask in zip(self._kept, masks, strict=True)
            ]
        else:
            self._kept = [None] * len(masks)

    def facts(self, rows: int, sampled: int | None) -> dict[str, Any]:
        present = self._present()
        if self.counting:
            self.missing = self._gaps()
            self.distinct, self.dates = len(present), _are_dates(present)
        facts: dict[str, Any] = {
            "name": self.name,
            "dtype": self._dtype(present, rows),
            "missing": self.missing,
            "unique": min(self.distinct, self.cap),
            "unique_exact": self.counting,
            "top": self._top(present),
            "counted_rows": self.counted_rows,
        }
        if facts["dtype"] in ("integer", "number"):
            facts |= self._numeric(rows, sampled)
        return facts

    def _numeric(self, rows: int, sampled: int | None) -> dict[str, Any]:
        if self.counting:
            values, counts = self._weighted()
            return self.moments.facts() | shape(values, counts) | {"sampled_rows": rows}
        import numpy as np

        self._early = kept = [*self._early, *(v for v in self._kept if v is not None)]
        values = np.concatenate(kept)
        self._early, self._kept = [], []
        values = np.sort(values[np.isfinite(values)])
        facts = self.moments.facts() | shape(values) | {"sampled_rows": sampled or rows}
        if sampled is None:
            distinct = 1 + int(np.count_nonzero(values[1:] != values[:-1]))
            facts |= {"unique": distinct, "unique_exact": True, "counted_rows": rows}
        return facts

    def _dtype(self, present: dict[str, int], rows: int) -> str:
        if self.missing == rows:
            return "empty"
        if self.is_number:
            if self.counting:
                self.moments = Moments()
                self.moments.add(*self._weighted())
            return "integer" if self.moments.integral else "number"
        if self.counting and {value.lower() for value in present} <= {"true", "false"}:
            return "boolean"
        return "date" if self.dates else "text"

    def _top(self, present: dict[str, int]) -> list[dict[str, Any]]:
        few = self.counting and len(present) <= LISTED
        if self.is_number and not few:
            return []
        ranked = sorted(present.items(), key=_by_count)
        # Long cells are cut: the profile is a page's worth, not a copy of the data.
        return [{"value": value[:200], "count": n} for value, n in ranked[: LISTED if few else TOP]]


def _by_count(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def _are_dates(values: Iterable[str]) -> bool:
    return all(DATE.fullmatch(value) for value in values)
