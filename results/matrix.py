"""A confusion matrix as people read it: a table of cells with a text, a title and a shade."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

VIEWS = {"counts": "Counts", "row": "Row %", "column": "Column %"}
ORDERS = {"name": "As labelled", "confusion": "Most confused first"}
SHADES = 5  # --shade-1 to --shade-5; 0 is no shade
TABLE_LIMIT = 50  # classes: a larger table is drawn piece by piece, and listed as confusions

Counts = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Cell:
    text: str
    title: str
    shade: int
    is_hit: bool
    actual: int = 0
    predicted: int = 0
    href: str = ""  # its rows


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
    order: str = "name"


@dataclass(frozen=True)
class Confusion:
    """`count` of the `support` rows of class `actual` were taken for `predicted`."""

    actual: str
    predicted: str
    count: int
    support: int
    href: str = ""

    @property
    def share(self) -> float:
        return self.count / self.support


def table(
    labels: Sequence[object],
    counts: Counts,
    view: str,
    *,
    order: str = "name",
    rows_url: str = "",
) -> Matrix:
    """The matrix as counts, or as shares of its rows or columns; an unknown view is counts.

    With `rows_url`, each cell that holds rows leads to them.
    """
    view = view if view in VIEWS else "counts"
    names = [str(label) for label in labels]
    places = ordered(counts, order)
    supports = [sum(row) for row in counts]
    guesses = [sum(column) for column in zip(*counts, strict=True)]
    top = max((max(row) for row in counts), default=0)
    rows = []
    for actual in places:
        cells = []
        for predicted in places:
            count = counts[actual][predicted]
            whole = {"counts": top, "row": supports[actual], "column": guesses[predicted]}[view]
            cells.append(
                Cell(
                    text=f"{count:,}" if view == "counts" else _percent(count, whole),
                    title=_title(names[actual], names[predicted], count, supports[actual]),
                    shade=shade(count, whole),
                    is_hit=actual == predicted,
                    actual=actual,
                    predicted=predicted,
                    href=rows_of(rows_url, actual, predicted) if count else "",
                )
            )
        rows.append(Row(names[actual], cells, supports[actual]))
    totals = [guesses[place] for place in places]
    order = order if order in ORDERS else "name"
    return Matrix(view, [names[place] for place in places], rows, totals, sum(supports), order)


def ordered(counts: Counts, order: str) -> list[int]:
    """The classes as they come, or those with most mistakes, made of or for them, first."""
    places = list(range(len(counts)))
    if order != "confusion":
        return places
    guesses = [sum(column) for column in zip(*counts, strict=True)]
    wrong = [sum(row) + guesses[place] - 2 * row[place] for place, row in enumerate(counts)]
    return sorted(places, key=lambda place: (-wrong[place], place))


def rows_of(rows_url: str, actual: int, predicted: int) -> str:
    """The address of a cell's rows; "" where there is no page of rows."""
    query = urlencode({"actual": actual, "predicted": predicted})
    return f"{rows_url}{'&' if '?' in rows_url else '?'}{query}" if rows_url else ""


def confusions(
    labels: Sequence[object], counts: Counts, *, limit: int = 100, rows_url: str = ""
) -> list[Confusion]:
    """The most frequent mistakes, the largest first; equal ones in the labels' order."""
    mistakes = (
        (-count, actual, predicted)
        for actual, row in enumerate(counts)
        for predicted, count in enumerate(row)
        if count and actual != predicted
    )
    return [
        Confusion(
            str(labels[actual]),
            str(labels[predicted]),
            -negative,
            sum(counts[actual]),
            rows_of(rows_url, actual, predicted),
        )
        for negative, actual, predicted in heapq.nsmallest(limit, mistakes)
    ]


def shade(count: int, whole: int) -> int:
    """0 for nothing, else 1 to SHADES by share; a single row is never invisible."""
    if not count or not whole:
        return 0
    return min(SHADES, 1 + int(count / whole * SHADES))


def _percent(count: int, whole: int) -> str:
    return f"{100 * count / whole:.1f} %" if whole else "–"


def _title(actual: str, predicted: str, count: int, support: int) -> str:
    said = "recognised" if actual == predicted else f"taken for {predicted}"
    return f"{count:,} of {support:,} {actual} {said}"
