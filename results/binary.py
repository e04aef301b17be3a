"""Two classes: what holds at one threshold, and at all of them. The second class is the wanted one.

Figures equal scikit-learn's with `zero_division=0`; where it has no value, neither has this.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from results import intervals, ranking, scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

DEFAULT = 0.5
CALIBRATION_BINS = 10
GAIN_STEPS = 50
RESAMPLED = ("f1", "mcc", "balanced_accuracy", "f1_macro", "f1_weighted")


def measured(
    actual: Floats, predicted: Floats, scored: Floats | None
) -> tuple[scores.Metrics, Counts, dict[str, Any]]:
    """Metrics, [actual][predicted] counts and the outcome's part; `scored`: of the second class.

    ValueError unless every class is 0 or 1 and every score finite.
    """
    truth = scores.codes(actual, 2).astype(bool)
    counts = scores.confusion(actual, predicted, 2)
    metrics = scores.classification(counts) | rates(counts)
    outcome: dict[str, Any] = {
        "positives": int(truth.sum()),
        "negatives": int((~truth).sum()),
        "intervals": count_intervals(counts),
        "baseline": baseline(counts),
    }
    if scored is not None:
        more, part = _ranked(truth, np.asarray(predicted) == 1, scores.finite(scored))
        metrics |= more
        outcome["intervals"] |= part.pop("intervals")
        outcome["baseline"] |= part.pop("baseline")
        outcome |= part
    return metrics, counts, outcome


def rates(counts: Counts) -> scores.Metrics:
    """Specificity, balanced accuracy and Matthews' correlation."""
    names = ("specificity", "balanced_accuracy", "mcc")
    values = statistics(counts.reshape(1, 4))
    return {name: float(np.nan_to_num(values[name][0])) for name in names}


def statistics(draws: NDArray[Any]) -> dict[str, Floats]:
    """Figures of draws × (tn, fp, fn, tp); the balanced accuracy is over the classes there are."""
    tn, fp, fn, tp = draws.astype(np.float64).T
    with np.errstate(divide="ignore", invalid="ignore"):
        recall, specificity = tp / (tp + fn), tn / (tn + fp)
        f1 = _or_zero(2 * tp / (2 * tp + fp + fn))
        other = _or_zero(2 * tn / (2 * tn + fp + fn))
        positive, total = tp + fn, tn + fp + fn + tp
        product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
        mcc = _or_zero((tp * tn - fp * fn) / np.sqrt(product))
    both = np.column_stack([recall, specificity])
    seen = np.isfinite(both)
    second, first = tp + fp + fn > 0, tn + fp + fn > 0
    return {
        "specificity": specificity,
        "balanced_accuracy": np.where(seen, both, 0).sum(axis=1) / seen.sum(axis=1),
        "mcc": mcc,
        "f1": f1,
        "f1_macro": (f1 * second + other * first) / (0.0 + second + first),
        "f1_weighted": (f1 * positive + other * (total - positive)) / total,
    }


def count_intervals(counts: Counts) -> dict[str, intervals.Interval]:
    (tn, fp), (fn, tp) = counts.tolist()
    drawn = statistics(np.array(list(intervals.resampled_counts(counts.ravel()))))
    found = {
        "accuracy": intervals.wilson(tn + tp, tn + fp + fn + tp),
        "precision": intervals.wilson(tp, tp + fp),
        "recall": intervals.wilson(tp, tp + fn),
        "specificity": intervals.wilson(tn, tn + fp),
    }
    here = statistics(counts.reshape(1, 4))
    for name in RESAMPLED:
        lowest = -1.0 if name == "mcc" else 0.0
        figure = float(here[name][0])
        found[name] = intervals.of_draws(drawn[name], figure, lowest=lowest, highest=1.0)
    return intervals.known(found)


def baseline(counts: Counts) -> dict[str, float]:
    """The best that the same answer to every row reaches, metric by metric."""
    negative, positive = counts.sum(axis=1).tolist()
    constants = np.array([[negative, 0, positive, 0], [0, negative, 0, positive]])
    reached = {name: np.nan_to_num(values) for name, values in statistics(constants).items()}
    found = {name: float(values.max()) for name, values in reached.items()}
    total = negative + positive
    return found | {
        "accuracy": max(negative, positive) / total,
        "precision": positive / total,
        "recall": 1.0 if positive else 0.0,
    }


def own_threshold(is_said: Flags, scored: Floats) -> float:
    """Where the model itself draws the line: 0.5, unless it chose another place."""
    if (is_said == (scored >= DEFAULT)).all() or not is_said.any():
        return DEFAULT
    lowest = float(scored[is_said].min())
    above = scored[~is_said]
    return lowest if not above.size or above.max() < lowest else DEFAULT


def _ranked(truth: Flags, is_said: Flags, scored: Floats) -> tuple[scores.Metrics, dict[str, Any]]:
    """What needs the scores."""
    whole, threshold = ranking.curve(truth, scored), own_threshold(is_said, scored)
    share = float(truth.mean())
    metrics = ranking.metrics(whole)
    base = {"auc": 0.5, "average_precision": share}
    is_share = bool(scored.min() >= 0 and scored.max() <= 1)
    if is_share:
        metrics |= {"log_loss": log_loss(truth, scored), "brier": brier(truth, scored)}
        base |= {"log_loss": _entropy(share), "brier": share * (1 - share)}
    found = ranking.metric_intervals(whole, truth, scored)
    if is_share:
        found["brier"] = intervals.of_mean(np.square(scored - truth), lowest=0.0)
    return metrics, {
        "threshold": threshold,
        "curve": ranking.stored(whole, threshold),
        "calibration": calibration(truth, scored) if is_share else [],
        "gain": gain(whole),
        "score_counts": ranking.score_counts(scored, truth),
        "baseline": base,
        "intervals": intervals.known(found),
    }


def log_loss(truth: Flags, shares: Floats) -> float:
    """The mean surprise; a share of exactly 0 or 1 counts as scikit-learn has it."""
    tiny = np.finfo(np.float64).eps
    clipped = np.clip(np.where(truth, shares, 1 - shares), tiny, 1 - tiny)
    return float(-np.log(clipped).mean())


def brier(truth: Flags, shares: Floats) -> float:
    """The mean squared error of the shares."""
    return float(np.square(shares - truth).mean())


def calibration(truth: Flags, shares: Floats) -> list[dict[str, float]]:
    """Of ten equal bins with rows: the mean of what was said, and the share that was true."""
    edges = np.linspace(0, 1, CALIBRATION_BINS + 1)
    bins = np.searchsorted(edges[1:-1], shares)
    rows = np.bincount(bins, minlength=CALIBRATION_BINS)
    said = np.bincount(bins, shares, CALIBRATION_BINS)
    true = np.bincount(bins, truth, CALIBRATION_BINS)
    return [
        {
            "low": float(edges[one]),
            "high": float(edges[one + 1]),
            "mean": float(said[one] / rows[one]),
            "observed": float(true[one] / rows[one]),
            "rows": int(rows[one]),
        }
        for one in np.flatnonzero(rows)
    ]


def gain(found: ranking.Curve) -> list[list[float]]:
    """[share of rows asked, share of positives found], the highest scores asked first."""
    if not found.positives:
        return []
    asked = (found.tp + found.fp) / (found.positives + found.negatives)
    steps = np.linspace(0, 1, GAIN_STEPS + 1)
    shares = np.interp(steps, asked, found.tp / found.positives)
    return [[float(step), float(share)] for step, share in zip(steps, shares, strict=True)]


def _entropy(share: float) -> float:
    parts = [part for part in (share, 1 - share) if part > 0]
    return -sum(part * math.log(part) for part in parts) if len(parts) > 1 else 0.0


def _or_zero(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, 0.0)
