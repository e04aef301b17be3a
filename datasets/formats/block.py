"""Some rows of a table, by column: the text of the file, and numbers where they are wanted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from datasets.formats.sniff import MISSING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]

# What str.strip takes off and polars, which goes by Unicode's list of white space, leaves.
SEPARATORS = "\x1c\x1d\x1e\x1f"
SPACES = "".join(c for c in map(chr, range(0x3001)) if c.isspace())


class Block:
    """`len` rows under `names`. What `MISSING` lists counts as missing in every column.

    `packed_bytes` is how far into the stored file they end.
    """

    packed_bytes = 0

    def __init__(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.names = tuple(names)
        self._length = len(rows)
        columns: list[Sequence[str]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        self._columns = dict(zip(self.names, columns, strict=True))

    def __len__(self) -> int:
        return self._length

    def is_parsed(self, name: str) -> bool:
        """Whether a column was read as numbers: its text is not known then."""
        return False

    def raw(self, name: str) -> pl.Series:
        """The cells exactly as the file has them."""
        import polars as pl

        return pl.Series(name, self._columns[name], dtype=pl.String)

    def series(self, name: str) -> pl.Series:
        """`texts` as a series of strings without nulls."""
        import polars as pl

        return pl.Series(name, self.texts(name), dtype=pl.String)

    def texts(self, name: str) -> list[str]:
        """The cells as the file has them, without the white space around."""
        return list(map(str.strip, self._columns[name]))

    def numbers(self, name: str) -> Floats | None:
        """The cells as floats, NaN where missing; None unless all others are finite numbers."""
        return numbers_of(self.texts(name))


class FrameBlock(Block):
    """Rows of a frame: its columns, some of `names`, are strings or Float64.

    A null is an empty cell; in a Float64 column, which holds nothing but finite numbers, it is any
    missing one. Only `numbers` may be asked of a column that is Float64. `stripped` says that no
    cell has white space around it.
    """

    def __init__(self, names: Sequence[str], frame: pl.DataFrame, *, stripped: bool) -> None:
        self.names = tuple(names)
        self._length = frame.height
        self._series = {series.name: series for series in frame.get_columns()}
        self._stripped = stripped

    def is_parsed(self, name: str) -> bool:
        import polars as pl

        return self._series[name].dtype == pl.Float64

    def raw(self, name: str) -> pl.Series:
        import polars as pl

        series = self._series[name]
        if series.dtype != pl.String:
            raise LookupError(f"Column “{name}” was read as numbers.")
        return series.fill_null("") if series.null_count() else series

    def series(self, name: str) -> pl.Series:
        series = self.raw(name)
        return series if self._stripped else stripped(series)

    def texts(self, name: str) -> list[str]:
        cells: list[str] = self.series(name).to_list()
        return cells

    def numbers(self, name: str) -> Floats | None:
        series = self._series[name]
        if self.is_parsed(name):
            return series.to_numpy(writable=True)
        return numbers_in(self.series(name))


def stripped(series: pl.Series) -> pl.Series:
    """Each cell as str.strip leaves it."""
    odd = series.str.contains_any(list(SEPARATORS)).any()
    return series.str.strip_chars(SPACES if odd else None)


def numbers_of(values: Sequence[str]) -> Floats | None:
    """The values as floats, NaN where missing; None unless all others are finite numbers."""
    import polars as pl

    return numbers_in(pl.Series(values, dtype=pl.String))


def numbers_in(series: pl.Series, missing: Collection[str] = MISSING) -> Floats | None:
    """`numbers_of` the strings of a series. A number is what Python's float reads in ASCII."""
    import numpy as np
    import polars as pl

    # Numpy looks faster at a few numbers than polars plans to.
    numbers: Floats = series.cast(pl.Float64, strict=False).to_numpy(writable=True)
    odd = ~np.isfinite(numbers)
    if not odd.any():
        return numbers
    if not series.filter(pl.Series(odd)).is_in(list(missing)).all():
        return None
    numbers[odd] = np.nan
    return numbers
