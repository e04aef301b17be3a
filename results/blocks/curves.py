"""What each curve is drawn from, out of a result's outcome, and the same as a table."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from results.exports import drawings

Result = Mapping[str, Any]
Column = tuple[str, str]  # label, format
Table = tuple[list[Column], list[list[Any]]]

# The parts of `outcome` that a figure needs: `results.outcome` says what they hold.
PARTS = {
    "roc": ("curve", "positives", "negatives"),
    "pr": ("curve", "positives", "negatives"),
    "calibration": ("calibration",),
    "gain": ("gain",),
    "scores": ("score_counts",),
    "scatter": ("points",),
    "residuals": ("residuals",),
    "clusters": ("clusters",),
    "precision_at": ("precision_at",),
}
CURVES = {name: drawings.TITLES[name] for name in PARTS}
MOST_ROWS = 40


def available(result: Result) -> list[str]:
    """The curves that `result` has."""
    return [name for name in drawings.names(result) if name in PARTS]


def figures_of(result: Result) -> list[str]:
    """What can be shared of `result` by itself: the matrix and its curves."""
    return ["matrix", *available(result)] if result["confusion"] else available(result)


def kept_of(figure: str, result: Result) -> dict[str, Any] | None:
    """A result of no more than what `figure` is drawn from; None when it has nothing of it."""
    if figure not in available(result):
        return None
    outcome = {part: result["outcome"][part] for part in PARTS[figure]}
    names = ("task", "labels", "threshold")
    return {name: result[name] for name in names if name in result} | {"outcome": outcome}


def table(figure: str, result: Result) -> Table:
    """The points of `figure`; of many, some that are evenly spread among them."""
    columns, rows = TABLES[figure](result["outcome"])
    return columns, _thinned(rows)


def _thinned(rows: Sequence[list[Any]]) -> list[list[Any]]:
    if len(rows) <= MOST_ROWS:
        return list(rows)
    last = len(rows) - 1
    return [rows[round(place * last / (MOST_ROWS - 1))] for place in range(MOST_ROWS)]


def _thresholds(outcome: Mapping[str, Any]) -> Table:
    curve = outcome["curve"]
    rows = [
        [
            threshold,
            tp / max(1, outcome["positives"]),
            fp / max(1, outcome["negatives"]),
            tp / (tp + fp) if tp + fp else None,
        ]
        for threshold, tp, fp in zip(curve["thresholds"], curve["tp"], curve["fp"], strict=True)
    ]
    columns = [("Score at least", "number"), ("Found", "share"), ("False alarms", "share")]
    return [*columns, ("Right among the named", "share")], rows


def _calibration(outcome: Mapping[str, Any]) -> Table:
    rows = [[one["mean"], one["observed"], one["rows"]] for one in outcome["calibration"]]
    return [("It says", "share"), ("It is so", "share"), ("Rows", "count")], rows


def _gain(outcome: Mapping[str, Any]) -> Table:
    return [("Looked at", "share"), ("Found", "share")], [list(pair) for pair in outcome["gain"]]


def _bins(edges: Sequence[float], counts: Sequence[tuple[str, Sequence[int]]]) -> Table:
    columns = [("From", "number"), ("To", "number"), *((name, "count") for name, _ in counts)]
    rows = [
        [low, high, *(found[place] for _, found in counts)]
        for place, (low, high) in enumerate(itertools.pairwise(edges))
    ]
    return columns, rows


def _scores(outcome: Mapping[str, Any]) -> Table:
    found = outcome["score_counts"]
    parts = {"negative": "Negative", "positive": "Positive", "counts": "Rows"}
    return _bins(found["edges"], [(parts[key], found[key]) for key in parts if found.get(key)])


def _residuals(outcome: Mapping[str, Any]) -> Table:
    found = outcome["residuals"]
    return _bins(found["edges"], [("Rows", found["counts"])])


def _points(outcome: Mapping[str, Any]) -> Table:
    rows = [[point[0], point[1]] for point in outcome["points"]]
    return [("True", "number"), ("Said", "number")], rows


def _clusters(outcome: Mapping[str, Any]) -> Table:
    rows = [[one["cluster"], one["rows"], one["mean_distance"]] for one in outcome["clusters"]]
    return [("Cluster", "count"), ("Rows", "count"), ("Mean distance", "number")], rows


def _precision_at(outcome: Mapping[str, Any]) -> Table:
    rows = [list(pair) for pair in outcome["precision_at"]]
    return [("Rows looked at", "count"), ("Right among them", "share")], rows


TABLES: dict[str, Callable[[Mapping[str, Any]], Table]] = {
    "roc": _thresholds,
    "pr": _thresholds,
    "calibration": _calibration,
    "gain": _gain,
    "scores": _scores,
    "scatter": _points,
    "residuals": _residuals,
    "clusters": _clusters,
    "precision_at": _precision_at,
}
