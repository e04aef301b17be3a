"""Robust random cut trees (Guha, Mishra, Roy and Schrijvers 2016) and their anomaly score.

Every tree cuts the box of a sample at random, wide sides more often. A point that a random cut
would soon tell from the sample is anomalous.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localaws.algorithms.container import UserError
from localaws.algorithms.recordio.tables import Floats

Numbers = NDArray[np.int32]

_CELLS = 1 << 21
_LARGEST = 1 << 30


@dataclass(frozen=True)
class Forest:
    """Nodes of all trees, one after another; `left` is 0 at a leaf."""

    roots: Numbers
    low: Floats
    high: Floats
    side: Numbers
    cut: Floats
    left: Numbers
    right: Numbers
    mass: Numbers

    def scores(self, rows: Floats) -> Floats:
        """About 1 for the usual, more for the anomalous; the mean over the trees."""
        step = max(1, _CELLS // (len(self.roots) * rows.shape[1]))
        parts = [self._scores(rows[at : at + step]) for at in range(0, len(rows), step)]
        return np.concatenate(parts).astype(np.float32)

    def _scores(self, rows: Floats) -> Floats:
        """Down all trees at once, one level after another.

        At depth d a point outside the node's box is cut off with some probability, which scores
        1 / (d + 1); otherwise it goes on. One that meets its equal scores by how alone that is.
        """
        node = np.tile(self.roots, (len(rows), 1))
        total = np.zeros(node.shape)
        onward = np.ones(node.shape)
        queries, trees = (axis.ravel() for axis in np.indices(node.shape))
        depth = 0
        while queries.size:
            here = node[queries, trees]
            alone = self._separation(rows[queries], here)
            rest = onward[queries, trees]
            total[queries, trees] += rest * alone / (depth + 1)
            rest = rest * (1 - alone)
            onward[queries, trees] = rest
            leaf = self.left[here] == 0
            total[queries[leaf], trees[leaf]] += rest[leaf] * self._met(here, trees, depth)[leaf]
            deeper = ~leaf & (rest > 0)
            queries, trees, here = queries[deeper], trees[deeper], here[deeper]
            goes_left = rows[queries, self.side[here]] <= self.cut[here]
            node[queries, trees] = np.where(goes_left, self.left[here], self.right[here])
            depth += 1
        weights = np.log2(1 + self.mass[self.roots])
        found: Floats = (total * weights).mean(axis=1)
        return found

    def _separation(self, rows: Floats, nodes: Numbers) -> Floats:
        """How likely the first cut of the box that also holds the point tells it from the box."""
        low, high = self.low[nodes], self.high[nodes]
        beyond = (np.maximum(low - rows, 0) + np.maximum(rows - high, 0)).sum(axis=1)
        inside = (high - low).sum(axis=1)
        whole = beyond + inside
        share: Floats = np.divide(beyond, whole, out=np.zeros_like(whole), where=whole > 0)
        return share

    def _met(self, nodes: Numbers, trees: NDArray[Any], depth: int) -> Floats:
        mass, all_mass = self.mass[nodes], self.mass[self.roots[trees]]
        found: Floats = (1 - mass / (2 * all_mass)) / (depth + np.log2(1 + mass))
        return found


@dataclass
class _Builder:
    random: np.random.Generator
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)
    side: list[int] = field(default_factory=list)
    cut: list[float] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    mass: list[int] = field(default_factory=list)

    def tree(self, sample: Floats) -> int:
        """The root's number."""
        root = self._node(sample)
        waiting = [(root, sample)]
        while waiting:
            node, points = waiting.pop()
            for child, part in self._split(node, points):
                waiting.append((child, part))
        return root

    def _node(self, points: Floats) -> int:
        self.low.append(points.min(axis=0))
        self.high.append(points.max(axis=0))
        self.mass.append(len(points))
        for column in (self.side, self.left, self.right):
            column.append(0)
        self.cut.append(0.0)
        return len(self.mass) - 1

    def _split(self, node: int, points: Floats) -> list[tuple[int, Floats]]:
        """Nothing where all points are equal."""
        low, high = self.low[node], self.high[node]
        ends = np.cumsum((high - low).astype(np.float64))
        if not ends[-1] > 0:
            return []
        side = int(np.searchsorted(ends, self.random.random() * ends[-1], side="right"))
        cut = np.float32(low[side] + self.random.random() * (high[side] - low[side]))
        cut = min(cut, np.nextafter(high[side], low[side]))  # rounding must not empty the right
        below = points[:, side] <= cut
        self.side[node], self.cut[node] = side, float(cut)
        parts = points[below], points[~below]
        children = [self._node(part) for part in parts]
        self.left[node], self.right[node] = children
        return list(zip(children, parts, strict=True))


def grow(rows: Floats, trees: int, sample: int) -> Forest:
    """Each tree over `sample` different rows, or all of them. Raises UserError beyond 1 GB."""
    sample = min(sample, len(rows))
    if trees * 2 * sample * rows.shape[1] * 8 > _LARGEST:
        raise UserError(
            f"{trees} trees of {sample} rows with {rows.shape[1]} features would take more than "
            "1 GB: lower num_trees or num_samples_per_tree"
        )
    random = np.random.default_rng(0)
    builder = _Builder(random)
    roots = [
        builder.tree(rows[random.choice(len(rows), sample, replace=False)]) for _ in range(trees)
    ]
    return Forest(
        roots=np.array(roots, np.int32),
        low=np.array(builder.low, np.float32),
        high=np.array(builder.high, np.float32),
        side=np.array(builder.side, np.int32),
        cut=np.array(builder.cut, np.float32),
        left=np.array(builder.left, np.int32),
        right=np.array(builder.right, np.int32),
        mass=np.array(builder.mass, np.int32),
    )


def save(forest: Forest, path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, **vars(forest))


def load(path: Path) -> Forest:
    """Raises OSError and ValueError."""
    with np.load(path, allow_pickle=False) as arrays:
        return Forest(**{name: arrays[name] for name in Forest.__dataclass_fields__})
