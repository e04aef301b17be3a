"""The threshold on a binary classifier's score, and how good the model is with it.

https://docs.aws.amazon.com/sagemaker/latest/dg/ll_how-it-works.html, step "Validate and set the
threshold".
"""

from __future__ import annotations

import numpy as np

from localaws.algorithms.firstparty.hyperparameters import Values
from localaws.algorithms.firstparty.scores import f_beta, ratio
from localaws.algorithms.linear_learner.losses import Array


def threshold(labels: Array, scores: Array, values: Values, middle: float) -> tuple[float, float]:
    """(threshold, merit): a score from the threshold on is class 1; more merit is better.

    `middle` is the threshold when the criterion is a loss, whose merit is not known here: 0.
    """
    criterion = values["binary_classifier_model_selection_criteria"]
    if criterion in {"cross_entropy_loss", "loss_function"}:
        return middle, 0.0
    cuts, hits, found = _curve(labels, scores)
    positives = float((labels == 1).sum())
    precision, recall = ratio(hits, found), ratio(hits, np.full(len(hits), positives))
    if criterion == "accuracy":
        right = hits + (len(labels) - positives) - (found - hits)
        merit = right / len(labels)
    elif criterion == "precision_at_target_recall":
        merit = np.where(recall >= values["target_recall"], precision, recall - 1)
    elif criterion == "recall_at_target_precision":
        merit = np.where(precision >= values["target_precision"], recall, precision - 1)
    else:
        merit = f_beta(precision, recall, 1.0 if criterion == "f1" else values["f_beta"])
    best = int(merit.argmax())
    return float(cuts[best]), float(merit[best])


def _curve(labels: Array, scores: Array) -> tuple[Array, Array, Array]:
    """Every cut between different scores, with the positives and the rows at or above it."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order].astype(np.float64)
    hits = np.concatenate([[0], np.cumsum(labels[order] == 1)])
    last = np.flatnonzero(np.diff(ranked))
    between = (ranked[last] + ranked[last + 1]) / 2
    cuts = np.concatenate([[np.nextafter(ranked[0], np.inf)], between, [ranked[-1]]])
    found = np.concatenate([[0], last + 1, [len(ranked)]])
    return cuts, hits[found].astype(float), found.astype(float)
