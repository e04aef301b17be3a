"""What the program is told: one JSON file, written by the console."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from datasets import recipe as recipes
from datasets.formats.sniff import Dialect
from datasets.recipe import Recipe
from datasets.survey import FILES


@dataclass(frozen=True)
class Table:
    """A table in parts: their names below the input of its file, in reading order."""

    dialect: Dialect
    names: tuple[str, ...]


@dataclass(frozen=True)
class Order:
    """`wish` has the arguments of `recipe.check`, `tables` are by the names in `survey.FILES`.

    `packages` are those that an image may lack, with the version that the console has.
    """

    wish: Mapping[str, Any]
    seed: int
    tables: Mapping[str, Table]
    packages: Mapping[str, str]

    @property
    def stratify(self) -> bool:
        return bool(self.wish["stratify"])

    def recipe(self) -> Recipe:
        return recipes.check(**self.wish)

    def parts(self) -> Iterator[tuple[int, str, str]]:
        """Number, file and name of every part, in the order in which rows are counted."""
        parts = ((file, name) for file in FILES for name in self._names(file))
        for number, (file, name) in enumerate(parts):
            yield number, file, name

    def _names(self, file: str) -> tuple[str, ...]:
        return self.tables[file].names if file in self.tables else ()


def to_json(order: Order) -> bytes:
    """The same order, the same bytes."""
    return json.dumps(asdict(order), sort_keys=True, ensure_ascii=False).encode()


def from_json(data: bytes) -> Order:
    given = json.loads(data)
    tables = {
        file: Table(Dialect(**table["dialect"]), tuple(table["names"]))
        for file, table in given.pop("tables").items()
    }
    return Order(**given, tables=tables)
