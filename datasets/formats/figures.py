"""Arrays of numbers as text cells: shortest spelling that reads back as the same number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from datasets.formats.sniff import BadTable
from datasets.formats.stream import Row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

KINDS = "biufUSM"


def texts(array: npt.NDArray[Any]) -> list[Row]:
    """The cells of a 2-D array of one of `KINDS`, row by row. BadTable for bytes but UTF-8."""
    import numpy as np

    kind = array.dtype.kind
    if kind == "f" and array.dtype.itemsize == 8:
        return [list(map(repr, row)) for row in array.tolist()]
    if kind in "iu":
        return [list(map(str, row)) for row in array.tolist()]
    if kind == "b":
        return [["true" if cell else "false" for cell in row] for row in array.tolist()]
    if kind == "S":
        try:
            return [[cell.decode() for cell in row] for row in array.tolist()]
        except UnicodeDecodeError as error:
            raise BadTable("The array holds bytes that are not UTF-8 text.") from error
    found: list[Row] = array.astype(np.str_).tolist()
    return found


def series(
    array: npt.NDArray[Any],
    names: Sequence[str],
    numbers: Collection[str],
    columns: Collection[str] | None = None,
) -> list[pl.Series]:
    """The `columns` of a 2-D array as text; those in `numbers`, where it is the same, as floats.

    It is not for 32 bits: the text 0.1 reads back as another float64 than the float32 is.
    """
    import numpy as np
    import polars as pl

    # Without any column the rows could not be counted.
    asked = [n for n, name in enumerate(names) if columns is None or name in columns] or [0]
    same = array.dtype.kind in "iu" or array.dtype == np.float64
    direct = [n for n in asked if same and names[n] in numbers]
    floats = array[:, direct].astype(np.float64)
    endless: npt.NDArray[np.bool_] = np.asarray(np.isinf(floats).any(axis=0))
    parsed = {
        n: pl.Series(names[n], np.ascontiguousarray(floats[:, place]))
        for place, n in enumerate(direct)
        if not endless[place]
    }
    others = [n for n in asked if n not in parsed]
    cells = zip(*texts(array[:, others]), strict=True) if others else ()
    spelt = {
        n: pl.Series(names[n], column, dtype=pl.String)
        for n, column in zip(others, cells, strict=True)
    }
    found = parsed | spelt
    return [found[n] for n in asked]
