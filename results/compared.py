"""Results beside each other: metrics, matrices and curves, and what the difference means."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from results.exports import drawings, plot, vector
from results.exports.grid import counts_of
from results.exports.plot import Figure, Series
from results.report import HELP, SHARES, report
from results.verdict import ALPHA, LOWER_IS_BETTER, Verdict

Result = Mapping[str, Any]
LETTERS = "ABCDEFGH"
OVERLAY = (400.0, 270.0)  # points
STEPS = 4  # --more-1 to --more-4, --less-1 to --less-4
MOST_CELLS = 20  # classes of a matrix of differences
SIDE_BY_SIDE = 6  # classes: larger matrices do not stand beside each other
GRID = [place / 10 for place in range(11)]
AVERAGED = {
    "precision_macro": ("Precision, average over classes", "of those it names, how many are"),
    "recall_macro": ("Recall, average over classes", "of those there are, how many it finds"),
    "f1_macro": ("F1, average over classes", "precision and recall in one number"),
}


@dataclass(frozen=True)
class Cell:
    value: float | None
    difference: float | None  # from the first one
    is_best: bool
    verdict: Verdict | None
    text: str = ""  # the difference


@dataclass(frozen=True)
class Row:
    name: str
    label: str
    hint: str
    is_share: bool
    cells: list[Cell]


@dataclass(frozen=True)
class Change:
    """Of a cell of two matrices: in rows, or in points of per cent of its row."""

    value: float
    text: str
    title: str
    step: int  # -STEPS to STEPS
    is_hit: bool

    @property
    def tone(self) -> str:
        if not self.step:
            return ""
        return f"{'more' if self.step > 0 else 'less'}-{abs(self.step)}"


@dataclass(frozen=True)
class Difference:
    """The second matrix less the first; of many classes those that changed most."""

    unit: str
    labels: list[str]
    rows: list[tuple[str, list[Change]]]
    left_out: int


def metrics(results: Sequence[Result], verdicts: Sequence[Mapping[str, Verdict]]) -> list[Row]:
    """What any has, in the report's order; `verdicts` of each against the first one."""
    told = [{one.name: one for one in report(result).figures} for result in results]
    words = {
        one.name: (one.label, one.hint) for figures in reversed(told) for one in figures.values()
    }
    rows = []
    for name in HELP:
        values = [one[name].value if name in one else None for one in told]
        if any(value is not None for value in values):
            label, hint = words[name]
            rows.append(_row(name, (label, hint), values, verdicts))
    for name, averaged in AVERAGED.items():
        values = [result["metrics"].get(name) for result in results]
        if len(results[0]["labels"]) > 2 and any(value is not None for value in values):
            rows.append(_row(name, averaged, values, verdicts))
    return rows


def _row(
    name: str,
    words: tuple[str, str],
    values: Sequence[float | None],
    verdicts: Sequence[Mapping[str, Verdict]],
) -> Row:
    known = [value for value in values if value is not None]
    best = None
    if len(set(known)) > 1:
        best = min(known) if name in LOWER_IS_BETTER else max(known)
    cells = [
        _cell(name, (values[0], value), place, is_best=value is not None and value == best)
        for place, value in enumerate(values)
    ]
    cells = [replace(cell, verdict=verdicts[place].get(name)) for place, cell in enumerate(cells)]
    return Row(name, *words, is_share=name in SHARES or name in AVERAGED, cells=cells)


def _cell(
    name: str, values: tuple[float | None, float | None], place: int, *, is_best: bool
) -> Cell:
    first, value = values
    if value is None or first is None or not place:
        return Cell(value, None, is_best, None)
    return Cell(value, value - first, is_best, None, amount(name, value - first))


def difference(first: Result, second: Result) -> Difference | None:
    """None unless both have the same classes. In rows where both judged as many of each class."""
    if not first["confusion"] or list(first["labels"]) != list(second["labels"]):
        return None
    one, other = counts_of(first), counts_of(second)
    supports = [sum(row) for row in one], [sum(row) for row in other]
    in_rows = supports[0] == supports[1]
    labels = [str(label) for label in first["labels"]]
    places = _changed(one, other) if len(labels) > MOST_CELLS else list(range(len(labels)))
    cells = [
        [_change(labels, (one, other), (actual, said), in_rows=in_rows) for said in places]
        for actual in places
    ]
    top = max((abs(value) for row in cells for value, _, _ in row), default=0.0)
    rows = [
        (
            labels[actual],
            [
                Change(value, text, title, _step(value, top), actual == said)
                for said, (value, text, title) in zip(places, row, strict=True)
            ],
        )
        for actual, row in zip(places, cells, strict=True)
    ]
    unit = "rows" if in_rows else "points of per cent of the row"
    return Difference(unit, [labels[place] for place in places], rows, len(labels) - len(places))


def _changed(one: Sequence[Sequence[int]], other: Sequence[Sequence[int]]) -> list[int]:
    """The classes whose row or column changed most, in the order of the labels."""
    moved = [0] * len(one)
    for actual, (row, second) in enumerate(zip(one, other, strict=True)):
        for said, (count, now) in enumerate(zip(row, second, strict=True)):
            moved[actual] += abs(now - count)
            moved[said] += abs(now - count)
    ranked = sorted(range(len(one)), key=lambda place: (-moved[place], place))
    return sorted(ranked[:MOST_CELLS])


def _change(
    labels: Sequence[str], pair: tuple[Any, Any], at: tuple[int, int], *, in_rows: bool
) -> tuple[float, str, str]:
    (actual, said), (one, other) = at, pair
    counts = one[actual][said], other[actual][said]
    what = "recognised" if actual == said else f"taken for {labels[said]}"
    if in_rows:
        title = f"{labels[actual]} {what}: {counts[0]:,}, then {counts[1]:,}"
        return counts[1] - counts[0], signed(counts[1] - counts[0]), title
    shares = [
        100 * count / max(1, sum(side[actual])) for count, side in zip(counts, pair, strict=True)
    ]
    title = f"{labels[actual]} {what}: {shares[0]:.1f} %, then {shares[1]:.1f} %"
    return shares[1] - shares[0], signed(shares[1] - shares[0], places=1), title


def _step(value: float, top: float) -> int:
    if not value:
        return 0
    step = min(STEPS, 1 + int(abs(value) / top * STEPS))
    return step if value > 0 else -step


def signed(value: float, *, places: int = 0) -> str:
    """With + or −, which tell it without any colour; nothing is ±0."""
    text = f"{abs(value):,.{places}f}"
    if not float(text.replace(",", "")):
        return "±0"
    return f"{'+' if value > 0 else '−'}{text}"


def amount(name: str, value: float) -> str:
    """A difference: of shares in points, else as a number."""
    if name in SHARES or name in AVERAGED:
        return f"{signed(100 * value, places=1)} points"
    return signed(value, places=4 if abs(value) < 100 else 1)


def sentence(verdict: Verdict, names: tuple[str, str], rows: int, *, is_paired: bool) -> str:
    """What a difference means and what chance has to do with it, in words."""
    first, second = names
    label = (HELP.get(verdict.metric) or AVERAGED.get(verdict.metric) or (verdict.metric,))[0]
    if verdict.is_better is None:
        return f"{label}: {first} and {second} are equal."
    better, worse = (second, first) if verdict.is_better else (first, second)
    if verdict.metric == "accuracy" and is_paired:
        told = f"{better} is right in {cases(abs(verdict.difference), rows)} than {worse}"
    else:
        size = amount(verdict.metric, abs(verdict.difference)).lstrip("+")
        told = f"{label}: {better} is better than {worse} by {size}"
    between = ""
    if verdict.low is not None and verdict.high is not None:
        ends = sorted((abs(verdict.low), abs(verdict.high)))
        if verdict.low * verdict.high > 0:
            ends_text = [amount(verdict.metric, end).lstrip("+") for end in ends]
            between = f" (by {ends_text[0].removesuffix(' points')} to {ends_text[1]})"
    return f"{told}{between}. {chance(verdict.p)}"


def cases(share: float, rows: int) -> str:
    """12 more of 1,000 cases; of fewer rows than 1,000, of all of them."""
    whole = 1_000 if rows >= 1_000 else rows
    count = share * whole
    text = f"{count:,.0f}" if count >= 1 or not count else f"{count:.1f}"
    return f"{text} more of {whole:,} cases"


def chance(p: float | None) -> str:
    if p is None:
        return "How much of it is chance is not known."
    if p < 0.001:
        often = "fewer than 1 of 1,000"
    elif p < 0.01:
        often = f"{math.ceil(1_000 * p)} of 1,000"
    else:
        often = f"{round(100 * p)} of 100"
    told = f"Such a difference appears by chance in {often} repetitions"
    return f"{told}." if p < ALPHA else f"{told}: it may be nothing."


@dataclass(frozen=True)
class Overlay:
    """A figure of all results, and the same as a table: right values at even steps."""

    name: str
    title: str
    note: str
    svg: str
    x: str
    names: list[str]
    table: list[tuple[str, list[str]]]


def overlays(named: Sequence[tuple[str, Result]]) -> list[Overlay]:
    """The curves that at least two of the results have, over each other."""
    found = []
    for name, make in FIGURES.items():
        having = [(label, one) for label, one in named if name in drawings.names(one)]
        if len(having) > 1:
            found.append(_overlay(make(having)))
    return found


def _overlay(figure: Figure) -> Overlay:
    drawn = plot.draw(figure, width=OVERLAY[0], height=OVERLAY[1])
    svg = vector.svg(drawn, name=f"over-{figure.name}")
    lines = [one for one in figure.series if one.kind == "line" and one.name not in ASIDE]
    low, high = figure.x_range or (
        min(min(one.xs) for one in lines),
        max(max(one.xs) for one in lines),
    )
    table = []
    for step in GRID:
        x = low + step * (high - low)
        values = [_at(one, x) for one in lines]
        cells = [plot.short(y, percent=figure.y_percent) for y in values]
        table.append((plot.short(x, percent=figure.x_percent), cells))
    return Overlay(
        figure.name, figure.title, figure.note, svg, figure.x, [one.name for one in lines], table
    )


def _at(line: Series, x: float) -> float:
    import numpy as np

    pairs = sorted(zip(line.xs, line.ys, strict=True))
    found = np.interp(x, [one for one, _ in pairs], [y for _, y in pairs])
    return float(f"{found:.4g}")


def _errors(curves: Sequence[tuple[str, Result]]) -> Figure:
    """Residuals as lines: bars of several would cover each other."""
    lines = []
    for place, (name, one) in enumerate(curves):
        found = one["outcome"]["residuals"]
        edges, total = found["edges"], max(1, sum(found["counts"]))
        middles = [(low + high) / 2 for low, high in itertools.pairwise(edges)]
        shares = [count / total for count in found["counts"]]
        line = Series(name, middles, shares, tone=plot.tone(place), dash=plot.dash(place))
        lines.append(line)
    note = "How far off the answers are. The narrower around 0, the better."
    return Figure(
        "residuals", "Errors", note, "True − said", "Share of the rows", lines, y_percent=True
    )


ASIDE = {"", "Guessing", "As it should be"}
FIGURES = {
    "roc": drawings.roc_figure,
    "pr": drawings.pr_figure,
    "calibration": drawings.calibration_figure,
    "gain": drawings.gain_figure,
    "residuals": _errors,
}
