"""A confusion matrix as people read it: a table of cells with a text, a title and a shade."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

VIEWS = {"counts": "Counts", "row": "Row %", "column": "Column %"}
SHADES = 5  # --shade-1 to --shade-5; 0 is no shade
TABLE_LIMIT = 50  # classes: a larger table is a list of confusions instead


@dataclass(frozen=True)
class Cell:
    text: str
    title: str
    shade: int
    is_hit: bool


@dataclass(frozen=True)
class Row:
    label: str
    cells: list[Cell]
    total: int


@dataclass(frozen=True)
class Matrix:
    view: str
    labels: list[str]
    rows: list[Row]
    totals: list[int]
    total: int


@dataclass(frozen=True)
class Confusion:
    """`count` of the `support` rows of class `actual` were taken for `predicted`."""

    actual: str
    predicted: str
    count: int
    support: int

    @property
    def share(self) -> float:
        return self.count / self.support


def table(labels: Sequence[object], counts: Sequence[Sequence[int]], view: str) -> Matrix:
    """The matrix as counts, or as shares of its rows or columns; an unknown view is counts."""
    view = view if view in VIEWS else "counts"
    names = [str(label) for label in labels]
    supports = [sum(row) for row in counts]
    guesses = [sum(column) for column in zip(*counts, strict=True)]
    top = max((max(row) for row in counts), default=0)
    rows = []
    for actual, row in enumerate(counts):
        cells = []
        for predicted, count in enumerate(row):
            whole = {"counts": top, "row": supports[actual], "column": guesses[predicted]}[view]
            cells.append(
                Cell(
                    text=f"{count:,}" if view == "counts" else _percent(count, whole),
                    title=_title(names[actual], names[predicted], count, supports[actual]),
                    shade=_shade(count, whole),
                    is_hit=actual == predicted,
                )
            )
        rows.append(Row(names[actual], cells, supports[actual]))
    return Matrix(view, names, rows, guesses, sum(supports))


def confusions(
    labels: Sequence[object], counts: Sequence[Sequence[int]], *, limit: int = 100
) -> list[Confusion]:
    """The most frequent mistakes, the largest first; equal ones in the labels' order."""
    mistakes = (
        (-count, actual, predicted)
        for actual, row in enumerate(counts)
        for predicted, count in enumerate(row)
        if count and actual != predicted
    )
    return [
        Confusion(str(labels[actual]), str(labels[predicted]), -negative, sum(counts[actual]))
        for negative, actual, predicted in heapq.nsmallest(limit, mistakes)
    ]


def _shade(count: int, whole: int) -> int:
    """0 for nothing, else 1 to SHADES by share; a single row is never invisible."""
    if not count or not whole:
        return 0
    return min(SHADES, 1 + int(count / whole * SHADES))


def _percent(count: int, whole: int) -> str:
    return f"{100 * count / whole:.1f} %" if whole else "–"


def _title(actual: str, predicted: str, count: int, support: int) -> str:
    said = "recognised" if actual == predicted else f"taken for {predicted}"
    return f"{count:,} of {support:,} {actual} {said}"
