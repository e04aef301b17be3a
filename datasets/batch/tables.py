"""The tables of an order as files on this machine: all of their parts, or some."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from datasets.batch.order import Order
from datasets.formats import registry
from datasets.formats.ahead import ahead
from datasets.formats.alike import check_columns, named
from datasets.formats.block import Block
from datasets.formats.sniff import BadTable, Dialect
from datasets.survey import Sources


@dataclass
class Part:
    """`path` is None for a part that another machine has; `rows` is known once it was read."""

    number: int
    file: str
    path: Path | None
    dialect: Dialect
    is_only: bool
    rows: int | None = None

    def blocks(self, columns: Collection[str], numbers: Collection[str] = ()) -> Iterator[Block]:
        if self.path is None:
            raise BadTable(f"Part {self.number + 1} of the data is not on this machine.")
        rows = 0
        where = nullcontext() if self.is_only else named(self.path.name)
        with where, self.path.open("rb") as stream:
            found = registry.blocks(stream, self.dialect, numbers=numbers, columns=columns)
            for block in ahead(found):
                rows += len(block)
                yield block
        self.rows = rows


def parts_of(order: Order, folder: Path) -> list[Part]:
    """Every part, those on this machine with their path: `folder`/<file>/<name>."""
    return [
        Part(
            number,
            file,
            _found(folder / file, name),
            order.tables[file].dialect,
            is_only=len(order.tables[file].names) == 1,
        )
        for number, file, name in order.parts()
    ]


def _found(folder: Path, name: str) -> Path | None:
    """Where a part lies: with the folders of its name, or without."""
    places = (folder / name, folder / PurePosixPath(name).name)
    return next((place for place in places if place.is_file()), None)


def sources_of(parts: list[Part]) -> Sources:
    """The tables as `preparing` reads them."""
    files = dict.fromkeys(part.file for part in parts)
    return {file: _Joined([part for part in parts if part.file == file]) for file in files}


class _Joined:
    """The rows of all parts in order. BadTable when one has other columns than the first."""

    def __init__(self, parts: list[Part]) -> None:
        self._parts = parts

    def __call__(self, columns: Collection[str], numbers: Collection[str] = ()) -> Iterator[Block]:
        names: tuple[str, ...] = ()
        for part in self._parts:
            for block in part.blocks(columns, numbers):
                names = names or block.names
                check_columns(block.names, names)
                yield block
