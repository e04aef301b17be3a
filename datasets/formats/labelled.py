"""Plain text with labels, as fastText and BlazingText read it: `__label__name the text`."""

from collections.abc import Iterator
from contextlib import ExitStack

from datasets.formats.sniff import BadTable, Dialect
from datasets.formats.stream import Plain, Row, blocks, decoded, lines

PREFIX = "__label__"


class Reader:
    """The lines of `plain` as a `stream.Table` with the columns `label` (no prefix) and `text`."""

    def __init__(self, plain: Plain, dialect: Dialect, _kept: ExitStack) -> None:
        self.names = ["label", "text"]
        self._plain = plain
        self._lines = lines(decoded(plain, dialect.encoding))

    @property
    def packed_bytes(self) -> int:
        return self._plain.packed_bytes

    def __iter__(self) -> Iterator[list[Row]]:
        return blocks((_row(number, line) for number, line in self._lines), len(self.names))


def _row(number: int, line: str) -> Row:
    label, text = [*line.strip().split(maxsplit=1), ""][:2]
    name = label.removeprefix(PREFIX)
    if not label.startswith(PREFIX) or not name:
        raise BadTable(
            f"Line {number} does not begin with a label ({PREFIX}name).",
            "Every line is one label, a space, and the text.",
        )
    if text.startswith(PREFIX):
        raise BadTable(
            f"Line {number} has more than one label.", "Keep one label a line: classes exclude."
        )
    return [name, text]
