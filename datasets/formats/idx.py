"""IDX files, as MNIST is published: a header of dimensions, then numbers in a row."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from math import prod
from typing import TYPE_CHECKING, Any

from datasets.formats import figures
from datasets.formats.block import Block, FrameBlock
from datasets.formats.npz import column_names
from datasets.formats.sniff import BadTable, Dialect, check_names
from datasets.formats.stream import Plain, Row, block_rows, buffered, damage_told

if TYPE_CHECKING:
    import numpy.typing as npt

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


class Reader:
    """The records of `plain` as a `stream.Table`.

    Images have columns pixel_row_column, rows of numbers f0, f1, …; one dimension is `label` alone.
    """

    def __init__(self, plain: Plain, _dialect: Dialect, _kept: ExitStack) -> None:
        self._plain = plain
        self._file = buffered(plain)
        _, _, kind, dimensions = self._exactly(4, 0)
        if dimensions not in (1, 2, 3):
            raise BadTable(
                f"The IDX file has {dimensions} dimensions; 1 to 3 are possible.",
                "Write colour images as NPZ, or one colour each.",
            )
        self._rows, *shape = struct.unpack(f">{dimensions}I", self._exactly(4 * dimensions, 0))
        if prod(shape) > 100_000:
            raise BadTable(f"The IDX file has {prod(shape):,} values a record; at most 2,000.")
        self.names = column_names(tuple(shape)) if shape else ["label"]
        if not self.names or not self._rows:
            raise BadTable("The IDX file holds no rows.")
        check_names(self.names, "The IDX file")
        self._type = TYPES[kind]

    @property
    def packed_bytes(self) -> int:
        return self._plain.packed_bytes

    def __iter__(self) -> Iterator[list[Row]]:
        return map(figures.texts, self._slices())

    def blocks(
        self, numbers: Collection[str], columns: Collection[str] | None = None
    ) -> Iterator[Block]:
        """The rows of iterating, as blocks; see `registry.blocks`."""
        import polars as pl

        for table in self._slices():
            frame = pl.DataFrame(figures.series(table, self.names, numbers, columns))
            yield FrameBlock(self.names, frame, stripped=True)

    def _slices(self) -> Iterator[npt.NDArray[Any]]:
        """Some records at a time, one a row."""
        import numpy as np

        dtype = np.dtype(self._type)
        width = len(self.names)
        step = block_rows(width)
        for start in range(0, self._rows, step):
            count = min(step, self._rows - start)
            data = self._exactly(count * width * dtype.itemsize, start, width * dtype.itemsize)
            numbers = np.frombuffer(data, dtype).reshape(count, width)
            yield numbers.astype(dtype.newbyteorder("="))
        with damage_told():
            if self._file.read(1):
                raise BadTable(f"Something follows record {self._rows:,}, which is the last one.")

    def _exactly(self, size: int, start: int, each: int = 0) -> bytes:
        with damage_told():
            data = self._file.read(size)
        if len(data) < size:
            place = f"in record {start + len(data) // each + 1:,}" if each else "in its header"
            raise BadTable(f"The IDX file ends {place}.", "Copy or download it again.")
        return data
