"""A labelled CSV as mini-batches for an endpoint: labels apart, features as the bytes they were."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

FIRST_ROWS = 100
MOST_ROWS = 20_000
QUICK_SECONDS = 0.25
SLOW_SECONDS = 2.0
LABEL_MARK = "__label__"


@dataclass(frozen=True)
class Batch:
    """`body` holds one line of features for each of `labels`; `first` is the first row's number."""

    first: int
    labels: tuple[float, ...]
    body: bytes

    @property
    def rows(self) -> int:
        return len(self.labels)

    @property
    def place(self) -> str:
        return f"rows {self.first}–{self.first + self.rows - 1}"


class Pace:
    """How many rows a batch takes: more while answers come quickly, fewer when they are slow."""

    def __init__(self, rows: int = FIRST_ROWS) -> None:
        self.rows = rows

    def note(self, rows: int, seconds: float) -> None:
        """Learn from a batch of `rows` that was answered in `seconds`."""
        if seconds > SLOW_SECONDS:
            self.rows = max(1, rows // 2)
        elif seconds < QUICK_SECONDS and rows >= self.rows:
            self.rows = min(2 * self.rows, MOST_ROWS)


class BadLine(ValueError):
    """A line that is not a number, a comma, and features; the message names its row."""


def batches(lines: Iterable[bytes], *, pace: Pace, limit: int) -> Iterator[Batch]:
    """Label-first CSV `lines` as batches of `pace.rows` rows and at most `limit` bytes.

    Blank lines are skipped. BadLine for a label that is no number or a row larger than `limit`.
    """
    labels: list[float] = []
    rows: list[bytes] = []
    first, size = 1, 0
    for line in lines:
        if not (text := line.rstrip(b"\r\n")):
            continue
        number = first + len(rows)
        label, features = _split(text, number, limit)
        if rows and (len(rows) >= pace.rows or size + len(features) + 1 > limit):
            yield Batch(first, tuple(labels), b"\n".join(rows))
            first, labels, rows, size = number, [], [], 0
        labels.append(label)
        rows.append(features)
        size += len(features) + 1
    if rows:
        yield Batch(first, tuple(labels), b"\n".join(rows))


def coded(lines: Iterable[bytes], words: Sequence[str]) -> Iterator[bytes]:
    """BlazingText's lines as code, comma, text; `words[code]` is a label's word.

    BadLine for a line without a known label.
    """
    codes = {f"{LABEL_MARK}{word}".encode(): code for code, word in enumerate(words)}
    for number, line in enumerate(lines, start=1):
        label, _, text = line.rstrip(b"\r\n").partition(b" ")
        if label not in codes:
            raise BadLine(f"Row {number} does not start with a known label.")
        yield b"%d,%s" % (codes[label], text)


def _split(text: bytes, number: int, limit: int) -> tuple[float, bytes]:
    label, comma, features = text.partition(b",")
    if not comma:
        raise BadLine(f"Row {number} has a label and no features.")
    if len(features) > limit:
        raise BadLine(f"Row {number} is larger than an endpoint takes ({limit:,} bytes).")
    try:
        return float(label), features
    except ValueError:
        raise BadLine(f"Row {number} does not start with a number.") from None
