"""The charts of a result as a page shows them: SVG made here, so that they need no script.

With the address of the rows behind a result, bars and dots lead there; shared pages have none.
Every chart comes with the same numbers as a table.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from results import threshold
from results.exports import drawings, plot, vector
from results.exports.plot import Dot, Drawing, Figure

Result = Mapping[str, Any]
WIDTH, HEIGHT = 300.0, 225.0
NAMES = {
    "binary": ("roc", "pr", "scores", "calibration", "gain"),
    "regression": ("scatter", "residuals"),
    "clustering": ("clusters",),
    "anomaly": ("scores", "precision_at", "roc", "pr"),
}
CHEAPEST = "Where mistakes cost least"
TONES = {"here": "accent", "cheapest": "series-2"}
MOVING = ("roc", "pr")  # the chosen threshold has a place on them
MOST_ROWS = 41  # of a curve's table
WORST = 100  # of the rows of a scatter, the ones that are farthest off


@dataclass(frozen=True)
class Cell:
    value: object
    format: str = "number"  # number, share, count or text
    href: str = ""


@dataclass(frozen=True)
class Chart:
    """`svg` is one safe element; `rows` stand for it where nobody sees it."""

    name: str
    title: str
    note: str
    svg: str
    columns: list[str]
    rows: list[list[Cell]]


def charts(result: Result, *, rows_url: str = "") -> list[Chart]:
    """Those of its task that `result` has."""
    wanted = NAMES.get(result.get("task", ""), ())
    there = drawings.names(result)
    return [chart(result, name, rows_url=rows_url) for name in wanted if name in there]


def chart(result: Result, name: str, *, rows_url: str = "", called: str = "chart") -> Chart:
    """KeyError for one that `result` does not have; `called` makes its ids unique in a page."""
    made = drawings.FIGURES[name][1](result)
    if isinstance(made, Drawing):
        return Chart(name, made.title, made.note, vector.svg(made, name=name), [], [])
    link = _Links(rows_url)
    columns, rows = TABLES[name](result, link)
    drawing = plot.draw(_linked(made, result, link), width=WIDTH, height=HEIGHT)
    drawing = replace(drawing, marks=[*drawing.marks, *_here(result, name, drawing)])
    svg = vector.svg(drawing, name=f"{called}-{name}")
    return Chart(name, made.title, made.note, svg, columns, rows)


class _Links:
    """Addresses of rows; empty ones where there is no page of rows."""

    def __init__(self, base: str) -> None:
        self._base = base

    def __call__(self, **wanted: object) -> str:
        return f"{self._base}?{urlencode(wanted)}" if self._base else ""

    def bins(self, name: str, edges: Sequence[float], **more: object) -> list[str]:
        """Of each bin, whose upper edge belongs to the next one but for the last."""
        pairs = list(pairwise(edges))
        last = len(pairs) - 1
        return [
            self(**{f"{name}_min": low, f"{name}_max": high if n == last else _below(high)}, **more)
            for n, (low, high) in enumerate(pairs)
        ]


def _below(value: float) -> float:
    return math.nextafter(value, -math.inf)


def _linked(figure: Figure, result: Result, link: _Links) -> Figure:
    """The figure with its bars and dots leading to their rows."""
    linked = LINKS.get(figure.name)
    if not linked:
        return figure
    found = linked(result, link)
    series = [
        replace(one, links=found[n][0], titles=found[n][1]) if n in found else one
        for n, one in enumerate(figure.series)
    ]
    return replace(figure, series=series)


Linked = dict[int, tuple[list[str], list[str]]]  # the place of a series -> its links and titles


def _of_scores(result: Result, link: _Links) -> Linked:
    counts, labels = result["outcome"]["score_counts"], [str(one) for one in result["labels"]]
    if "counts" in counts:
        return {0: (link.bins("score", counts["edges"]), _bin_titles(counts, "counts", "rows"))}
    there = [key for key in ("negative", "positive") if counts[key]]
    names = dict(zip(("negative", "positive"), labels, strict=False))
    codes = {"negative": 0, "positive": 1}
    return {
        place: (
            link.bins("score", counts["edges"], actual=codes[key]),
            _bin_titles(counts, key, names.get(key, key)),
        )
        for place, key in enumerate(there)
    }


def _bin_titles(counts: Mapping[str, Any], key: str, what: str) -> list[str]:
    edges = counts["edges"]
    return [
        f"{count:,} {what} from {low:.4g} to {high:.4g}"
        for count, low, high in zip(counts[key], edges[:-1], edges[1:], strict=True)
    ]


def _of_residuals(result: Result, link: _Links) -> Linked:
    found = result["outcome"]["residuals"]
    return {0: (link.bins("residual", found["edges"]), _bin_titles(found, "counts", "rows"))}


def _of_scatter(result: Result, link: _Links) -> Linked:
    points = [point for point in result["outcome"]["points"] if len(point) > 2]
    links = [link(rows=row) for _, _, row in points]
    return {0: (links, [f"Row {row}: {p:.4g} for {a:.4g}" for a, p, row in points])}


def _of_clusters(result: Result, link: _Links) -> Linked:
    found = result["outcome"]["clusters"]
    links = [link(cluster=one["cluster"]) for one in found]
    return {0: (links, [f"Cluster {one['cluster']}: {one['rows']:,} rows" for one in found])}


def _of_calibration(result: Result, link: _Links) -> Linked:
    bins = result["outcome"]["calibration"]
    titles = [f"{one['rows']:,} rows: {one['mean']:.3f} said" for one in bins]
    return {1: ([_calibrated(one, link) for one in bins], titles)}


def _calibrated(one: Mapping[str, Any], link: _Links) -> str:
    """A bin holds its upper edge, and the first one its lower one, too."""
    low = one["low"] if one["low"] == 0 else math.nextafter(one["low"], math.inf)
    return link(score_min=low, score_max=one["high"])


def _here(result: Result, name: str, drawing: Drawing) -> list[Dot]:
    """Where the chosen threshold stands and where mistakes cost least, for a script to move."""
    if name not in MOVING or drawing.frame is None or result["task"] != "binary":
        return []
    outcome, costs = result["outcome"], result.get("costs") or {}
    both = (costs.get("false_positive") or 0.0, costs.get("false_negative") or 0.0)
    marks = {
        "cheapest": threshold.cheapest(outcome, *both),
        "here": threshold.at(outcome, threshold.chosen(result)),
    }
    return [_mark(drawing.frame, name, tag, point) for tag, point in marks.items()]


def _mark(frame: plot.Frame, name: str, tag: str, point: threshold.Point | None) -> Dot:
    """Out of sight while it has no place."""
    place = position(name, point) if point else None
    x, y = place or (frame.xs[0], frame.ys[0])
    seen = tag if place else f"{tag} away"
    title = CHEAPEST if tag == "cheapest" else ""
    return Dot(frame.across(x), frame.up(y), 5, TONES[tag], title=title, tag=seen)


def position(name: str, point: threshold.Point) -> tuple[float, float] | None:
    """Where `point` stands on the curve; None where it has no place."""
    if name == "roc":
        found = (None if point.specificity is None else 1 - point.specificity, point.recall)
    else:
        found = (point.recall, point.precision)
    return None if None in found else found  # type: ignore[return-value]  # neither is None


def _curve_table(result: Result, link: _Links) -> tuple[list[str], list[list[Cell]]]:
    outcome = result["outcome"]
    every = outcome["curve"]["thresholds"][1:]
    step = max(1, math.ceil(len(every) / (MOST_ROWS - 1)))
    rows = []
    for score in [*every[:-1:step], *every[-1:]]:
        point = threshold.at(outcome, score)
        false = None if point.specificity is None else 1 - point.specificity
        href = link(score_min=score)
        cells = [Cell(point.precision, "share"), Cell(point.recall, "share"), Cell(false, "share")]
        rows.append([Cell(score), Cell(point.alarms, "count", href), *cells])
    return ["Threshold", "It names", "Precision", "Recall", "False alarms"], rows


def _score_table(result: Result, link: _Links) -> tuple[list[str], list[list[Cell]]]:
    counts = result["outcome"]["score_counts"]
    names = [str(one) for one in result["labels"]] or ["usual", "unusual"]
    if "counts" in counts:
        return ["Score from", "to", "Rows"], _bins("score", counts["edges"], counts["counts"], link)
    rows = []
    edges = counts["edges"]
    both = [link.bins("score", edges, actual=code) for code in (0, 1)]
    for n, (low, high) in enumerate(pairwise(edges)):
        counted = [counts["negative"][n], counts["positive"][n]]
        if any(counted):
            cells = [Cell(c, "count", both[code][n]) for code, c in enumerate(counted)]
            rows.append([Cell(low), Cell(high), *cells])
    return ["Score from", "to", *names[:2]], rows


def _bins(
    name: str, edges: Sequence[float], counts: Sequence[int], link: _Links
) -> list[list[Cell]]:
    links = link.bins(name, edges)
    every = zip(edges[:-1], edges[1:], counts, links, strict=True)
    return [[Cell(low), Cell(high), Cell(n, "count", to)] for low, high, n, to in every if n]


def _residual_table(result: Result, link: _Links) -> tuple[list[str], list[list[Cell]]]:
    found = result["outcome"]["residuals"]
    rows = _bins("residual", found["edges"], found["counts"], link)
    return ["Said − true from", "to", "Rows"], rows


def _scatter_table(result: Result, link: _Links) -> tuple[list[str], list[list[Cell]]]:
    points = sorted(result["outcome"]["points"], key=lambda one: -abs(one[1] - one[0]))[:WORST]
    rows = []
    for true, said, *row in points:
        numbers = [Cell(true), Cell(said), Cell(said - true)]
        rows.append([*numbers, *(Cell(one, "count", link(rows=one)) for one in row)])
    has_rows = bool(points) and len(points[0]) > 2
    return ["True", "Said", "Said − true", *(["Row"] if has_rows else [])], rows


def _gain_table(result: Result, _: _Links) -> tuple[list[str], list[list[Cell]]]:
    rows = [[Cell(x, "share"), Cell(y, "share")] for x, y in result["outcome"]["gain"]]
    return ["Looked at", "Found"], rows


def _calibration_table(result: Result, link: _Links) -> tuple[list[str], list[list[Cell]]]:
    rows = [
        [
            Cell(one["mean"], "share"),
            Cell(one["observed"], "share"),
            Cell(one["rows"], "count", _calibrated(one, link)),
        ]
        for one in result["outcome"]["calibration"]
    ]
    return ["It says", "It is so", "Rows"], rows


def _cluster_table(result: Result, link: _Links) -> tuple[list[str], list[list[Cell]]]:
    rows = [
        [Cell(one["cluster"], "text"), Cell(one["rows"], "count", link(cluster=one["cluster"]))]
        for one in result["outcome"]["clusters"]
    ]
    return ["Cluster", "Rows"], rows


def _precision_table(result: Result, _: _Links) -> tuple[list[str], list[list[Cell]]]:
    found = result["outcome"]["precision_at"]
    return ["Looked at", "Really unusual"], [[Cell(k, "count"), Cell(p, "share")] for k, p in found]


Table = Callable[[Result, _Links], tuple[list[str], list[list[Cell]]]]
TABLES: dict[str, Table] = {
    "roc": _curve_table,
    "pr": _curve_table,
    "scores": _score_table,
    "calibration": _calibration_table,
    "gain": _gain_table,
    "scatter": _scatter_table,
    "residuals": _residual_table,
    "clusters": _cluster_table,
    "precision_at": _precision_table,
}
LINKS: dict[str, Callable[[Result, _Links], Linked]] = {
    "scores": _of_scores,
    "calibration": _of_calibration,
    "scatter": _of_scatter,
    "residuals": _of_residuals,
    "clusters": _of_clusters,
}
