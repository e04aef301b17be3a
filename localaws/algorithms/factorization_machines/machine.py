"""A factorization machine: bias, a weight per feature, and factors for pairs of features.

Rendle 2010: the pairs cost no more than the factors, by (sum of products) squared.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from localaws.algorithms.recordio.tables import Features, Floats

Array = NDArray[Any]


@dataclass
class Machine:
    """`columns` are the features that training saw; the others of `width` say nothing."""

    width: int
    columns: NDArray[np.int64]
    bias: Floats
    linear: Floats
    factors: Floats
    is_binary: bool

    def compact(self, rows: Features) -> csr_matrix:
        """Rows with only the columns that the machine knows, in its order."""
        return csr_matrix(rows, dtype=np.float32)[:, self.columns]

    def outputs(self, compact: csr_matrix) -> Array:
        products = compact @ self.factors
        squares = compact.multiply(compact).tocsr() @ (self.factors**2)
        pairs = (products**2 - squares).sum(axis=1) / 2
        found: Array = self.bias[0] + compact @ self.linear + pairs
        return found

    def slopes(self, compact: csr_matrix, errors: Array) -> tuple[Array, Array, Array]:
        """Of bias, weights and factors, where `errors` are the slopes of the outputs."""
        products = compact @ self.factors
        squared = compact.multiply(compact).T.tocsr() @ errors
        factors = compact.T @ (errors[:, None] * products) - squared[:, None] * self.factors
        return errors.sum(keepdims=True), compact.T @ errors, factors


def save(machine: Machine, path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, **vars(machine))


def load(path: Path) -> Machine:
    """Raises OSError and ValueError."""
    with np.load(path, allow_pickle=False) as arrays:
        return Machine(
            width=int(arrays["width"]),
            columns=arrays["columns"],
            bias=arrays["bias"],
            linear=arrays["linear"],
            factors=arrays["factors"],
            is_binary=bool(arrays["is_binary"]),
        )
