"""How strange rows are: the scores' distribution, and with labels how well they find what is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from results import intervals, ranking, scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]

TOP = 100
ASKED = (1, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


def measured(
    rows: Counts, strange: Floats, known: Floats | None
) -> tuple[scores.Metrics, dict[str, Any]]:
    """Metrics and the outcome's part; `known` is 1 for an anomaly. ValueError for bad values."""
    scores.finite(strange)
    order = np.lexsort((rows, -strange))
    metrics: scores.Metrics = {
        "mean_score": float(strange.mean()),
        "score_deviation": float(strange.std()),
        "max_score": float(strange.max()),
    }
    outcome: dict[str, Any] = {
        "top": [[int(rows[at]), float(strange[at])] for at in order[:TOP]],
        "score_counts": ranking.score_counts(strange),
        "baseline": {},
        "intervals": {},
    }
    if known is None:
        return metrics, outcome
    truth = scores.codes(known, 2).astype(bool)
    whole, share = ranking.curve(truth, strange), float(truth.mean())
    metrics |= ranking.metrics(whole)
    outcome |= {
        "positives": int(truth.sum()),
        "negatives": int((~truth).sum()),
        "curve": ranking.stored(whole),
        "score_counts": ranking.score_counts(strange, truth),
        "precision_at": precision_at(truth[order]),
        "baseline": {"auc": 0.5, "average_precision": share},
        "intervals": intervals.known(ranking.metric_intervals(whole, truth, strange)),
    }
    return metrics, outcome


def precision_at(ordered: NDArray[np.bool_]) -> list[list[float]]:
    """[k, share of anomalies among the k strangest rows]."""
    found = np.cumsum(ordered)
    return [[k, float(found[k - 1] / k)] for k in ASKED if k <= len(ordered)]
