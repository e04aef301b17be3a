"""The tables' own columns of an evaluation's rows, kept beside its predictions.

Twice: whole rows, in groups so small that a page of them is read in no time, and by column, for
what rows are divided by.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

import aws.errors
from aws import s3
from core.errors import UserError
from datasets.formats import registry
from datasets.formats.sniff import BadTable
from datasets.originals import originals
from datasets.pictures import pixel_columns
from datasets.prepare import split_lines
from endpoints import batch_rows, inputs
from endpoints.predict import columns_of
from results.models import Evaluation
from results.table import PATIENCE, SECONDS, opened, prefix, told

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

ROWS, COLUMNS = "rows.parquet", "columns.parquet"
CELLS = "cells"
GROUP_CELLS = 2**16
MOST_GROUP_ROWS = 4_096
BLOCK_ROWS = 8_192  # rows that are decoded from a channel at once
MOST_DIVIDERS = 200  # columns that rows can be divided by
LONGEST = 2_000  # characters of a cell that are kept
PARQUET = "application/vnd.apache.parquet"
log = logging.getLogger(__name__)


def keep(evaluation: Evaluation, rows: int) -> bool:
    """Write both files, with `rows` rows; whether that could be done. May run twice.

    Raises an `aws.errors` error that may pass.
    """
    for source in (_of_file, _of_table, _of_channel):
        try:
            if _written(evaluation, source(evaluation), rows):
                return True
        except (BadTable, UserError, batch_rows.BadRow) as problem:
            log.info("rows of %s: %s", evaluation.uid, problem)
        except aws.errors.AwsError as error:
            if error.retryable:
                raise
            log.info("rows of %s: %s", evaluation.uid, error)
    return False


def _of_file(evaluation: Evaluation) -> Iterator[pl.DataFrame]:
    """The columns of an uploaded file."""
    import polars as pl

    batch = evaluation.batch
    if batch is None or not batch.source:
        return
    workspace, dialect = batch.workspace, batch_rows.dialect_of(batch)
    with s3.open_object(workspace.account, workspace.bucket, batch.source) as stream:
        for block in registry.blocks(cast("BinaryIO", stream), dialect):
            yield pl.DataFrame([block.series(name).alias(name) for name in block.names])


def _of_table(evaluation: Evaluation) -> Iterator[pl.DataFrame]:
    """The columns of the dataset, where a worker of ours could read it before."""
    if evaluation.split and not evaluation.preparation.processing_job:
        yield from originals(evaluation.preparation, evaluation.split)


def _of_channel(evaluation: Evaluation) -> Iterator[pl.DataFrame]:
    """What the features of the channel tell of the columns they were made from."""
    import polars as pl

    recipe = evaluation.preparation
    if not evaluation.split or recipe.encoding.get("tokens"):
        return
    columns, held = columns_of(recipe), list[dict[str, str]]()
    for line in split_lines(recipe, evaluation.split, needs_labels=False):
        label, *cells = line.decode().rstrip("\r").split(",")
        found = inputs.original_of(columns, cells)
        held.append(
            found | {recipe.target: _name(recipe.labels, label)} if recipe.target else found
        )
        if len(held) >= BLOCK_ROWS:
            yield pl.DataFrame(held)
            held = []
    if held:
        yield pl.DataFrame(held)


def _name(labels: Sequence[Any], label: str) -> str:
    code = int(float(label)) if labels and label else -1
    return str(labels[code]) if 0 <= code < len(labels) else label


def _written(evaluation: Evaluation, frames: Iterator[pl.DataFrame], rows: int) -> bool:
    """Whether `frames` had `rows` rows, so that both files are there."""
    pixels, total = set(pixel_columns(evaluation.preparation.dataset)), 0
    with ExitStack() as kept:
        files: dict[str, IO[bytes]] = {
            name: kept.enter_context(tempfile.TemporaryFile()) for name in (ROWS, COLUMNS)
        }
        writers: dict[str, pq.ParquetWriter] = {}
        for frame in frames:
            frame = _cut(frame)  # noqa: PLW2901  the same rows
            dividers = [name for name in frame.columns if name not in pixels][:MOST_DIVIDERS]
            tables = {ROWS: _whole(frame), COLUMNS: frame.select(dividers).to_arrow()}
            for name, table in tables.items():
                if name not in writers:
                    writers[name] = kept.enter_context(_writer(files[name], table.schema))
                group = _group_rows(frame.width) if name == ROWS else None
                writers[name].write_table(table.cast(writers[name].schema), row_group_size=group)
            total += frame.height
        if not total or total != rows:
            return False
        for name, writer in writers.items():
            writer.close()
            _stored(evaluation, name, files[name])
    return True


def _cut(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return frame.with_columns(pl.all().cast(pl.String).fill_null("").str.slice(0, LONGEST))


def _whole(frame: pl.DataFrame) -> pa.Table:
    """Each row as a list of its cells; the columns' names stand in the schema."""
    import polars as pl

    table = frame.select(pl.concat_list(pl.all()).alias(CELLS)).to_arrow()
    return table.replace_schema_metadata({CELLS: json.dumps(frame.columns)})


def _writer(file: IO[bytes], schema: pa.Schema) -> pq.ParquetWriter:
    import pyarrow.parquet as pq

    return pq.ParquetWriter(file, schema, compression="zstd")


def _group_rows(width: int) -> int:
    return max(16, min(MOST_GROUP_ROWS, GROUP_CELLS // max(1, width)))


def _stored(evaluation: Evaluation, name: str, file: IO[bytes]) -> None:
    workspace = evaluation.workspace
    file.seek(0)
    s3.upload_fileobj(
        workspace.account,
        workspace.bucket,
        f"{prefix(evaluation)}{name}",
        file,
        content_type=PARQUET,
    )


def names(evaluation: Evaluation) -> list[str]:
    """The columns that rows can be divided by; raises as `rows`."""
    with told(), opened(evaluation, f"{prefix(evaluation)}{COLUMNS}", PATIENCE) as file:
        return list(file.schema_arrow.names)


def column(evaluation: Evaluation, name: str, *, timeout: float = PATIENCE) -> pl.Series | None:
    """The cells of a column, of all rows in order; None when there is none. Raises as `rows`."""
    import polars as pl

    with told(), opened(evaluation, f"{prefix(evaluation)}{COLUMNS}", timeout) as file:
        if name not in file.schema_arrow.names:
            return None
        found = file.read(columns=[name], use_threads=False)
    return pl.Series(name, pl.from_arrow(found.column(0)), dtype=pl.String)


def columns(evaluation: Evaluation) -> Iterator[tuple[str, pl.Series]]:
    """Every column that rows can be divided by, one after the other, for a worker."""
    import polars as pl

    with opened(evaluation, f"{prefix(evaluation)}{COLUMNS}", SECONDS) as file:
        for name in file.schema_arrow.names:
            found = file.read(columns=[name], use_threads=False)
            yield name, pl.Series(name, pl.from_arrow(found.column(0)), dtype=pl.String)


def rows(evaluation: Evaluation, numbers: Sequence[int]) -> tuple[list[str], list[list[str]]]:
    """The columns' names, and the cells of the rows with these numbers (from 1), in this order.

    Reads the groups that hold them alone. NotKept when they were not kept, Unavailable when S3
    does not give them.
    """
    with told(), opened(evaluation, f"{prefix(evaluation)}{ROWS}", PATIENCE) as file:
        header: list[str] = json.loads(file.schema_arrow.metadata[CELLS.encode()])
        found = dict(_taken(file, sorted({number - 1 for number in numbers})))
    return header, [found[number - 1] for number in numbers]


def _taken(file: pq.ParquetFile, places: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    start = 0
    for group in range(file.num_row_groups):
        end = start + file.metadata.row_group(group).num_rows
        if here := [place - start for place in places if start <= place < end]:
            taken = file.read_row_group(group, use_threads=False).column(0).take(here)
            for place, cells in zip(here, taken.to_pylist(), strict=True):
                yield start + place, cells
        start = end
