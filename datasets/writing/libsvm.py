"""libsvm text for XGBoost: `label index:value …`, indices from 0 as its container counts.

To XGBoost a cell that is left out has no value, which is not the same as 0. So dense rows are
written whole but for their NaN, and mean what the same rows in CSV mean; of sparse rows what they
hold is written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from datasets.writing.rows import Sparse, as_floats, as_labels, check_finite

if TYPE_CHECKING:
    from datasets.writing.rows import Numbers

CELL = "%.9g"  # tells any two float32 apart


def lines(labels: Numbers, rows: Any) -> bytes:
    """A line for each row of a 2-D array or a SciPy sparse matrix. Unwritable for infinity."""
    from scipy.sparse import issparse

    marks = (CELL % label for label in as_labels(labels, rows.shape[0]).tolist())
    made = _sparse(Sparse(rows)) if issparse(rows) else _dense(rows)
    return "".join(f"{mark}{line}\n" for mark, line in zip(marks, made, strict=True)).encode()


def _dense(rows: Numbers) -> Iterator[str]:
    import numpy as np

    small = as_floats(rows)
    missing = np.isnan(small)
    check_finite(np.where(missing, 0, small), rows)
    whole = "".join(f" {index}:{CELL}" for index in range(small.shape[1]))
    for row, gaps in zip(small.tolist(), missing, strict=True):
        yield _pairs(enumerate(row)) if gaps.any() else whole % tuple(row)


def _sparse(matrix: Sparse) -> Iterator[str]:
    columns, values = matrix.columns.tolist(), matrix.values.tolist()
    for start, end in pairwise(matrix.starts.tolist()):
        yield _pairs(zip(columns[start:end], values[start:end], strict=True))


def _pairs(cells: Iterable[tuple[int, float]]) -> str:
    return "".join(f" {index}:{CELL % value}" for index, value in cells if not math.isnan(value))
