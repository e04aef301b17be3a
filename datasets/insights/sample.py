"""Rows of a table that are kept in memory: the first ones, and a fair sample of all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from datasets.formats.block import Block, numbers_in

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]
    Places = npt.NDArray[np.intp]

ROWS = 50_000
CELLS = 2_000_000
BYTES = 96 * 2**20
CELL_CHARACTERS = 2_000


def cut(series: pl.Series) -> pl.Series:
    """Texts without what goes beyond `CELL_CHARACTERS`."""
    return copied(series.str.slice(0, CELL_CHARACTERS)) if is_long(series) else series


def is_long(series: pl.Series) -> bool:
    longest = series.str.len_bytes().max()
    return isinstance(longest, int) and longest > CELL_CHARACTERS


def copied(series: pl.Series) -> pl.Series:
    """The same texts; a part of a series would keep all that it is part of in memory."""
    import polars as pl

    return pl.Series(series.name, series.to_list(), dtype=pl.String)


class Sample:
    """All rows, until they are more than fit; then a part that is chosen by chance.

    Each row has the same chance. `numbers` and `texts` answer by column, in the order of `places`
    (a row's number, from 0).
    """

    def __init__(self, names: Sequence[str]) -> None:
        import numpy as np

        self._names = tuple(names)
        self._most = max(100, min(ROWS, CELLS // max(1, len(names))))
        self._random = np.random.default_rng(1)
        self._share = 1.0
        self._seen = 0
        self._ranks = np.empty(0, np.float32)
        self.places = np.empty(0, np.intp)
        self._pieces: dict[str, list[pl.Series]] = {name: [] for name in self._names}
        # Of each piece whose texts were cut, how long these are.
        self._lengths: dict[str, list[pl.Series | None]] = {name: [] for name in self._names}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self.places)

    @property
    def is_all(self) -> bool:
        return self._share == 1.0

    def add(self, block: Block) -> None:
        import numpy as np

        ranks = self._random.random(len(block), dtype=np.float32)
        while np.count_nonzero(ranks < self._share) + len(self) > self._most:
            self._thin()
        picked = np.flatnonzero(ranks < self._share)
        for name in self._names:
            piece = self._picked(block, name, picked)
            is_cut = not block.is_parsed(name) and is_long(piece)
            self._lengths[name].append(piece.str.len_chars() if is_cut else None)
            piece = cut(piece) if is_cut else piece
            self._bytes += int(piece.estimated_size())
            self._pieces[name].append(piece)
        self._ranks = np.concatenate([self._ranks, ranks[picked]])
        self.places = np.concatenate([self.places, picked + self._seen])
        self._seen += len(block)
        while self._bytes > BYTES and len(self) > 100:
            self._thin()

    def _picked(self, block: Block, name: str, picked: Places) -> pl.Series:
        import polars as pl

        is_all = len(picked) == len(block)
        if block.is_parsed(name):
            numbers = block.numbers(name)
            assert numbers is not None  # noqa: S101  # that is what parsed means
            return pl.Series(name, numbers if is_all else numbers[picked])
        series = block.series(name)
        return series if is_all else copied(series.gather(picked))

    def _thin(self) -> None:
        import polars as pl

        self._share /= 2
        mask = self._ranks < self._share
        self._bytes = 0
        start = 0
        masks = []
        for piece in next(iter(self._pieces.values())):
            masks.append(pl.Series(mask[start : start + len(piece)]))
            start += len(piece)
        for name, pieces in self._pieces.items():
            kept = [piece.filter(m) for piece, m in zip(pieces, masks, strict=True)]
            self._pieces[name] = kept
            self._bytes += sum(int(piece.estimated_size()) for piece in kept)
            self._lengths[name] = [
                None if lengths is None else lengths.filter(m)
                for lengths, m in zip(self._lengths[name], masks, strict=True)
            ]
        self._ranks, self.places = self._ranks[mask], self.places[mask]

    def numbers(self, name: str) -> Floats:
        """The numbers of a column of numbers, NaN where missing."""
        import numpy as np
        import polars as pl

        parts = []
        for is_text, run in groupby(self._pieces[name], lambda piece: piece.dtype == pl.String):
            cells = pl.concat(run)
            found = numbers_in(cells) if is_text else cells.to_numpy()
            parts.append(np.full(len(cells), np.nan) if found is None else found)
        return np.concatenate(parts) if parts else np.empty(0)

    def texts(self, name: str, places: Sequence[int] | None = None) -> pl.Series:
        """The cells as text, all or those at some places in the sample.

        Numbers that were not read as text come in their shortest spelling.
        """
        import polars as pl

        pieces = self._pieces[name]
        if all(piece.dtype == pl.String for piece in pieces):
            cells = pl.concat(pieces) if pieces else pl.Series(name, [], dtype=pl.String)
            return cells if places is None else cells.gather(list(places))
        if places is None:
            return pl.concat([p if p.dtype == pl.String else spelt(p) for p in pieces])
        return self._gathered(pieces, places)

    def lengths(self, name: str) -> npt.NDArray[np.uint32]:
        """How many characters the texts of a column have, also those that are cut here."""
        import numpy as np

        pairs = zip(self._pieces[name], self._lengths[name], strict=True)
        found = [piece.str.len_chars() if own is None else own for piece, own in pairs]
        return np.concatenate([lengths.to_numpy() for lengths in found])

    def _gathered(self, pieces: Sequence[pl.Series], places: Sequence[int]) -> pl.Series:
        import numpy as np
        import polars as pl

        ends = np.cumsum([len(piece) for piece in pieces])
        which = np.searchsorted(ends, places, side="right").tolist()
        starts = [0, *ends.tolist()]
        cells = []
        for place, n in zip(places, which, strict=True):
            cell = pieces[n][place - starts[n]]
            cells.append(cell if isinstance(cell, str) else one_spelt(cell))
        return pl.Series(pieces[0].name, cells, dtype=pl.String)

    def comparable(self, name: str) -> pl.Series:
        """The cells in one type: as numbers where some were read as such."""
        import polars as pl

        if all(piece.dtype == pl.String for piece in self._pieces[name]):
            return self.texts(name)
        return pl.Series(name, self.numbers(name))

    def lowest(self, count: int) -> list[int]:
        """Of so many rows, chosen by chance, where they are in the sample, in their order."""
        import numpy as np

        found: list[int] = np.sort(np.argsort(self._ranks, kind="stable")[:count]).tolist()
        return found


def spelt(numbers: pl.Series) -> pl.Series:
    import polars as pl

    cells = list(map(one_spelt, numbers.to_list()))
    return pl.Series(numbers.name, cells, dtype=pl.String)


def one_spelt(number: float | None) -> str:
    """The shortest spelling of a number; of a missing one, nothing."""
    if number is None or number != number:  # noqa: PLR0124  # NaN
        return ""
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


class First:
    """The first rows as the file has them, as long as columns are read as text.

    Fewer than `most` when they are long.
    """

    BYTES = 32 * 2**20

    def __init__(self, names: Sequence[str], *, most: int) -> None:
        self._names = tuple(names)
        self._most = most
        self._frames: list[pl.DataFrame] = []
        self._rows = 0

    def add(self, block: Block) -> None:
        import polars as pl

        left = self._most - self._rows
        if left <= 0 or any(block.is_parsed(name) for name in self._names):
            self._most = 0
            return
        cells = [cut(block.raw(name).head(left)) for name in self._names]
        frame = pl.DataFrame([series.alias(str(n)) for n, series in enumerate(cells)])
        self._frames.append(frame)
        self._rows += frame.height
        if sum(int(kept.estimated_size()) for kept in self._frames) > self.BYTES:
            self._most = 0

    def frame(self) -> pl.DataFrame:
        """Columns named by their place."""
        import polars as pl

        kinds = {str(n): pl.String for n in range(len(self._names))}
        return pl.concat([pl.DataFrame(schema=kinds), *self._frames])


class Repeats:
    """Counts rows that occurred before, in every column, by a 64-bit number for each row.

    Exact for up to `MOST` rows that are all read as text.
    """

    MOST = 2_000_000

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._hashes: list[npt.NDArray[np.uint64]] = []
        self._rows = 0
        self.is_exact = True

    def add(self, block: Block) -> None:
        self._rows += len(block)
        parsed = any(block.is_parsed(name) for name in self._names)
        if not self.is_exact or parsed or self._rows > self.MOST:
            self.is_exact, self._hashes = False, []
            return
        self._hashes.append(hashes([block.raw(name) for name in self._names]))

    def count(self) -> int:
        import numpy as np

        if not self._hashes:
            return 0
        found = np.sort(np.concatenate(self._hashes))
        return int(np.count_nonzero(found[1:] == found[:-1]))


def hashes(columns: Sequence[pl.Series]) -> npt.NDArray[np.uint64]:
    """A number for each row: the same for the same cells."""
    import polars as pl

    frame = pl.DataFrame([series.alias(str(n)) for n, series in enumerate(columns)])
    return frame.hash_rows(seed=7).to_numpy()
