"""A confusion matrix as a drawing: whole up to `MOST` classes, beyond that its busiest part."""

from collections.abc import Mapping
from typing import Any

from results import threshold
from results.exports.plot import Box, Drawing, Mark, Text, shortened
from results.matrix import ordered, shade

MOST = 20
CELL = (52.0, 24.0)  # narrow and wide
NAMES = 92.0
HEAD = 60.0


def counts_of(result: Mapping[str, Any]) -> list[list[int]]:
    """[actual][predicted] where somebody drew the line between two classes, else as they are."""
    outcome = result.get("outcome") or {}
    if result.get("threshold") is None or result.get("task") != "binary" or "curve" not in outcome:
        return list(result["confusion"])
    return threshold.at(outcome, result["threshold"]).confusion


def matrix(result: Mapping[str, Any]) -> Drawing:
    """Rows are what is true, columns what the model says; shaded by the share of their row."""
    counts, labels = counts_of(result), [str(label) for label in result["labels"]]
    # The classes that are confused most, in the order of the labels.
    places = sorted(ordered(counts, "confusion")[:MOST])
    cell = max(CELL[1], min(CELL[0], 380 / len(places)))
    side = 0.62 if cell > 40 else 1.0  # few classes: cells as wide as numbers are
    high = cell * side
    marks: list[Mark] = [
        Text(NAMES + cell * len(places) / 2, 12, "It says", anchor="middle", tone="ink-soft"),
        Text(NAMES - 6, HEAD - 6, "Really is", anchor="end", tone="ink-soft"),
    ]
    for at, place in enumerate(places):
        marks.append(_column_name(labels[place], NAMES + cell * (at + 0.5), cell))
        y = HEAD + high * at
        name = shortened(labels[place], 17)
        marks.append(Text(NAMES - 6, y + high / 2 + 3, name, 8, "end", bold=True))
        support = sum(counts[place])
        for over, other in enumerate(places):
            box = Box(NAMES + cell * over, y, cell - 1.5, high - 1.5, "shade-0")
            marks += _cell(box, counts[place][other], support, is_hit=place == other)
    width = NAMES + cell * len(places) + 8
    note = "Rows are what is true, columns what the model says; framed: right answers."
    if len(places) < len(labels):
        note += f" The {len(places)} of {len(labels):,} classes that are confused most."
    return Drawing(width, HEAD + high * len(places) + 8, "Confusion matrix", note, marks)


def _column_name(name: str, x: float, cell: float) -> Text:
    if cell > 40:
        return Text(x, HEAD - 6, shortened(name, 9), 8, "middle", bold=True)
    return Text(x + 3, HEAD - 4, shortened(name, 13), 7, "start", bold=True, turned=True)


def _cell(box: Box, count: int, support: int, *, is_hit: bool) -> list[Mark]:
    edge = "line-strong" if is_hit else "line"
    filled = Box(box.x, box.y, box.width, box.height, f"shade-{shade(count, support)}", edge=edge)
    words = f"{count:,}" if count < 100_000 else f"{count / 1000:,.0f} k"
    size = 8.0 if box.width > 40 else 6.5
    middle = box.x + box.width / 2
    text = Text(middle, box.y + box.height / 2 + 3, words, size, "middle", bold=is_hit)
    return [filled, text] if count or is_hit else [filled]
