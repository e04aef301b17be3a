"""Rows of delimited text off a stream, in blocks of bounded memory."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice

from datasets.formats.sniff import BadTable, Dialect, check_names, ragged, too_long
from datasets.formats.stream import BLOCK_BYTES, Plain, Row, block_rows, buffered, damage_told

STEP_ROWS = 50  # between two looks at the size of a block


class Reader:
    """The records of `plain` as a `stream.Table`.

    UnicodeDecodeError when the encoding that the head suggested is wrong further down.
    """

    def __init__(self, plain: Plain, dialect: Dialect, _kept: ExitStack) -> None:
        self._plain = plain
        text = io.TextIOWrapper(buffered(plain), encoding=dialect.encoding, newline="")
        self._records = csv.reader(
            text,
            delimiter=dialect.delimiter,
            quotechar=dialect.quote or None,
            quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        )
        first = self._first()
        self._ahead: list[Row] = [] if dialect.header else [first]
        self.names = [name.strip() for name in first] if dialect.header else _numbered(len(first))
        check_names(self.names)

    @property
    def packed_bytes(self) -> int:
        return self._plain.packed_bytes

    def _first(self) -> Row:
        with damage_told():
            for record in self._records:
                if record:
                    return record
        raise BadTable("The file is empty.")

    def __iter__(self) -> Iterator[list[Row]]:
        while block := self._block():
            yield block

    def _block(self) -> list[Row]:
        """The next rows, checked; empty at the end."""
        block, self._ahead = self._ahead, []
        line = self._records.line_num - len(block)
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


def _height(rows: Sequence[Row]) -> int:
    """How many lines the rows take up in the file."""
    return len(rows) + sum(cell.count("\n") for row in rows for cell in row)


def _numbered(width: int) -> list[str]:
    return [f"column_{number}" for number in range(1, width + 1)]
