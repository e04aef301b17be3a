"""Some rows of a table, by column: the text of the file, and numbers where they are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from datasets.formats.sniff import MISSING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


class Block:
    """`len` rows under `names`. What `MISSING` lists counts as missing in every column."""

    def __init__(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.names = tuple(names)
        self._length = len(rows)
        columns: list[Sequence[str]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        self._columns = dict(zip(self.names, columns, strict=True))

    def __len__(self) -> int:
        return self._length

    def texts(self, name: str) -> list[str]:
        """The cells as the file has them, without the white space around."""
        return list(map(str.strip, self._columns[name]))

    def numbers(self, name: str) -> Floats | None:
        """The cells as floats, NaN where missing; None unless all others are finite numbers."""
        return numbers_of(self.texts(name))


def numbers_of(values: Sequence[str]) -> Floats | None:
    """The values as floats, NaN where missing; None unless all others are finite numbers."""
    import numpy as np
    import pandas as pd

    parsed = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce")
    numbers: Floats = parsed.to_numpy(dtype=np.float64)
    odd = np.flatnonzero(~np.isfinite(numbers)).tolist()
    if any(values[i] not in MISSING for i in odd):
        return None
    return numbers
