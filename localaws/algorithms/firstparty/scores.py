"""Scores of labels against predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating[Any]]


def accuracy(labels: Values, found: Values) -> float:
    return float(np.mean(labels == found))


def mse(labels: Values, found: Values) -> float:
    return float(np.mean((labels.astype(np.float64) - found) ** 2))


class Classes:
    """Per class that is among the labels or predictions: precision, recall, F."""

    def __init__(self, labels: Values, found: Values) -> None:
        names, numbers = np.unique(np.concatenate([labels, found]), return_inverse=True)
        actual, guessed = numbers[: len(labels)], numbers[len(labels) :]
        count = len(names)
        self._hits = np.bincount(actual[actual == guessed], minlength=count)
        self._actual = np.bincount(actual, minlength=count)
        self._guessed = np.bincount(guessed, minlength=count)

    def precision(self) -> Values:
        return ratio(self._hits, self._guessed)

    def recall(self) -> Values:
        return ratio(self._hits, self._actual)

    def f(self, beta: float) -> Values:
        return f_beta(self.precision(), self.recall(), beta)

    def balanced_accuracy(self) -> float:
        return float(np.mean(self.recall()[self._actual > 0]))


def ratio(top: Any, bottom: Any) -> Values:
    """0 where the bottom is."""
    top, bottom = np.asarray(top, np.float64), np.asarray(bottom, np.float64)
    quotient: Values = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    return quotient


def f_beta(precision: Values, recall: Values, beta: float) -> Values:
    square = beta * beta
    return ratio((1 + square) * precision * recall, square * precision + recall)


def roc_auc(labels: Values, scores: Values) -> float:
    """Of labels 0 and 1; 0.5 when one of them is missing. Ties count half."""
    positive = labels == 1
    count, rest = int(positive.sum()), int((~positive).sum())
    if not count or not rest:
        return 0.5
    _, place, times = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(times) - (times - 1) / 2)[place]
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * rest))
