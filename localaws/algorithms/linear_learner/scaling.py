"""Training sees features and labels with mean 0 and deviation 1; the model is of the plain ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, issparse

from localaws.algorithms.firstparty.hyperparameters import Values
from localaws.algorithms.linear_learner.losses import Array
from localaws.algorithms.recordio.tables import Features, Floats


@dataclass(frozen=True)
class Scaling:
    """Means and deviations; 0 and 1 where nothing is scaled."""

    mean: Array
    spread: Array
    label_mean: float
    label_spread: float

    def features(self, rows: Features) -> Features:
        if isinstance(rows, csr_matrix):
            return csr_matrix(rows.multiply(1 / self.spread[None, :]), dtype=np.float32)
        scaled: Floats = ((rows - self.mean) / self.spread).astype(np.float32)
        return scaled

    def labels(self, labels: Floats) -> Floats:
        scaled: Floats = ((labels - self.label_mean) / self.label_spread).astype(np.float32)
        return scaled

    def folded(self, weights: Array, bias: Array) -> tuple[Array, Array]:
        """(features, models, outputs) and (models, outputs), for unscaled rows and labels."""
        plain = weights / self.spread[:, None, None]
        shift = bias - np.einsum("f,fmo->mo", self.mean, plain)
        return plain * self.label_spread, shift * self.label_spread + self.label_mean


def of(rows: Features, labels: Floats, values: Values, *, regression: bool) -> Scaling:
    """From the first rows. Sparse features are never centred: they would be sparse no more."""
    count = values["num_point_for_scaler"]
    width = rows.shape[1]
    mean, spread = np.zeros(width), np.ones(width)
    exact_mean, exact_spread = _moments(rows[:count])
    if values["normalize_data"] is not False:
        spread = np.where(exact_spread > 0, exact_spread, 1)
    if not issparse(rows) and values["unbias_data"] is not False and values["use_bias"]:
        mean = exact_mean
    label_mean, label_spread = 0.0, 1.0
    if regression and values["unbias_label"] is not False and values["use_bias"]:
        label_mean = float(labels[:count].mean())
    if regression and values["normalize_label"] is not False:
        label_spread = float(labels[:count].std()) or 1.0
    return Scaling(mean, spread, label_mean, label_spread)


def _moments(rows: Features) -> tuple[Array, Array]:
    if not isinstance(rows, csr_matrix):
        return rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
    mean = np.asarray(rows.mean(axis=0)).ravel()
    squares = np.asarray(rows.multiply(rows).mean(axis=0)).ravel()
    return mean, np.sqrt(np.maximum(squares - mean**2, 0))
