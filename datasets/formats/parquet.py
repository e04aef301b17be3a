"""Parquet files: columns of numbers, texts, booleans and times, one batch of rows at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasets.formats.block import Block, FrameBlock
from datasets.formats.sniff import BadTable, Dialect, check_names
from datasets.formats.stream import (
    Plain,
    Row,
    block_rows,
    buffered,
    check_ratio,
    check_text,
    spooled,
)

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

READ_BYTES = 2**20  # of a column at a time
BATCH_BYTES = 32 * 2**20


class Reader:
    """The rows of `plain` as a `stream.Table`, off a temporary file: row group by row group."""

    def __init__(self, plain: Plain, _dialect: Dialect, kept: ExitStack) -> None:
        import pyarrow.parquet as pq

        path = spooled(buffered(plain), kept)
        self._size = plain.packed_bytes
        with _damage_told():
            # pre_buffer would hold whole row groups.
            file = pq.ParquetFile(path, buffer_size=READ_BYTES, pre_buffer=False)
            self._file = kept.enter_context(file)
            schema = self._file.schema_arrow
            metadata = self._file.metadata
            groups = [metadata.row_group(n) for n in range(metadata.num_row_groups)]
            unpacked = sum(group.total_byte_size for group in groups)
        self.names = [name.strip() for name in schema.names]
        if not self.names:
            raise BadTable("The Parquet file has no columns.")
        check_text(self.names, "The name of a column")
        check_names(self.names, "The schema")
        for field in schema:
            _check_type(field.name, field.type)
        self._rows: int = metadata.num_rows
        self._plain_size = path.stat().st_size
        # A cell takes at least a character as text; run lengths can say a billion in a few bytes.
        check_ratio(max(unpacked, self._rows * len(self.names)), self._plain_size)
        self._text_size = 0
        with _damage_told():
            row_bytes = max(1, unpacked // max(1, self._rows), _widest(path, schema, len(groups)))
        self._batch = max(1, min(block_rows(len(self.names)), BATCH_BYTES // row_bytes))
        self._done: int = 0
        self._before = 0  # rows of the batches before this one

    @property
    def packed_bytes(self) -> int:
        return self._size * self._done // max(1, self._rows)

    def __iter__(self) -> Iterator[list[Row]]:
        for batch in self._batches():
            columns = [self._texts(place, column) for place, column in enumerate(batch.columns)]
            yield list(map(list, zip(*columns, strict=True)))

    def blocks(
        self, numbers: Collection[str], columns: Collection[str] | None = None
    ) -> Iterator[Block]:
        """The rows of iterating, as blocks; see `registry.blocks`."""
        import polars as pl

        for batch in self._batches():
            places = [n for n, name in enumerate(self.names) if columns is None or name in columns]
            # Without any column the rows could not be counted.
            series = [self._series(n, batch.columns[n], numbers) for n in places or [0]]
            yield FrameBlock(self.names, pl.DataFrame(series), stripped=False)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        with _damage_told():
            for batch in self._file.iter_batches(batch_size=self._batch, use_threads=False):
                self._before = self._done
                self._done += batch.num_rows
                if batch.num_rows:
                    yield batch

    def _series(self, place: int, column: pa.Array, numbers: Collection[str]) -> pl.Series:
        """A column as text; one in `numbers` as floats, where that is the same."""
        import numpy as np
        import polars as pl
        import pyarrow as pa

        name = self.names[place]
        # The text of a float32 reads back as another float64.
        same = pa.types.is_integer(column.type) or pa.types.is_float64(column.type)
        if same and name in numbers:
            floats = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
            if not np.isinf(floats).any():
                return pl.Series(name, floats)
        return pl.Series(name, self._texts(place, column), dtype=pl.String)

    def _texts(self, place: int, column: pa.Array) -> list[str]:
        import pyarrow as pa

        try:
            if pa.types.is_dictionary(column.type):
                column = column.dictionary_decode()
            texts = column.cast(pa.string()).fill_null("")
            cells: list[str] = texts.to_pylist()
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            raise BadTable(
                f"Column “{self.names[place][:80]}”: one of the rows {self._before + 1:,} to "
                f"{self._before + len(column):,} holds bytes that are not UTF-8 text."
            ) from error
        if not pa.types.is_primitive(column.type):
            for number, cell in enumerate(cells, start=self._before + 1):
                check_text([cell], f"Row {number}")
            self._text_size += sum(map(len, cells))
            check_ratio(self._text_size, self._plain_size)
        return cells


def _widest(path: Path, schema: pa.Schema, groups: int) -> int:
    """The most bytes that the texts of a row can have by the dictionaries of its row group.

    A dictionary may hold one long text that every row repeats: rows then grow far beyond what is
    stored.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    widest = 0
    with pq.ParquetFile(path, read_dictionary=schema.names, pre_buffer=False) as file:
        for group in range(groups):
            batch = next(file.iter_batches(1, row_groups=[group], use_threads=False), None)
            texts = [
                column.dictionary.cast(pa.large_binary())
                for column in (batch.columns if batch else [])
                if pa.types.is_dictionary(column.type) and not _is_number(column.type.value_type)
            ]
            longest = (pc.max(pc.binary_length(found)).as_py() or 0 for found in texts)
            widest = max(widest, sum(longest))
    return widest


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_primitive(kind) or pa.types.is_decimal(kind))


def _check_type(name: str, kind: pa.DataType) -> None:
    """BadTable unless a column of this type can be told as text, cell by cell."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    is_cell = pa.types.is_primitive(kind) or pa.types.is_null(kind) or pa.types.is_decimal(kind)
    binary = (pa.types.is_binary, pa.types.is_large_binary)
    texts = (pa.types.is_string, pa.types.is_large_string, *binary)
    if pa.types.is_interval(kind) or not (is_cell or any(is_kind(kind) for is_kind in texts)):
        raise BadTable(
            f"Column “{name[:80]}” holds {str(kind)[:80]}.",
            "Flatten it: a cell holds one number, text, boolean or time.",
        )


@contextmanager
def _damage_told() -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        said: Any = str(error).splitlines()
        raise BadTable(
            f"The Parquet file is damaged or cut off ({''.join(said[:1])[:160]}).",
            "Write it again.",
        ) from error
