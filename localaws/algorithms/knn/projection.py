"""Random projections that keep distances: `sign` and `fjlt`, as d x target matrices."""

from __future__ import annotations

import numpy as np

from localaws.algorithms.recordio.tables import Floats


def matrix(kind: str, width: int, target: int, random: np.random.Generator) -> Floats:
    signs = _signs(width, target, random) if kind == "sign" else _fjlt(width, target, random)
    scaled: Floats = signs / np.float32(np.sqrt(target))
    return scaled


def _signs(width: int, target: int, random: np.random.Generator) -> Floats:
    return random.choice(np.array([-1, 1], np.float32), (width, target))


def _fjlt(width: int, target: int, random: np.random.Generator) -> Floats:
    """A sampled Hadamard transform after random sign flips (Ailon and Chazelle)."""
    size = 1 << max(width, target).bit_length()
    columns = random.choice(size, target, replace=False)
    shared = np.arange(width)[:, None] & columns[None, :]
    entries = 1 - 2 * (np.bitwise_count(shared) & 1).astype(np.float32)
    flipped: Floats = _signs(width, 1, random) * entries
    return flipped
