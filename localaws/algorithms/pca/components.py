"""Principal components from one or two passes over mini-batches, dense or sparse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localaws.algorithms.recordio.tables import Features

Array = NDArray[np.float64]

_LEAST_EXTRA = 10


@dataclass(frozen=True)
class Components:
    """`mean` (features,), `vectors` (features, components) and `singular` values, weakest first."""

    mean: Array
    vectors: Array
    singular: Array


@dataclass(frozen=True)
class Batches:
    rows: Features
    size: int
    mean: Array

    def __iter__(self) -> Iterator[Features]:
        for at in range(0, self.rows.shape[0], self.size):
            yield self.rows[at : at + self.size]

    def projected(self, vectors: Array) -> Iterator[tuple[Features, Array]]:
        """Each batch with its centred rows times `vectors`; sparse rows stay sparse."""
        shift = self.mean @ vectors
        for batch in self:
            yield batch, np.asarray(batch @ vectors) - shift


def of(rows: Features, size: int, *, subtract_mean: bool) -> Batches:
    mean = np.zeros(rows.shape[1])
    if subtract_mean:
        mean = np.asarray(rows.mean(axis=0, dtype=np.float64)).ravel()
    return Batches(rows, size, mean)


def regular(batches: Batches, count: int) -> Components:
    """From the covariance: exact, and features squared in memory."""
    width = batches.rows.shape[1]
    scatter = np.zeros((width, width))
    for batch in batches:
        exact = batch.astype(np.float64)
        product: Any = exact.T @ exact
        scatter += np.asarray(product.todense() if hasattr(product, "todense") else product)
    scatter -= batches.rows.shape[0] * np.outer(batches.mean, batches.mean)
    return _strongest(batches.mean, scatter, np.eye(width), count)


def randomized(batches: Batches, count: int, extra: int) -> Components:
    """From a random sketch of `count` + `extra` directions (Halko, Martinsson and Tropp)."""
    width = batches.rows.shape[1]
    extra = max(_LEAST_EXTRA, count) if extra == -1 else extra
    start = np.random.default_rng(0).normal(size=(width, min(width, count + extra)))
    basis = np.linalg.qr(_scattered(batches, start)).Q
    basis = np.linalg.qr(_scattered(batches, basis)).Q
    small = np.zeros((basis.shape[1], basis.shape[1]))
    for _, projected in batches.projected(basis):
        small += projected.T @ projected
    return _strongest(batches.mean, small, basis, count)


def _scattered(batches: Batches, vectors: Array) -> Array:
    """The scatter matrix times `vectors`, without the matrix."""
    total = np.zeros(vectors.shape)
    for batch, projected in batches.projected(vectors):
        total += np.asarray(batch.T @ projected) - np.outer(batches.mean, projected.sum(axis=0))
    return total


def _strongest(mean: Array, scatter: Array, basis: Array, count: int) -> Components:
    values, vectors = np.linalg.eigh((scatter + scatter.T) / 2)
    found = basis @ vectors[:, -count:]
    largest = np.abs(found).argmax(axis=0)
    found *= np.where(found[largest, np.arange(count)] < 0, -1, 1)  # or the sign is an accident
    return Components(mean, found, np.sqrt(np.maximum(values[-count:], 0)))
