"""Delimited text parsed chunk by chunk into frames, as far as every parser would read it alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from datasets.formats import csv_chunks
from datasets.formats.block import FrameBlock, numbers_in, stripped
from datasets.formats.csv_chunks import Chunk
from datasets.formats.sniff import MISSING, Dialect
from datasets.formats.stream import Plain, damage_told

if TYPE_CHECKING:
    import polars as pl

CHUNK_BYTES = 8 * 2**20
TRIALS = 4  # that parsing numbers at once may fail before all is read as text first


def fits(dialect: Dialect) -> bool:
    """Whether chunks of such a text can be cut and parsed at all."""
    plain = dialect.delimiter.isascii() and dialect.quote in ("", '"')
    return plain and dialect.encoding in csv_chunks.ENCODINGS


class Chunks:
    """The rows of `plain` from its first byte on, as long as no chunk leaves a doubt.

    Afterwards either `at_end`, or what follows `line` lines is still to be read off `plain`.
    """

    def __init__(self, plain: Plain, dialect: Dialect, names: list[str]) -> None:
        self._plain = plain
        self._dialect = dialect
        self._names = names
        self._parser = _Parser(names, dialect.delimiter)
        self.at_end = False
        self.line = 0

    def blocks(
        self, numbers: Collection[str], head: int, columns: Collection[str] | None = None
    ) -> Iterator[FrameBlock]:
        """The rows after the first `head` lines; `numbers` are looked at for each block."""
        while not self.at_end and (data := self._whole_lines()):
            chunk = self._checked(data, 0 if self.line else head)
            frame = self._parser.frame(chunk, frozenset(numbers), columns) if chunk else None
            if chunk is None or frame is None:
                self._plain.ahead.back(data)
                self.at_end = False
                return
            self._plain.passed(len(data), chunk.lines)
            self.line += chunk.lines
            if frame.height:
                yield FrameBlock(self._names, frame, stripped=chunk.stripped)

    def _whole_lines(self) -> bytes:
        """Whole records, or all that is left, `at_end`; nothing when that cannot be told."""
        with damage_told():
            data = self._plain.ahead.exactly(CHUNK_BYTES)
        if len(data) < CHUNK_BYTES:
            self.at_end = True
            return data
        end = csv_chunks.whole_records(data, self._dialect)
        self._plain.ahead.back(data[end:])
        return data[:end]

    def _checked(self, data: bytes, head: int) -> Chunk | None:
        if self._dialect.encoding == "utf-8-sig" and not self.line:
            data = data.removeprefix(csv_chunks.BOM)
        start = 0
        for _ in range(head):
            start = data.find(b"\n", start) + 1
            if not start:  # the header is all there is, or a line ends otherwise
                return None
        found = csv_chunks.checked(data[start:], self._dialect, len(self._names))
        return replace(found, lines=found.lines + head) if found and head else found


class _Parser:
    """Parses columns of numbers at once, which takes half as long as parsing their text."""

    def __init__(self, names: list[str], delimiter: str) -> None:
        self._names = names
        self._delimiter = delimiter
        self._missing: dict[str, str] = {}  # how a column spells a missing number, beside ""
        self._texts: set[str] = set()  # columns with several spellings, or with other text
        self._trials = TRIALS

    def frame(
        self, chunk: Chunk, numbers: frozenset[str], columns: Collection[str] | None = None
    ) -> pl.DataFrame | None:
        """The chunk's columns as `FrameBlock` wants them; None when it is in doubt after all."""
        import polars as pl

        if not chunk.rows:
            return pl.DataFrame()
        if columns is not None:
            numbers &= frozenset(columns)
        direct = numbers - self._texts if self._trials else frozenset[str]()
        frame = self._parsed(chunk, direct, columns)
        if frame is None and direct:
            self._trials -= 1
            frame = self._parsed(chunk, frozenset(), columns)
            direct = frozenset()
        if frame is None:
            return None
        judged = numbers - direct
        if not judged:  # polars plans a moment for each column, also to do nothing
            return frame
        return frame.with_columns(self._numbers(frame[n], chunk) for n in judged)

    def _parsed(
        self, chunk: Chunk, numbers: frozenset[str], columns: Collection[str] | None
    ) -> pl.DataFrame | None:
        import polars as pl

        kinds = {name: pl.Float64 if name in numbers else pl.String for name in self._names}
        missing = {name: self._missing[name] for name in numbers & self._missing.keys()}
        try:
            frame = pl.read_csv(
                chunk.text,
                has_header=False,
                schema=kinds,
                columns=None if columns is None else self._places(columns),
                separator=self._delimiter,
                quote_char='"' if chunk.quoted else None,
                null_values=missing or None,
                empty_string_is_null=False,
                extra_columns="raise",
                missing_columns="raise",
                glob=False,
            )
        except pl.exceptions.PolarsError:
            return None
        if frame.height != chunk.rows:
            return None
        if not numbers:
            return frame
        # A sum is not finite when a number is not; one that overflows is a doubt like others. To
        # select the same, polars would plan a moment for each column.
        sums = (one.sum() for one in frame.get_columns() if one.dtype == pl.Float64)
        return frame if all(map(isfinite, sums)) else None

    def _places(self, columns: Collection[str]) -> list[int]:
        """Where the columns stand; the first when there is none, for rows have to be counted."""
        return [place for place, name in enumerate(self._names) if name in columns] or [0]

    def _numbers(self, series: pl.Series, chunk: Chunk) -> pl.Series:
        """A column of text as numbers, unless other text is in it; remembers what is missing."""
        import polars as pl

        cells = series if chunk.stripped else stripped(series)
        numbers = numbers_in(cells)
        if numbers is None:
            self._texts.add(series.name)
            return series
        found = set(cells.filter(cells.is_in(list(MISSING))).unique()) - {""}
        if len(found) == 1:
            self._missing.setdefault(series.name, found.pop())
        elif found:
            self._texts.add(series.name)
        return pl.Series(series.name, numbers)
