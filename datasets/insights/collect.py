"""Fed with the blocks of a table, it tells what was noticed and which rows were kept."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from datasets.formats.block import Block
from datasets.insights import pixels, prose, targets
from datasets.insights.sample import First, Repeats, Sample, hashes

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

FIRST_ROWS, FIRST_CELLS = 10_000, 1_000_000
RANDOM_ROWS, RANDOM_CELLS = 1_000, 1_000_000
ROWS_A_CLASS = 12
GROUP_ROWS = 500  # a reader fetches so many rows at a time
# Until then all columns are read as text, so that rows can be compared and kept as they are.
TEXT_CELLS = 10_000_000
KEPT, ROW = "__kept", "__row"

Column = Mapping[str, Any]


class Insights:
    """`add` every block of a table in order; then `found` and `rows`, given its columns' facts."""

    def __init__(self, names: Sequence[str]) -> None:
        width = max(1, len(names))
        self._names = tuple(names)
        self._first = First(names, most=min(FIRST_ROWS, FIRST_CELLS // width))
        self._sample = Sample(names)
        self._repeats = Repeats(names)
        self._rows = 0

    @property
    def wants_text(self) -> bool:
        """Whether columns of numbers should still be read as text."""
        return self._rows * len(self._names) < TEXT_CELLS

    def add(self, block: Block) -> None:
        self._rows += len(block)
        self._first.add(block)
        self._sample.add(block)
        self._repeats.add(block)

    def found(
        self, columns: Sequence[Column], likely: Callable[[Sequence[Column]], str]
    ) -> dict[str, Any]:
        """`Dataset.insights` without `kept`. `likely` names the likeliest target of columns."""
        images = pixels.found(columns)
        start, count = (images["first"], images["count"]) if images else (0, 0)
        plain = [c for n, c in enumerate(columns) if not start <= n < start + count]
        once, repeated = self._once()
        named = [c["name"] for c in plain if self._is_identifier(c)]
        relations = targets.Relations(self._sample, columns, once=once, identifiers=named)
        exact = self._repeats.is_exact
        aims = targets.plausible(plain, likely(plain))
        return {
            "rows": self._rows,
            "sampled": None if self._sample.is_all else len(self._sample),
            "constant": [c["name"] for c in columns if _is_constant(c)],
            "identifiers": named,
            "duplicates": {"rows": self._repeats.count() if exact else repeated, "exact": exact},
            "images": images,
            "texts": self._texts(columns),
            "targets": {name: relations.of(name) for name in aims},
        }

    def _once(self) -> tuple[npt.NDArray[np.intp], int]:
        """The places of sampled rows that differ from each other; how many others there are."""
        import numpy as np

        if not len(self._sample):
            return np.empty(0, np.intp), 0
        cells = [self._sample.comparable(name) for name in self._names]
        _, places = np.unique(hashes(cells), return_index=True)
        return np.sort(places), len(self._sample) - len(places)

    def _texts(self, columns: Sequence[Column]) -> dict[str, Any]:
        found = {
            c["name"]: prose.described(
                self._sample.texts(c["name"]), self._sample.lengths(c["name"]), c["missing"]
            )
            for c in columns
            if c["dtype"] == "text" and c["unique"] > targets.CLASSES
        }
        return {name: text for name, text in found.items() if text}

    def _is_identifier(self, column: Column) -> bool:
        """Whether each row has a value of its own that says nothing: a number or a code."""
        present = self._rows - column["missing"]
        if present < 20 or column["dtype"] not in ("integer", "text"):
            return False
        if column["unique_exact"] and column["unique"] < present:
            return False
        if column["dtype"] == "integer":
            numbers = self._sample.numbers(column["name"])
            return bool((numbers[1:] > numbers[:-1]).all() or (numbers[1:] < numbers[:-1]).all())
        cells = self._sample.texts(column["name"])
        cells = cells.filter(cells != "")
        is_prose = cells.str.contains(r"\S+\s+\S+\s+\S+\s").any()
        return not is_prose and cells.n_unique() == len(cells)

    def rows(
        self, columns: Sequence[Column], found: Mapping[str, Any]
    ) -> tuple[bytes, dict[str, int]]:
        """The kept rows as a Parquet file, and how many there are of each kind."""
        first = self._first.frame()
        width = max(1, len(self._names))
        chosen = self._sample.lowest(min(RANDOM_ROWS, RANDOM_CELLS // width))
        classes = self._of_classes(columns, list(found["targets"])) if found["images"] else []
        parts = [
            _marked(first, "first", list(range(first.height))),
            self._sampled("random", chosen),
            self._sampled("class", classes),
        ]
        return _parquet(parts, self._names), {
            "first": first.height,
            "random": len(chosen),
            "per_class": ROWS_A_CLASS if classes else 0,
        }

    def _of_classes(self, columns: Sequence[Column], names: Sequence[str]) -> list[int]:
        """Up to `ROWS_A_CLASS` sampled rows for each value of each column of classes."""
        few = {c["name"] for c in columns if c["unique"] <= targets.CLASSES}
        found: set[int] = set()
        for name in names:
            if name in few:
                cells = self._sample.texts(name)
                groups = cells.to_frame("value").with_row_index("place").group_by("value")
                for places in groups.agg(_places()).get_column("place"):
                    found.update(places.head(ROWS_A_CLASS))
        return sorted(found)

    def _sampled(self, kind: str, places: Sequence[int]) -> pl.DataFrame:
        import polars as pl

        cells = [self._sample.texts(name, places) for name in self._names]
        frame = pl.DataFrame([series.alias(str(n)) for n, series in enumerate(cells)])
        return _marked(frame, kind, self._sample.places[list(places)].tolist())


def _places() -> pl.Expr:
    import polars as pl

    return pl.col("place").sort()


def _is_constant(column: Column) -> bool:
    return bool(column["unique_exact"] and column["unique"] == 1 and not column["missing"])


def _marked(frame: pl.DataFrame, kind: str, numbers: Sequence[int]) -> pl.DataFrame:
    import polars as pl

    marks = pl.Series(KEPT, [kind] * frame.height, dtype=pl.String)
    places = pl.Series(ROW, numbers, dtype=pl.Int64)
    return pl.DataFrame([marks, places, *frame.get_columns()])


def _parquet(parts: Sequence[pl.DataFrame], names: Sequence[str]) -> bytes:
    import polars as pl
    import pyarrow.parquet as pq

    table = pl.concat(parts).to_arrow().rename_columns([KEPT, ROW, *names])
    own = [place for place, name in enumerate(names, start=2) if name not in (KEPT, ROW)]
    file = io.BytesIO()
    pq.write_table(table.select([0, 1, *own]), file, row_group_size=GROUP_ROWS, compression="zstd")
    return file.getvalue()
