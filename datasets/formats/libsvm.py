"""libsvm (svmlight) text: `label index:value …`, sparse rows as dense columns."""

from collections.abc import Iterator
from contextlib import ExitStack

from datasets.formats.sniff import MAX_COLUMNS, BadTable, Dialect, is_number
from datasets.formats.stream import Plain, Row, blocks, buffered, lines, spooled

LABEL = "label"
Sparse = dict[int, str]


class Reader:
    """The rows of `plain` as a `stream.Table`: `label`, then `f1`, `f2`, … by index as written.

    Columns begin at f0 when index 0 occurs. The width is known at the end only, so the file is read
    twice off a temporary file. What a row leaves out is 0; numbers keep their spelling.
    """

    def __init__(self, plain: Plain, dialect: Dialect, kept: ExitStack) -> None:
        self._encoding = dialect.encoding
        self._path = spooled(buffered(plain), kept)
        self._plain = plain
        self._size = plain.packed_bytes
        self._done = 0.0
        self._rows = 0
        low, high = MAX_COLUMNS, -1
        for _, values in self._parsed():
            self._rows += 1
            if values:
                low, high = min(low, *values), max(high, *values)
        if high < 0:
            raise BadTable("No line has a value (index:number).")
        self._first = 0 if low == 0 else 1
        self.names = [LABEL, *(f"f{index}" for index in range(self._first, high + 1))]

    @property
    def packed_bytes(self) -> int:
        return int(self._size * self._done)

    def __iter__(self) -> Iterator[list[Row]]:
        done = 0
        for block in blocks(self._dense(), len(self.names)):
            done += len(block)
            self._done = done / self._rows
            yield block

    def _dense(self) -> Iterator[Row]:
        for label, values in self._parsed():
            row = [label] + ["0"] * (len(self.names) - 1)
            for index, value in values.items():
                row[1 + index - self._first] = value
            yield row

    def _parsed(self) -> Iterator[tuple[str, Sparse]]:
        with self._path.open(encoding=self._encoding) as text:
            for number, line in lines(text):
                words = line.partition("#")[0].split()
                if words:
                    yield _label(number, words[0]), _values(number, words[1:])


def _label(number: int, word: str) -> str:
    if not is_number(word):
        raise BadTable(
            f"Line {number} begins with “{word[:80]}”; expected a number, the label.",
            "A line is: label index:value index:value …",
        )
    return word


def _values(number: int, words: list[str]) -> Sparse:
    values: Sparse = {}
    for word in words:
        index, colon, value = word.partition(":")
        if not (colon and index.isascii() and index.isdigit() and is_number(value)):
            raise BadTable(
                f"Line {number}: “{word[:80]}” is not index:number.",
                "A line is: label index:value index:value …",
            )
        if len(index) > 9 or int(index) >= MAX_COLUMNS:
            raise BadTable(
                f"Line {number}: index {index[:20]}; at most {MAX_COLUMNS - 1:,} is possible.",
                "Leave columns out, or number them from 1.",
            )
        if int(index) in values:
            raise BadTable(f"Line {number} has index {index} twice.")
        values[int(index)] = value
    return values
