"""A Gaussian process over points from 0 to 1, and where it expects the most improvement.

Matérn 5/2; one length scale and one noise level, chosen by marginal likelihood from a grid.
Rasmussen and Williams, Gaussian Processes for Machine Learning, algorithm 2.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_LENGTHS = (0.1, 0.2, 0.4, 0.8, 1.6)
_NOISES = (1e-4, 1e-2, 1e-1)
_erf = np.vectorize(math.erf, otypes=[np.float64])


@dataclass(frozen=True)
class Process:
    points: Array
    length: float
    factor: Array
    weights: Array
    likelihood: float

    def predict(self, candidates: Array) -> tuple[Array, Array]:
        """Mean and standard deviation at each candidate."""
        cross = _covariance(candidates, self.points, self.length)
        half: Any = np.linalg.solve(self.factor, cross.T)
        variance = 1.0 - np.sum(half**2, axis=0)
        return cross @ self.weights, np.sqrt(np.maximum(variance, 1e-12))


def fit(points: Array, scores: Array) -> Process:
    """`scores` have mean 0 and deviation 1."""
    grid = product(_LENGTHS, _NOISES)
    fitted = [_fit(points, scores, length, noise) for length, noise in grid]
    return max(fitted, key=lambda process: process.likelihood)


def _fit(points: Array, scores: Array, length: float, noise: float) -> Process:
    factor: Any = np.linalg.cholesky(
        _covariance(points, points, length) + (noise + 1e-8) * np.eye(len(points))
    )
    weights = np.linalg.solve(factor.T, np.linalg.solve(factor, scores))
    likelihood = -0.5 * scores @ weights - np.sum(np.log(np.diag(factor)))
    return Process(points, length, factor, weights, float(likelihood))


def _covariance(left: Array, right: Array, length: float) -> Array:
    squares = np.sum((left[:, None, :] - right[None, :, :]) ** 2, axis=2)
    scaled = np.sqrt(5.0 * squares) / length
    covariance: Array = (1.0 + scaled + scaled**2 / 3.0) * np.exp(-scaled)
    return covariance


def most_promising(
    points: list[list[float]],
    scores: list[float],
    pending: list[list[float]],
    candidates: list[list[float]],
) -> int:
    """Index of the candidate with the highest expected improvement; low scores are good.

    `pending` points are taken as if they had come out as expected, so that trials in parallel
    spread out.
    """
    known, tried = np.array(points), np.array(candidates)
    values = np.array(scores)
    values = (values - values.mean()) / (values.std() or 1.0)
    process = fit(known, values)
    if pending:
        believed, _ = process.predict(np.array(pending))
        known, values = np.vstack([known, pending]), np.concatenate([values, believed])
        process = fit(known, values)
    mean, deviation = process.predict(tried)
    better = (values.min() - mean) / deviation
    density = np.exp(-0.5 * better**2) / math.sqrt(2 * math.pi)
    below = 0.5 * (1 + _erf(better / math.sqrt(2)))
    return int(np.argmax(deviation * (better * below + density)))
