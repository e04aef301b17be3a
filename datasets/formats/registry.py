"""Every format that can be read, and how a stored file is opened."""

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Protocol, runtime_checkable

from datasets.formats import csv, idx, jsonl, labelled, libsvm, npz, parquet, recordio
from datasets.formats.block import Block
from datasets.formats.sniff import Dialect
from datasets.formats.stream import UNPACK_BYTES, Plain, Table, damage_told


@runtime_checkable
class Columnar(Protocol):
    """A table that makes blocks itself, faster than row by row."""

    def blocks(
        self, numbers: Collection[str], columns: Collection[str] | None = None
    ) -> Iterator[Block]: ...


@dataclass(frozen=True)
class Format:
    """`read` opens the plain bytes; temporary files live in the stack that it is given."""

    read: Callable[[Plain, Dialect, ExitStack], Table]
    is_text: bool = True


FORMATS = {
    "csv": Format(csv.Reader),
    "parquet": Format(parquet.Reader, is_text=False),
    "jsonl": Format(jsonl.Reader),
    "libsvm": Format(libsvm.Reader),
    "npz": Format(npz.Reader, is_text=False),
    "idx": Format(idx.Reader, is_text=False),
    "recordio": Format(recordio.Reader, is_text=False),
    "labelled": Format(labelled.Reader),
}


@contextmanager
def opened(stream: BinaryIO, dialect: Dialect) -> Iterator[Table]:
    """The table that is stored in `stream`; BadTable as `stream.Table` says."""
    found = FORMATS[dialect.format]
    with ExitStack() as kept:
        plain = Plain(stream, dialect.compression, kept, is_text=found.is_text)
        yield found.read(plain, dialect, kept)


def blocks(
    stream: BinaryIO,
    dialect: Dialect,
    *,
    numbers: Collection[str] = (),  # a reader may parse these columns at once
    columns: Collection[str] | None = None,  # and leave others than these out
) -> Iterator[Block]:
    """The rows in `stream` by column. Of the columns in `numbers` only `numbers` will be asked.

    With `columns`, others than these will not be asked for at all. That is for tables that were
    read whole before: a line with too many cells may then make up for one with too few.
    """
    with opened(stream, dialect) as table:
        yield from blocks_of(table, numbers, columns)


def blocks_of(
    table: Table, numbers: Collection[str] = (), columns: Collection[str] | None = None
) -> Iterator[Block]:
    """The rows of `table`, which was not read yet. `numbers` may change between two blocks."""
    if isinstance(table, Columnar):
        found = table.blocks(numbers, columns)
    else:
        found = (Block(table.names, rows) for rows in table)
    for block in found:
        block.packed_bytes = table.packed_bytes
        yield block


def check_unpacking(stream: BinaryIO, dialect: Dialect) -> None:
    """Unpack all of `stream` without reading records, some 50 times as fast as with it.

    BadTable as soon as it turns out to be a bomb, is damaged, or is a text with a NUL or an endless
    line.
    """
    with ExitStack() as kept, damage_told():
        is_text = FORMATS[dialect.format].is_text
        plain = Plain(stream, dialect.compression, kept, is_text=is_text)
        while plain.read(UNPACK_BYTES):
            pass
