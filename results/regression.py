"""Predicted numbers: how far off, beside always saying the mean. An error is predicted - actual.

Figures equal scikit-learn's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from results import intervals, scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

POINTS = 1_000
BINS = 40


def measured(
    rows: Counts, actual: Floats, predicted: Floats
) -> tuple[scores.Metrics, dict[str, Any]]:
    """Metrics and the outcome's part; ValueError for a value that is not finite."""
    metrics = scores.regression(actual, predicted)
    error = predicted - actual
    size = np.abs(error)
    metrics["median_error"] = float(np.median(size))
    if (actual != 0).all():
        least = np.finfo(np.float64).eps  # as scikit-learn has it
        metrics["mape"] = float((size / np.maximum(np.abs(actual), least)).mean())
    edges = np.histogram_bin_edges(error, BINS)
    return metrics, {
        "points": points(rows, actual, predicted),
        "residuals": {
            "edges": edges.tolist(),
            "counts": np.histogram(error, edges)[0].tolist(),
        },
        "baseline": baseline(actual),
        "intervals": error_intervals(actual, error, metrics),
    }


def baseline(actual: Floats) -> dict[str, float]:
    """Always saying the mean; for what the median is better at, the median."""
    off = np.abs(actual - np.median(actual))
    found = {
        "rmse": float(actual.std()),
        "mae": float(off.mean()),
        "median_error": float(np.median(off)),
    }
    return found | ({"r2": 0.0} if len(actual) > 1 else {})


def error_intervals(
    actual: Floats, error: Floats, metrics: scores.Metrics
) -> dict[str, intervals.Interval]:
    if len(actual) < 2:
        return {}
    middle = actual - actual.mean()  # so that squares of large numbers keep their digits
    columns = np.column_stack([np.ones(len(actual)), np.abs(error), error**2, middle, middle**2])
    count, absolute, squared, sums, squares = intervals.resampled_sums(columns).T
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = squares - sums**2 / count
        r2 = np.where(spread > 0, 1 - squared / spread, np.nan)
    found = {
        "mae": intervals.of_draws(absolute / count, metrics["mae"], lowest=0.0),
        "rmse": intervals.of_draws(np.sqrt(squared / count), metrics["rmse"], lowest=0.0),
        "r2": intervals.of_draws(r2, metrics["r2"], highest=1.0),
    }
    return intervals.known(found)


def points(rows: Counts, actual: Floats, predicted: Floats) -> list[list[float]]:
    """[actual, predicted, row] of at most POINTS rows, the same ones each time."""
    chosen = np.arange(len(rows))
    if len(rows) > POINTS:
        generator = np.random.default_rng(intervals.SEED)
        chosen = np.sort(generator.choice(len(rows), POINTS, replace=False))
    return [[float(actual[at]), float(predicted[at]), int(rows[at])] for at in chosen]
