"""Arrays of numbers as text cells: shortest spelling that reads back as the same number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datasets.formats.sniff import BadTable
from datasets.formats.stream import Row

if TYPE_CHECKING:
    import numpy.typing as npt

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
