"""Clusters: their size, how far their rows are from the center, and agreement with known labels.

Figures of agreement equal scikit-learn's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from results import scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]

SHOWN = 12  # rows at each end of a cluster


def measured(
    rows: Counts, predicted: Floats, distance: Floats | None, known: Floats | None, labels: int
) -> tuple[scores.Metrics, dict[str, Any]]:
    """Metrics and the outcome's part; ValueError for what is no cluster, label or distance."""
    size = int(predicted.max()) + 1 if len(predicted) else 0
    codes = scores.codes(predicted, size)
    if distance is not None:
        scores.finite(distance)
    metrics: scores.Metrics = {}
    found = clusters(rows, codes, distance)
    metrics["clusters"] = float(len(found))
    if distance is not None:
        metrics["mean_distance"] = float(distance.mean())
    outcome: dict[str, Any] = {"clusters": found, "baseline": {}, "intervals": {}}
    if known is not None:
        truth = scores.codes(known, labels)
        table = np.bincount(codes * labels + truth, minlength=size * labels).reshape(size, labels)
        together = agreement(table)
        outcome |= {"known": table.tolist(), "agreement": together}
        outcome["baseline"] = dict.fromkeys(together, 0.0) | {"completeness": 1.0}
        metrics |= together
    return metrics, outcome


def clusters(rows: Counts, codes: Counts, distance: Floats | None) -> list[dict[str, Any]]:
    """Of each cluster with rows: its size, and the rows nearest to and farthest from its center."""
    far = np.zeros(len(rows)) if distance is None else distance
    order = np.lexsort((rows, far, codes))
    found = []
    for part in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        if not part.size:
            continue
        one: dict[str, Any] = {"cluster": int(codes[part[0]]), "rows": len(part)}
        if distance is not None:
            one |= {
                "mean_distance": float(far[part].mean()),
                "max_distance": float(far[part[-1]]),
            }
        one["nearest"] = rows[part[:SHOWN]].tolist()
        one["farthest"] = rows[part[-SHOWN:][::-1]].tolist()
        found.append(one)
    return found


def agreement(table: Counts) -> dict[str, float]:
    """Of clusters × labels: 1 is the same grouping; an ARI of 0 is what chance gives."""
    total = float(table.sum())
    joint = table / total
    of_cluster, of_label = joint.sum(axis=1), joint.sum(axis=0)
    shared = _entropy(of_cluster) + _entropy(of_label) - _entropy(joint.ravel())
    clustered, labelled = _entropy(of_cluster), _entropy(of_label)
    homogeneity = shared / labelled if labelled else 1.0
    completeness = shared / clustered if clustered else 1.0
    both = clustered + labelled
    return {
        "ari": adjusted_rand(table),
        "nmi": float(2 * max(0.0, shared) / both) if both else 1.0,
        "homogeneity": float(homogeneity),
        "completeness": float(completeness),
    }


def adjusted_rand(table: Counts) -> float:
    """Pairs of rows that both groupings keep together or apart, beyond chance."""
    total = int(table.sum())
    within = sum(int(one) ** 2 for one in table.ravel())
    clustered = sum(int(one) ** 2 for one in table.sum(axis=1))
    labelled = sum(int(one) ** 2 for one in table.sum(axis=0))
    # Ordered pairs, in whole numbers of any size: together in both, in one only, in neither.
    both = within - total
    only_label, only_cluster = labelled - within, clustered - within
    neither = total**2 - both - only_label - only_cluster - total
    if not only_label and not only_cluster:
        return 1.0
    below = (both + only_label) * (only_label + neither)
    below += (both + only_cluster) * (only_cluster + neither)
    return 2 * (both * neither - only_label * only_cluster) / below


def _entropy(shares: Floats) -> float:
    there = shares[shares > 0]
    return float(-(there * np.log(there)).sum()) if len(there) > 1 else 0.0
