"""Losses and their slopes for many models at once.

`outputs` are (rows, models, outputs), `labels` (rows,); a loss is (rows, models), a slope has the
shape of `outputs`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localaws.algorithms.firstparty.hyperparameters import Values

Array = NDArray[Any]
Loss = Callable[[Array, Array], tuple[Array, Array]]

OBJECTIVES = {
    "logistic": "binary_classification_cross_entropy_objective",
    "softmax_loss": "multiclass_cross_entropy_objective",
    "squared_loss": "mse_objective",
}


def objective(loss: str) -> str:
    """What the log calls it."""
    return OBJECTIVES.get(loss, f"{loss}_objective")


def make(name: str, values: Values) -> Loss:
    if name == "softmax_loss":
        return _softmax
    if name == "logistic":
        return _of_score(_logistic)
    if name == "hinge_loss":
        return _of_score(lambda score, labels: _hinge(score, labels, values["margin"]))
    return _of_score(lambda score, labels: _of_error(name, score - labels, values))


def sigmoid(scores: Array) -> Array:
    """Without overflow."""
    found: Array = np.exp(-np.logaddexp(0, -scores))
    return found


def softmax(outputs: Array) -> Array:
    """Over the last axis."""
    powers = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    shares: Array = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def _of_score(function: Loss) -> Loss:
    def loss(outputs: Array, labels: Array) -> tuple[Array, Array]:
        values, slopes = function(outputs[..., 0], labels[:, None])
        return values, slopes[..., None]

    return loss


def _logistic(score: Array, labels: Array) -> tuple[Array, Array]:
    return np.logaddexp(0, score) - labels * score, sigmoid(score) - labels


def _hinge(score: Array, labels: Array, margin: float) -> tuple[Array, Array]:
    signs = 2 * labels - 1
    missing = margin - signs * score
    return np.maximum(missing, 0), np.where(missing > 0, -signs, 0)


def _softmax(outputs: Array, labels: Array) -> tuple[Array, Array]:
    slopes = softmax(outputs)
    rows, places = np.arange(len(labels)), labels.astype(np.intp)
    values = -np.log(np.maximum(slopes[rows, :, places], 1e-30))
    slopes[rows, :, places] -= 1
    return values, slopes


def _of_error(name: str, error: Array, values: Values) -> tuple[Array, Array]:
    size, sign = np.abs(error), np.sign(error)
    beyond = np.maximum(size - values["loss_insensitivity"], 0)
    if name == "squared_loss":
        return error**2, 2 * error
    if name == "absolute_loss":
        return size, sign
    if name == "eps_insensitive_squared_loss":
        return beyond**2, 2 * beyond * sign
    if name == "eps_insensitive_absolute_loss":
        return beyond, np.where(beyond > 0, sign, 0)
    if name == "quantile_loss":
        slope = np.where(error < 0, -values["quantile"], 1 - values["quantile"])
        return slope * error, slope
    delta = values["huber_delta"]
    near = size <= delta
    return np.where(near, error**2 / 2, delta * (size - delta / 2)), np.where(
        near, error, delta * sign
    )
