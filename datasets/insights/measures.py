"""How strongly two columns go together, from 0 or -1 to 1. NaN and the code -1 are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Codes = npt.NDArray[np.intp]


def pearson(features: Floats, target: Floats) -> Floats:
    """Pearson's r of each column of `features` (rows × columns) with `target`; NaN if constant."""
    import numpy as np

    both = ~np.isnan(features) & ~np.isnan(target)[:, None]
    count = np.maximum(both.sum(axis=0), 1)
    with np.errstate(all="ignore"):
        x = np.where(both, features, 0.0)
        y = np.where(both, target[:, None], 0.0)
        x = np.where(both, x - x.sum(axis=0) / count, 0.0)
        y = np.where(both, y - y.sum(axis=0) / count, 0.0)
        scale = np.sqrt((x * x).sum(axis=0)) * np.sqrt((y * y).sum(axis=0))
        found: Floats = (x * y).sum(axis=0) / scale
    return np.where(count > 2, found, np.nan)


def eta(features: Floats, codes: Codes) -> Floats:
    """The correlation ratio of each column of numbers with classes: 1 when the class decides it.

    The root of the share of the variance that lies between the classes.
    """
    import numpy as np

    rows = codes >= 0
    groups = np.eye(int(codes.max(initial=0)) + 1)[codes[rows]]
    values = features[rows]
    present = ~np.isnan(values)
    count = present.sum(axis=0)
    with np.errstate(all="ignore"):
        mean = np.where(present, values, 0.0).sum(axis=0) / count
        centred = np.where(present, values - mean, 0.0)
        sizes = groups.T @ present
        sums = groups.T @ centred
        between = np.where(sizes > 0, sums**2 / np.maximum(sizes, 1), 0.0).sum(axis=0)
        found: Floats = np.sqrt(between / (centred**2).sum(axis=0))
    return np.minimum(found, 1.0)


def cramers_v(codes: Codes, others: Codes) -> float:
    """Cramér's V of two classes, corrected for chance (Bergsma 2013); NaN for a single class."""
    import numpy as np

    rows = (codes >= 0) & (others >= 0)
    _, first = np.unique(codes[rows], return_inverse=True)
    _, second = np.unique(others[rows], return_inverse=True)
    count = len(first)
    height, width = (int(found.max(initial=-1)) + 1 for found in (first, second))
    if min(height, width) < 2 or count < 3:
        return float("nan")
    table = np.bincount(first * width + second, minlength=height * width).reshape(height, width)
    expected = table.sum(axis=1)[:, None] * (table.sum(axis=0) / count)
    phi = float(((table - expected) ** 2 / expected).sum()) / count
    phi = max(0.0, phi - (height - 1) * (width - 1) / (count - 1))
    rows_left = height - (height - 1) ** 2 / (count - 1)
    columns_left = width - (width - 1) ** 2 / (count - 1)
    least = min(rows_left, columns_left) - 1
    return min(1.0, (phi / least) ** 0.5) if least > 0 else float("nan")
