"""Two classes at one threshold: a row counts as the second class when its score is that or more.

Everything follows from how many of both classes score so; `static/js/threshold.js` does the same
arithmetic in the page.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DEFAULT = 0.5


@dataclass(frozen=True)
class Point:
    """`threshold` is None where nothing counts as the second class.

    `is_exact` is False for counts between two stored thresholds: they are those of the upper one.
    """

    threshold: float | None
    tp: int
    fp: int
    fn: int
    tn: int
    is_exact: bool = True

    @property
    def rows(self) -> int:
        return self.tp + self.fp + self.fn + self.tn

    @property
    def alarms(self) -> int:
        """How many rows count as the second class."""
        return self.tp + self.fp

    @property
    def accuracy(self) -> float:
        return (self.tp + self.tn) / self.rows

    @property
    def precision(self) -> float | None:
        """Of those it names; None when it names none."""
        return _share(self.tp, self.alarms)

    @property
    def recall(self) -> float | None:
        return _share(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> float | None:
        return _share(self.tn, self.tn + self.fp)

    @property
    def f1(self) -> float | None:
        return _share(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def confusion(self) -> list[list[int]]:
        return [[self.tn, self.fp], [self.fn, self.tp]]

    def cost(self, false_positive: float, false_negative: float) -> float:
        return self.fp * false_positive + self.fn * false_negative


def chosen(result: Mapping[str, Any]) -> float:
    """Where `result` draws the line: where somebody put it, else where the model does."""
    stored = result.get("threshold")
    own = result["outcome"].get("threshold", DEFAULT)
    return float(own if stored is None else stored)


def at(outcome: Mapping[str, Any], threshold: float) -> Point:
    """What holds at `threshold` by the stored curve; ValueError when it is not a number."""
    if math.isnan(threshold):
        raise ValueError("The threshold is not a number.")
    thresholds = outcome["curve"]["thresholds"]
    # Descending, and the first one, +∞, is stored as None: how many are `threshold` or more?
    place = bisect_left(thresholds, -threshold, lo=1, key=lambda one: -one)
    is_stored = place < len(thresholds) and thresholds[place] == threshold
    index = place if is_stored else place - 1
    found = _point(outcome, index, threshold if math.isfinite(threshold) else None)
    is_end = index in (0, len(thresholds) - 1)
    if is_stored or is_end or outcome["curve"].get("is_exact"):
        return found
    return Point(found.threshold, found.tp, found.fp, found.fn, found.tn, is_exact=False)


def with_point(curve: Mapping[str, Any], point: Point) -> dict[str, Any]:
    """The stored `curve` with the place of `point`, which was counted."""
    thresholds = curve["thresholds"]
    place = bisect_left(thresholds, -_finite(point), lo=1, key=lambda one: -one)
    if place < len(thresholds) and thresholds[place] == point.threshold:
        return dict(curve)
    added = {"thresholds": point.threshold, "tp": point.tp, "fp": point.fp}
    more = {name: [*curve[name][:place], one, *curve[name][place:]] for name, one in added.items()}
    return {**curve, **more}


def _finite(point: Point) -> float:
    return math.inf if point.threshold is None else point.threshold


def of_scores(score: Any, actual: Any, threshold: float) -> Point:
    """What holds at `threshold`, counted over numpy arrays of all rows."""
    import numpy as np

    is_said, is_positive = score >= threshold, actual == 1
    alarms, positives = int(np.count_nonzero(is_said)), int(np.count_nonzero(is_positive))
    tp = int(np.count_nonzero(is_said & is_positive))
    fn, fp = positives - tp, alarms - tp
    return Point(threshold, tp, fp, fn, len(score) - positives - fp)


def cheapest(
    outcome: Mapping[str, Any], false_positive: float, false_negative: float
) -> Point | None:
    """The stored threshold with the lowest cost, of equal ones the highest; None without costs."""
    if not (false_positive or false_negative):
        return None
    thresholds = outcome["curve"]["thresholds"]
    points = (_point(outcome, place, one) for place, one in enumerate(thresholds))
    return min(points, key=lambda point: point.cost(false_positive, false_negative))


def offered(result: Mapping[str, Any]) -> list[tuple[str, Point, float | None]]:
    """(what it is, what holds there, its cost) of the thresholds to tell who cannot move one."""
    outcome, costs = result.get("outcome") or {}, result.get("costs") or {}
    if result.get("task") != "binary" or not outcome.get("curve"):
        return []
    alarm, miss = costs.get("false_positive"), costs.get("false_negative")
    found = [("The model's own", at(outcome, outcome.get("threshold", DEFAULT)))]
    if result.get("threshold") is not None:
        found.append(("Chosen here", at(outcome, result["threshold"])))
    if alarm is None or miss is None:
        return [(name, point, None) for name, point in found]
    if best := cheapest(outcome, alarm, miss):
        found.append(("Where mistakes cost least", best))
    return [(name, point, point.cost(alarm, miss)) for name, point in found]


def _point(outcome: Mapping[str, Any], place: int, threshold: float | None) -> Point:
    curve = outcome["curve"]
    tp, fp = curve["tp"][place], curve["fp"][place]
    return Point(threshold, tp, fp, outcome["positives"] - tp, outcome["negatives"] - fp)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
