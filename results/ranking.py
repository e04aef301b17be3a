"""Scores in order: how many of the wanted and of the others stand above each threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from results import intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

POINTS = 1_001
BINS = 40


@dataclass(frozen=True)
class Curve:
    """`tp[i]` positives and `fp[i]` negatives score `thresholds[i]` or more; descending.

    The first threshold is +∞, where nothing is; the last one takes everything.
    """

    thresholds: Floats
    tp: Counts
    fp: Counts

    @property
    def positives(self) -> int:
        return int(self.tp[-1])

    @property
    def negatives(self) -> int:
        return int(self.fp[-1])


def curve(is_positive: Flags, scores: Floats) -> Curve:
    """A point for each distinct score."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    ends = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True])
    tp = np.cumsum(is_positive[order], dtype=np.int64)[ends]
    return Curve(np.r_[np.inf, ordered[ends]], np.r_[0, tp], np.r_[0, ends + 1 - tp])


def auc(found: Curve) -> float | None:
    """The area under the ROC curve; None of one class only."""
    if not found.positives or not found.negatives:
        return None
    area = float(np.trapezoid(found.tp.astype(float), found.fp.astype(float)))
    return area / found.positives / found.negatives


def average_precision(found: Curve) -> float | None:
    """Precision averaged over the steps of recall; None without positives."""
    if not found.positives:
        return None
    precision = found.tp[1:] / (found.tp[1:] + found.fp[1:])
    return float((np.diff(found.tp) * precision).sum() / found.positives)


def metrics(found: Curve) -> dict[str, float | None]:
    return {"auc": auc(found), "average_precision": average_precision(found)}


def metric_intervals(
    found: Curve, is_positive: Flags, scores: Floats
) -> dict[str, intervals.Interval | None]:
    share = average_precision(found)
    return {
        "auc": intervals.delong(scores[is_positive], scores[~is_positive]),
        "average_precision": intervals.logit(share or 0.0, found.positives),
    }


def thinned(found: Curve, keep: float | None = None) -> Curve:
    """At most POINTS of the curve's points, no more than 1/498 of a class apart.

    The threshold `keep` becomes one of them, whether it is a score or not.
    """
    places = np.arange(len(found.thresholds))
    if len(places) >= POINTS:
        marks = np.linspace(0, 1, (POINTS - 3) // 2)  # of each class; the ends and `keep` besides
        tops = [
            np.searchsorted(counts, np.ceil(marks * counts[-1])) for counts in (found.tp, found.fp)
        ]
        places = np.unique(np.concatenate([[0, len(places) - 1], *tops]))
    chosen = Curve(found.thresholds[places], found.tp[places], found.fp[places])
    return chosen if keep is None else _with(chosen, found, keep)


def _with(chosen: Curve, found: Curve, keep: float) -> Curve:
    """`found` tells what stands above `keep`, which `chosen` gets as a point."""
    at = int(np.searchsorted(-chosen.thresholds, -keep))
    if at < len(chosen.thresholds) and chosen.thresholds[at] == keep:
        return chosen
    last = int(np.searchsorted(-found.thresholds, -keep, side="right")) - 1
    return Curve(
        np.insert(chosen.thresholds, at, keep),
        np.insert(chosen.tp, at, found.tp[last]),
        np.insert(chosen.fp, at, found.fp[last]),
    )


def stored(found: Curve, keep: float | None = None) -> dict[str, object]:
    """As an outcome holds it: thinned.

    `is_exact`: no score lies between two stored thresholds, so they answer for any other, too.
    """
    thin = thinned(found, keep)
    return {
        "thresholds": [None, *thin.thresholds[1:].tolist()],
        "tp": thin.tp.tolist(),
        "fp": thin.fp.tolist(),
        "is_exact": len(found.thresholds) < POINTS,
    }


def score_counts(scores: Floats, is_positive: Flags | None = None) -> dict[str, list[float]]:
    """A histogram over the range of the scores (of 0 to 1 where they are shares)."""
    low, high = float(scores.min()), float(scores.max())
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    edges = np.histogram_bin_edges(scores, BINS, (low, high))
    counted = {"edges": edges.tolist()}
    if is_positive is None:
        return counted | {"counts": np.histogram(scores, edges)[0].tolist()}
    return counted | {
        "positive": np.histogram(scores[is_positive], edges)[0].tolist(),
        "negative": np.histogram(scores[~is_positive], edges)[0].tolist(),
    }
