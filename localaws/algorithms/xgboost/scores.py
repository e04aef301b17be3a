"""The evaluation metrics that the container adds to XGBoost's own.

Source: aws/sagemaker-xgboost-container, metrics/custom_metrics.py (which calls scikit-learn).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

Values = NDArray[np.float64]


def classes(predictions: Values, objective: str) -> Values:
    """Predicted class numbers from what the objective outputs."""
    if predictions.ndim == 2:
        best: Values = np.argmax(predictions, axis=1).astype(float)
        return best
    if objective == "multi:softmax":
        return predictions
    threshold = 0.0 if objective == "binary:logitraw" else 0.5
    return (predictions > threshold).astype(float)


class _Counts:
    """Per class: hits, predicted, actual."""

    def __init__(self, labels: Values, found: Values) -> None:
        names = np.union1d(labels, found)
        self.hits = np.array([np.sum((labels == c) & (found == c)) for c in names], float)
        self.found = np.array([np.sum(found == c) for c in names], float)
        self.actual = np.array([np.sum(labels == c) for c in names], float)

    def precision(self) -> Values:
        return _ratio(self.hits, self.found)

    def recall(self) -> Values:
        return _ratio(self.hits, self.actual)

    def f1(self) -> Values:
        return _ratio(2 * self.hits, self.found + self.actual)


def _ratio(top: Values, bottom: Values) -> Values:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


def _positive(labels: Values, found: Values) -> _Counts:
    """Class 1 against the rest, as the only class of the result."""
    counts = _Counts(labels, found)
    keep = np.union1d(labels, found) == 1.0
    counts.hits, counts.found = counts.hits[keep], counts.found[keep]
    counts.actual = counts.actual[keep]
    return counts


def _accuracy(labels: Values, found: Values) -> float:
    return float(np.mean(labels == found))


def _balanced(labels: Values, found: Values) -> float:
    counts = _Counts(labels, found)
    return float(np.mean(counts.recall()[counts.actual > 0]))


def _r2(labels: Values, predictions: Values) -> float:
    spread = float(np.sum((labels - labels.mean()) ** 2))
    missed = float(np.sum((labels - predictions) ** 2))
    return 1 - missed / spread if spread else float(missed == 0)


OF_CLASSES: dict[str, Callable[[Values, Values], float]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced,
    "f1": lambda labels, found: float(np.mean(_Counts(labels, found).f1())),
    "f1_binary": lambda labels, found: float(np.sum(_positive(labels, found).f1())),
    "f1_macro": lambda labels, found: float(np.mean(_Counts(labels, found).f1())),
    "precision": lambda labels, found: float(np.sum(_positive(labels, found).precision())),
    "precision_macro": lambda labels, found: float(np.mean(_Counts(labels, found).precision())),
    "precision_micro": _accuracy,
    "recall": lambda labels, found: float(np.sum(_positive(labels, found).recall())),
    "recall_macro": lambda labels, found: float(np.mean(_Counts(labels, found).recall())),
    "recall_micro": _accuracy,
}
OF_NUMBERS: dict[str, Callable[[Values, Values], float]] = {
    "mse": lambda labels, predictions: float(np.mean((labels - predictions) ** 2)),
    "r2": _r2,
}
CUSTOM = (*OF_CLASSES, *OF_NUMBERS)

Scorer = Callable[[Values, xgb.DMatrix], list[tuple[str, float]]]


def scorer(names: tuple[str, ...], objective: str) -> Scorer | None:
    """What `xgboost.train` calls after each round; None when no custom metric was asked for."""
    if not names:
        return None

    def score(predictions: Values, data: xgb.DMatrix) -> list[tuple[str, float]]:
        labels = data.get_label().astype(float)
        found = classes(predictions, objective)
        return [
            (name, OF_CLASSES[name](labels, found))
            if name in OF_CLASSES
            else (name, OF_NUMBERS[name](labels, predictions))
            for name in names
        ]

    return score
