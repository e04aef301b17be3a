"""Nearest centres, where to start, and Lloyd's algorithm on weighted points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from localaws.algorithms.recordio.tables import Floats

_BLOCK = 4096


def nearest(points: Floats, centers: Floats) -> tuple[NDArray[np.intp], Floats]:
    """(number of the nearest centre, squared distance to it) of each point."""
    found = np.zeros(len(points), np.intp)
    squares = np.zeros(len(points), np.float32)
    lengths = np.einsum("ij,ij->i", centers, centers)
    for at in range(0, len(points), _BLOCK):
        block = points[at : at + _BLOCK]
        best = (lengths - 2 * np.dot(block, centers.T)).argmin(axis=1)
        rest = block - centers[best]
        found[at : at + _BLOCK] = best
        squares[at : at + _BLOCK] = np.einsum("ij,ij->i", rest, rest)
    return found, squares


def start(
    points: Floats, weights: Floats, count: int, method: str, random: np.random.Generator
) -> Floats:
    """`count` of the points: at random, or by k-means++ far from each other."""
    if method == "random":
        return points[random.choice(len(points), count, replace=False)].copy()
    chosen = [int(random.choice(len(points), p=_shares(weights)))]
    squares = nearest(points, points[chosen])[1]
    while len(chosen) < count:
        chosen.append(int(random.choice(len(points), p=_shares(weights * squares))))
        squares = np.minimum(squares, nearest(points, points[chosen[-1:]])[1])
    return points[chosen].copy()


def _shares(weights: Floats) -> NDArray[np.float64]:
    exact = weights.astype(np.float64)
    total = exact.sum()
    shares: NDArray[np.float64] = (
        exact / total if total > 0 else np.full(len(exact), 1 / len(exact))
    )
    return shares


def sums(points: Floats, weights: Floats, found: NDArray[np.intp], count: int) -> tuple[Any, Any]:
    """Per centre: the weighted sum of its points, and their weight."""
    order = np.argsort(found, kind="stable")
    present, firsts = np.unique(found[order], return_index=True)
    totals = np.zeros((count, points.shape[1]))
    totals[present] = np.add.reduceat((points * weights[:, None])[order], firsts, axis=0)
    return totals, np.bincount(found, weights, count)


def lloyd(
    points: Floats, weights: Floats, centers: Floats, *, iterations: int, tolerance: float
) -> tuple[Floats, float]:
    """Centres moved until the loss improves by less than `tolerance` of it; and that loss."""
    loss = np.inf
    for _ in range(iterations):
        found, squares = nearest(points, centers)
        previous, loss = loss, float(np.average(squares, weights=weights))
        if previous - loss <= tolerance * loss:
            break
        totals, weight = sums(points, weights, found, len(centers))
        filled = weight > 0  # a centre without points stays where it is
        centers = centers.copy()
        centers[filled] = totals[filled] / weight[filled, None]
    return centers, loss
