"""Rows of delimited text off a stream, in blocks of bounded memory."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain, islice
from typing import cast

from datasets.formats import csv_frames
from datasets.formats.block import Block
from datasets.formats.sniff import (
    BadTable,
    Dialect,
    NoRows,
    check_names,
    named,
    numbered,
    ragged,
    too_long,
)
from datasets.formats.stream import BLOCK_BYTES, Plain, Row, block_rows, buffered, damage_told

END = "\0"  # a last line: no text has it, and it is no line of its own where a quote is open
STEP_ROWS = 50  # between two looks at the size of a block


class Reader:
    """The records of `plain` as a `stream.Table`.

    UnicodeDecodeError when the encoding that the head suggested is wrong further down.
    """

    def __init__(self, plain: Plain, dialect: Dialect, _kept: ExitStack) -> None:
        self._plain = plain
        self._dialect = dialect
        plain.ahead.keep()
        self._open(dialect.encoding)
        first = self._first()
        self._ahead: list[Row] = [] if dialect.header else [first]
        self.names = named(first) if dialect.header else numbered(len(first))
        check_names(self.names)

    def _open(self, encoding: str, line: int = 0) -> None:
        """Read records from here on, after `line` lines."""
        self._text = io.TextIOWrapper(buffered(self._plain), encoding=encoding, newline="")
        quote = self._dialect.quote
        self._records = csv.reader(
            chain(self._text, [END]),
            delimiter=self._dialect.delimiter,
            quotechar=quote or None,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        )
        self._before = line

    @property
    def packed_bytes(self) -> int:
        return self._plain.packed_bytes

    def _first(self) -> Row:
        with damage_told():
            for record in self._records:
                if record and _goes_on([record], 0):
                    return record
        raise NoRows("The file is empty.")

    def __iter__(self) -> Iterator[list[Row]]:
        self._plain.ahead.forget()
        while block := self._block():
            yield block

    def blocks(
        self, numbers: Collection[str], columns: Collection[str] | None = None
    ) -> Iterator[Block]:
        """The rows of iterating, as blocks; see `registry.blocks`.

        Chunks in which nothing is doubtful are parsed at once, some 30 times as fast. From the
        first other one on csv.reader reads, which knows what is wrong, and where.
        """
        if csv_frames.fits(self._dialect):
            head = self._records.line_num if self._dialect.header else 0
            cast("io.BufferedReader", self._text.detach()).detach()  # it would close the stream
            self._plain.restart()
            chunks = csv_frames.Chunks(self._plain, self._dialect, self.names)
            yield from chunks.blocks(numbers, head, columns)
            if chunks.at_end:
                return
            self._resume(chunks.line)
        for rows in self:
            yield Block(self.names, rows)

    def _resume(self, line: int) -> None:
        """Go on with csv.reader after `line` lines."""
        encoding = self._dialect.encoding
        self._open("utf-8" if line and encoding == "utf-8-sig" else encoding, line)
        self._ahead = []
        if self._dialect.header and not line:
            self._first()

    def _block(self) -> list[Row]:
        """The next rows, checked; empty at the end."""
        block, self._ahead = self._ahead, []
        line = self._before + self._records.line_num - len(block)
        most = block_rows(len(self.names))
        until = self._plain.seen + BLOCK_BYTES
        try:
            with damage_told():
                while len(block) < most and self._plain.seen < until:
                    count = len(block)
                    block.extend(islice(self._records, STEP_ROWS))
                    if len(block) == count:
                        break
        except csv.Error as error:
            raise too_long(line + _height(block) + 1) from error
        if block and not _goes_on(block, line):
            del block[-1]
        return self._of_one_width(block, line) or (self._block() if block else [])

    def _of_one_width(self, block: list[Row], line: int) -> list[Row]:
        """`block`, which begins after `line`, without blank lines."""
        width = len(self.names)
        if set(map(len, block)) <= {width}:
            return block
        for number, row in enumerate(block):
            if row and len(row) != width:
                place = line + _height(block[:number]) + 1
                raise ragged(place, expected=width, found=len(row))
        return [row for row in block if row]


def _goes_on(block: list[Row], line: int) -> bool:
    """Whether the file has more; BadTable when it ends in quotes. `block` begins after `line`."""
    if not block[-1] or not block[-1][-1].endswith(END):
        return True
    if block[-1] == [END]:
        return False
    raise BadTable(
        f"Line {line + _height(block[:-1]) + 1} opens a quote that never closes.",
        f"It is in column {len(block[-1])}. Close it, or change how the file is read so that "
        "quotes are text.",
    )


def _height(rows: Sequence[Row]) -> int:
    """How many lines the rows take up in the file."""
    cells = [cell for row in rows for cell in row if "\n" in cell or "\r" in cell]
    return len(rows) + sum(
        cell.count("\n") + cell.count("\r") - cell.count("\r\n") for cell in cells
    )
