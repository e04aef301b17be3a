"""All that is found out about a table in one pass over its blocks."""

from collections.abc import Collection, Iterator
from typing import Any

from datasets.formats.block import Block
from datasets.insights.collect import Insights
from datasets.tables import Profile

PREVIEW_ROWS = 20
PREVIEW_CHARACTERS = 200


class Numbers(Collection[str]):
    """Columns that need no longer be read as text. They change at once, under a reader's eyes."""

    def __init__(self) -> None:
        self.names: frozenset[str] = frozenset()

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


class Look:
    """`add` every block of a table that is read with `numbers`; then ask what was found."""

    def __init__(self, names: tuple[str, ...], numbers: Numbers) -> None:
        self.names = names
        self.numbers = numbers
        self.profile = Profile(names)
        self.insights = Insights(names)
        self.head: list[tuple[str, ...]] = []

    def add(self, block: Block) -> None:
        if (left := PREVIEW_ROWS - len(self.head)) > 0:
            cells = [block.raw(name).head(left).to_list() for name in self.names]
            self.head += zip(*cells, strict=True)
        self.profile.add_block(block)
        self.insights.add(block)
        if not self.insights.wants_text:
            self.numbers.names = frozenset(self.profile.numbers)

    def preview(self) -> dict[str, Any]:
        rows = [[_cut(cell) for cell in row] for row in self.head]
        return {"columns": list(self.names), "rows": rows}


def _cut(cell: str) -> str:
    return cell if len(cell) <= PREVIEW_CHARACTERS else cell[:PREVIEW_CHARACTERS] + "…"
