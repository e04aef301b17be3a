"""Columns that give another one away: too good to be known before what is to be predicted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Codes = npt.NDArray[np.intp]

FEWEST = 20  # rows that say something
ALIKE = 0.999  # correlation, and share of the rows that a value decides
CHANCE = -6.0  # log10 of the probability below which it is no chance
REPEATED = 0.5  # of the rows share their value with another


def by_values(codes: Codes, target: Codes) -> bool:
    """Whether a value of the column decides the class, and that cannot be chance.

    False for columns that differ in almost every row: identifiers and measurements.
    """
    import numpy as np

    rows = (codes >= 0) & (target >= 0)
    first, classes = codes[rows], target[rows]
    count = len(first)
    if count < FEWEST:
        return False
    _, first = np.unique(first, return_inverse=True)
    values, width = int(first.max()) + 1, int(classes.max()) + 1
    if count - values < REPEATED * count or values < 2:
        return False
    if values * width > 50_000_000:
        return False
    table = np.bincount(first * width + classes, minlength=values * width).reshape(values, width)
    decided = int(table.max(axis=1).sum())
    shares = table.sum(axis=0) / count
    same = float((shares**2).sum())
    if decided < ALIKE * count or same >= 1:
        return False
    return (count - values) * math.log10(same) < CHANCE


def by_ranges(numbers: Floats, target: Codes) -> bool:
    """Whether the classes lie one after the other along a column of numbers, without overlap."""
    import numpy as np

    rows = ~np.isnan(numbers) & (target >= 0)
    values, classes = numbers[rows], target[rows]
    sizes = np.bincount(classes) if len(classes) else np.empty(0, np.intp)
    present = int(np.count_nonzero(sizes))
    if present < 2 or sizes[sizes > 0].min() < FEWEST:
        return False
    order = np.argsort(values, kind="stable")
    values, classes = values[order], classes[order]
    borders = np.flatnonzero(classes[1:] != classes[:-1])
    apart = bool((values[borders] < values[borders + 1]).all())
    return apart and len(borders) == present - 1


def by_gaps(missing: npt.NDArray[np.bool_], target: Codes) -> int | None:
    """The class whose rows are the ones that lack a value; None when gaps do not follow a class."""
    import numpy as np

    rows = target >= 0
    gaps, classes = missing[rows], target[rows]
    if min(int(gaps.sum()), int((~gaps).sum())) < FEWEST:
        return None
    lacking = np.unique(classes[gaps])
    if len(lacking) == 1 and not (classes[~gaps] == lacking[0]).any():
        return int(lacking[0])
    filled = np.unique(classes[~gaps])
    only = len(filled) == 1 and not (classes[gaps] == filled[0]).any()
    return int(filled[0]) if only else None
