"""A dataset's rows off S3, from one object or from many parts."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import BinaryIO

from aws import s3
from datasets.formats import registry
from datasets.formats.ahead import ahead
from datasets.formats.alike import check_columns, named
from datasets.formats.block import Block
from datasets.formats.sniff import Dialect
from datasets.formats.stream import Table
from datasets.models import Dataset


def dialect_of(dataset: Dataset) -> Dialect:
    return Dialect(
        dataset.delimiter,
        dataset.encoding,
        dataset.has_header,
        dataset.compression,
        dataset.format,
        dataset.quote,
    )


def keys(dataset: Dataset) -> list[str]:
    """The objects that hold the table, in reading order."""
    return [part["key"] for part in dataset.parts] or [dataset.key]


def stored(dataset: Dataset, key: str) -> AbstractContextManager[BinaryIO]:
    """One of the dataset's objects as a stream."""
    workspace = dataset.workspace
    return s3.open_object(workspace.account, workspace.bucket, key)


@contextmanager
def opened(dataset: Dataset, key: str = "") -> Iterator[Table]:
    """The records of one of the dataset's objects, of the only one without `key`."""
    with (
        stored(dataset, key or dataset.key) as stream,
        registry.opened(stream, dialect_of(dataset)) as table,
    ):
        yield table


def blocks(
    dataset: Dataset,
    *,
    numbers: Collection[str] = (),
    columns: Collection[str] | None = None,
    through: Callable[[BinaryIO], BinaryIO] = lambda stream: stream,
    reads_on: bool = False,
) -> Iterator[Block]:
    """All rows in order. Of the columns in `numbers` only `Block.numbers` will be asked.

    With `columns`, others than these will not be asked for: reading is faster.
    With `reads_on` the next block is read while one is used, by a thread that looks at `numbers`.
    Each stored object is read `through` what this makes of its stream. BadTable names the part,
    also when it has other columns than the first.
    """
    names: tuple[str, ...] = ()
    for key in keys(dataset):
        with stored(dataset, key) as stream, part_named(dataset, key):
            found = registry.blocks(
                through(stream), dialect_of(dataset), numbers=numbers, columns=columns
            )
            for block in ahead(found) if reads_on else found:
                names = names or block.names
                check_columns(block.names, names)
                yield block


def part_named(dataset: Dataset, key: str) -> AbstractContextManager[None]:
    """What is wrong with one part of many, with its name in front."""
    return named(key) if dataset.parts else nullcontext()
