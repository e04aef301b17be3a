"""How the classes of a column are balanced, and its shape at a glance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

IMBALANCED = 5  # the largest class has so many times the rows of the smallest
GLANCE_WIDTH, GLANCE_HEIGHT = 100, 24


@dataclass(frozen=True)
class Share:
    name: str
    count: int
    share: float


@dataclass(frozen=True)
class Balance:
    """`guess` is the largest class: always answering it would be right in `guess_share` of rows."""

    classes: list[Share]
    guess: str
    guess_share: float
    ratio: float

    @property
    def is_imbalanced(self) -> bool:
        return self.ratio >= IMBALANCED


def balance(counts: Mapping[str, int]) -> Balance | None:
    """None without at least two classes."""
    total = sum(counts.values())
    if len(counts) < 2 or not total:
        return None
    classes = [Share(name, count, count / total) for name, count in counts.items()]
    largest = max(classes, key=lambda share: share.count)
    smallest = min(counts.values())
    return Balance(classes, largest.name, largest.share, largest.count / max(1, smallest))


@dataclass(frozen=True)
class Bar:
    """A bar of a tiny chart, in a box of `GLANCE_WIDTH` x `GLANCE_HEIGHT`: `count` of `what`."""

    x: float
    y: float
    width: float
    height: float
    what: str
    count: int

    @property
    def text(self) -> str:
        return f"{self.what}: {self.count:,}"


def bars(column: Mapping[str, Any]) -> list[Bar]:
    """A histogram of numbers, or the most frequent values of anything else."""
    shape = column.get("histogram")
    if shape and shape["counts"]:
        return histogram(shape["edges"], shape["counts"])
    top = column["top"][:20]
    return _bars([one["value"] for one in top], [one["count"] for one in top])


def histogram(edges: Sequence[float], counts: Sequence[int]) -> list[Bar]:
    """One bar for each pair of neighbouring `edges`."""
    return _bars([f"{low:g} to {high:g}" for low, high in pairwise(edges)], counts)


def _bars(texts: Sequence[str], counts: Sequence[int]) -> list[Bar]:
    if not counts or not max(counts):
        return []
    width = GLANCE_WIDTH / max(len(counts), 5)
    scale = GLANCE_HEIGHT / max(counts)
    return [
        Bar(
            round(i * width, 2),
            round(GLANCE_HEIGHT - count * scale, 2),
            round(width * 0.86, 2),
            round(count * scale, 2),
            text,
            count,
        )
        for i, (text, count) in enumerate(zip(texts, counts, strict=True))
    ]
