"""Rows of delimited text off a stream, in blocks of bounded memory."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO, cast

from datasets.formats.sniff import (
    MAX_LINE,
    BadTable,
    Dialect,
    check_names,
    nul_at,
    ragged,
    too_long,
)

BLOCK_ROWS = 10_000
BLOCK_CELLS = 400_000
BLOCK_BYTES = 8 * 2**20
STEP_ROWS = 50  # between two looks at the size of a block
# Real tables shrink 3 to 30 times; a bomb about 1,000 times.
MAX_RATIO = 100
FREE_BYTES = 16 * 2**20
UNPACK_BYTES = 2**20

Row = list[str]


class _Counted(io.RawIOBase):
    """Passes bytes on and counts them in `seen`."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no len
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        self.seen += len(data)
        self.look(data)
        return len(data)

    def look(self, data: bytes) -> None:
        """What a subclass checks."""


class _Guarded(_Counted):
    """Text on its way to the parser: no NULs, no endless line, no bomb."""

    def __init__(self, source: BinaryIO, packed: _Counted | None) -> None:
        super().__init__(source)
        self._packed = packed
        self._line = 1
        self._run = 0  # bytes since the last line end

    def look(self, data: bytes) -> None:
        if self._packed and self.seen > max(FREE_BYTES, MAX_RATIO * self._packed.seen):
            raise BadTable(
                f"The file unpacks to more than {MAX_RATIO} times its size.",
                "Upload it uncompressed if it is really that large.",
            )
        end = b"\n" if b"\n" in data else b"\r"
        if (place := data.find(0)) >= 0:
            raise nul_at(self._line + data.count(end, 0, place))
        first = data.find(end)
        # The parser's own limit is in characters; one has at most four bytes.
        if self._run + (first if first >= 0 else len(data)) > 4 * MAX_LINE:
            raise too_long(self._line)
        self._line += data.count(end)
        self._run = self._run + len(data) if first < 0 else len(data) - data.rfind(end) - 1


class Reader:
    """The records of `stream`: `names` at once, then blocks of rows by iterating, once.

    `packed_bytes` is how far into `stream` it has read. BadTable names the line of what cannot be
    read; UnicodeDecodeError when the encoding that the head suggested is wrong further down.
    """

    def __init__(self, stream: BinaryIO, dialect: Dialect) -> None:
        self._packed = _Counted(stream)
        self._plain = _guarded(self._packed, dialect)
        buffered = io.BufferedReader(self._plain, buffer_size=2**18)
        text = io.TextIOWrapper(buffered, encoding=dialect.encoding, newline="")
        self._records = csv.reader(text, delimiter=dialect.delimiter)
        first = self._first()
        self._ahead: list[Row] = [] if dialect.header else [first]
        self.names = [name.strip() for name in first] if dialect.header else _numbered(len(first))
        check_names(self.names)

    @property
    def packed_bytes(self) -> int:
        return self._packed.seen

    def _first(self) -> Row:
        with _damage_told():
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
        most = max(100, min(BLOCK_ROWS, BLOCK_CELLS // len(self.names)))
        until = self._plain.seen + BLOCK_BYTES
        try:
            with _damage_told():
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


def _guarded(packed: _Counted, dialect: Dialect) -> _Guarded:
    if dialect.compression == "gzip":
        unpacked = gzip.GzipFile(fileobj=cast("BinaryIO", packed))
        return _Guarded(cast("BinaryIO", unpacked), packed)
    return _Guarded(cast("BinaryIO", packed), None)


def check_unpacking(stream: BinaryIO, dialect: Dialect) -> None:
    """Unpack all of `stream` without reading records, some 50 times as fast as with it.

    BadTable as soon as it turns out to be a bomb, is damaged, or holds a NUL or an endless line.
    """
    plain = _guarded(_Counted(stream), dialect)
    with _damage_told():
        while plain.read(UNPACK_BYTES):
            pass


def _numbered(width: int) -> list[str]:
    return [f"column_{number}" for number in range(1, width + 1)]


@contextmanager
def _damage_told() -> Iterator[None]:
    """A broken gzip stream as a BadTable."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadTable("The gzip file is damaged or cut off.", "Compress it again.") from error
