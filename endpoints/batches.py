"""Rows as mini-batches for an endpoint: labels apart, features as the bytes they were."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

FIRST_ROWS = 100
MOST_ROWS = 20_000
QUICK_SECONDS = 0.25
VERY_QUICK_SECONDS = 0.05
SLOW_SECONDS = 2.0
LABEL_MARK = "__label__"


class Row(NamedTuple):
    """What a model is asked about one row, and what is true (NaN when nobody knows)."""

    label: float
    features: bytes


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
            times = 4 if seconds < VERY_QUICK_SECONDS else 2
            self.rows = min(times * self.rows, MOST_ROWS)


class BadLine(ValueError):
    """A line that is not a number, a comma, and features; the message names its row."""


def batches(rows: Iterable[Row], *, pace: Pace, limit: int, first: int = 1) -> Iterator[Batch]:
    """`rows` as batches of `pace.rows` rows and at most `limit` bytes; `first` is their number.

    BadLine for a row larger than `limit`.
    """
    taken: list[Row] = []
    size = 0
    for row in rows:
        length = len(row.features) + 1
        if length > limit:
            number = first + len(taken)
            raise BadLine(f"Row {number} is larger than an endpoint takes ({limit:,} bytes).")
        if taken and (len(taken) >= pace.rows or size + length > limit):
            yield _batch(first, taken)
            first, taken, size = first + len(taken), [], 0
        taken.append(row)
        size += length
    if taken:
        yield _batch(first, taken)


def _batch(first: int, rows: list[Row]) -> Batch:
    labels, features = zip(*rows, strict=True)
    return Batch(first, labels, b"\n".join(features))


def labelled(lines: Iterable[bytes]) -> Iterator[Row]:
    """Label-first CSV lines as rows; blank ones are skipped.

    BadLine for a label that is no number, or nothing after it.
    """
    number = 0
    for line in lines:
        if not (text := line.rstrip(b"\r\n")):
            continue
        number += 1
        label, comma, features = text.partition(b",")
        if not comma:
            raise BadLine(f"Row {number} has a label and no features.")
        try:
            yield Row(float(label), features)
        except ValueError:
            raise BadLine(f"Row {number} does not start with a number.") from None


def unlabelled(lines: Iterable[bytes]) -> Iterator[Row]:
    """CSV lines without a label as rows; blank ones are skipped."""
    for line in lines:
        if text := line.rstrip(b"\r\n"):
            yield Row(math.nan, text)


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
