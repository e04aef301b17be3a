"""Parquet files of numbers to a matrix. Import it late: few jobs have such files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow.parquet import ParquetFile

from localaws.algorithms.xgboost.formats import Floats


def matrix(path: Path) -> Floats:
    """All columns in their order; a null is NaN. Raises ValueError for what is no number."""
    with ParquetFile(path) as file:
        table = file.read()
    columns = [
        _floats(name, column)
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return np.column_stack(columns) if columns else np.empty((0, 0), np.float32)


def _floats(name: str, column: pa.ChunkedArray) -> Floats:
    kind = column.type
    numeric = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    if not any(fits(kind) for fits in numeric):
        raise ValueError(f"the column {name} holds {kind}, not numbers")
    floats: Floats = column.cast(pa.float32(), safe=False).to_numpy()
    return floats
