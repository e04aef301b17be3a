"""Rows of delimited text off a stream, in blocks of bounded memory."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import BinaryIO, TextIO, cast

from datasets.formats.sniff import (
    MAX_LINE,
    BadTable,
    Dialect,
    check_names,
    nul_at,
    ragged,
    too_long,
    too_many_columns,
)

BLOCK_ROWS = 10_000
BLOCK_CELLS = 400_000
BLOCK_CHARACTERS = 8 * 2**20
# Real tables shrink 3 to 30 times; a bomb about 1,000 times.
MAX_RATIO = 100
FREE_BYTES = 64 * 2**20

Row = list[str]


class Counted(io.RawIOBase):
    """Passes bytes on and counts them in `seen`; with `limit`, refuses to pass more."""

    def __init__(self, source: BinaryIO, *, limit: int = 0) -> None:
        self._source = source
        self._limit = limit
        self.seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no len
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        self.seen += len(data)
        if self._limit and self.seen > self._limit:
            raise BadTable(
                f"The file unpacks to more than {self._limit // 2**20:,} MB, over {MAX_RATIO} "
                "times its size.",
                "Upload it uncompressed if it is really that large.",
            )
        return len(data)


class Reader:
    """The records of `stream`: `names` at once, then blocks of rows by iterating, once.

    `size` is the stored size in bytes, for the bound on what a gzip file may unpack to.
    BadTable names the line of what cannot be read; UnicodeDecodeError when the encoding that the
    head suggested is wrong further down.
    """

    def __init__(self, stream: BinaryIO, dialect: Dialect, *, size: int) -> None:
        self.rows_read = 0
        self._characters = 0
        self._text = _text(stream, dialect, size)
        self._records = csv.reader(self._lines(), delimiter=dialect.delimiter)
        first = self._first()
        self._ahead: list[Row] = [] if dialect.header else [first]
        self.names = [name.strip() for name in first] if dialect.header else _numbered(len(first))
        check_names(self.names)

    def _first(self) -> Row:
        with _damage_told():
            for record in self._records:
                if record:
                    return record
        raise BadTable("The file is empty.")

    def __iter__(self) -> Iterator[list[Row]]:
        width = len(self.names)
        most = max(100, min(BLOCK_ROWS, BLOCK_CELLS // width))
        block: list[Row] = []
        with _damage_told():
            for row in chain(self._ahead, self._checked(width)):
                block.append(row)
                if len(block) >= most or self._characters >= BLOCK_CHARACTERS:
                    yield block
                    self.rows_read += len(block)
                    block, self._characters = [], 0
        if block:
            yield block
            self.rows_read += len(block)

    def _checked(self, width: int) -> Iterator[Row]:
        records = self._records
        try:
            for row in records:
                if len(row) == width:
                    yield row
                elif row:  # blank lines are no rows
                    inner = sum(cell.count("\n") for cell in row)
                    raise ragged(records.line_num - inner, expected=width, found=len(row))
        except csv.Error as error:
            raise too_long(records.line_num) from error

    def _lines(self) -> Iterator[str]:
        readline, number = self._text.readline, 0
        while line := readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise too_long(number)
            if "\0" in line:
                raise nul_at(number)
            self._characters += len(line)
            yield line


def _text(stream: BinaryIO, dialect: Dialect, size: int) -> TextIO:
    if dialect.compression == "gzip":
        limit = max(FREE_BYTES, size * MAX_RATIO)
        unpacked = Counted(cast("BinaryIO", gzip.GzipFile(fileobj=stream)), limit=limit)
        stream = cast("BinaryIO", io.BufferedReader(unpacked, buffer_size=2**18))
    return io.TextIOWrapper(stream, encoding=dialect.encoding, newline="")


def _numbered(width: int) -> list[str]:
    if width > 100_000:
        raise too_many_columns(width)
    return [f"column_{number}" for number in range(1, width + 1)]


@contextmanager
def _damage_told() -> Iterator[None]:
    """A broken gzip stream as a BadTable."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadTable("The gzip file is damaged or cut off.", "Compress it again.") from error
