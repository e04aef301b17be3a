"""Some of a dataset's rows, kept beside the file when it was looked at: fetched while one waits."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aws.errors
from aws.ranged import RangedObject
from core.errors import Conflict
from datasets.errors import StorageUnavailable
from datasets.insights.collect import KEPT, ROW
from datasets.models import Dataset
from datasets.profile import rows_key

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

PATIENCE = 3.0  # seconds for each answer of S3: somebody is looking at the page
READ_AHEAD = 2**20  # neighbouring columns come with one request
PAGE_ROWS = 25
WHICH = ("first", "random")


class NotKept(Conflict):
    """The dataset was looked at before rows were kept, or has not been looked at yet."""

    code = "rows_not_kept"


@dataclass(frozen=True)
class Rows:
    """A page of `total` kept rows; `numbers` are their places in the file, from 0."""

    which: str
    page: int
    pages: int
    total: int
    columns: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    @property
    def numbered(self) -> list[tuple[int, list[str]]]:
        """Each row with its place in the file, from 1."""
        return [(n + 1, row) for n, row in zip(self.numbers, self.rows, strict=True)]


def rows(
    dataset: Dataset, which: str = "first", page: int = 1, *, columns: Sequence[str] = ()
) -> Rows:
    """A page of `PAGE_ROWS` rows, of `columns` or all. A page out of range is the nearest one.

    NotKept when there are none, StorageUnavailable when S3 does not give them within seconds.
    """
    which = which if which in WHICH else WHICH[0]
    with _opened(dataset) as file:
        names = [name for name in file.schema_arrow.names if name not in (KEPT, ROW)]
        names = [name for name in columns if name in names] if columns else names
        marks = _texts(file.read(columns=[KEPT], use_threads=False), KEPT)
        places = [place for place, mark in enumerate(marks) if mark == which]
        pages = max(1, -(-len(places) // PAGE_ROWS))
        page = min(max(1, page), pages)
        wanted = places[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
        table = _taken(file, wanted, [ROW, *names])
    numbers = [int(number) for number in table.column(ROW).to_pylist()]
    cells = [_texts(table, name) for name in names]
    body = [list(row) for row in zip(*cells, strict=True)]
    return Rows(which, page, pages, len(places), names, numbers, body)


def some(
    dataset: Dataset,
    column: str,
    label_of: Callable[[str], str],
    names: Sequence[str],
    *,
    each: int,
    most: int,
) -> tuple[list[str], pa.Table]:
    """The columns `names` of at most `each` kept rows of each label, and `most` in all.

    The label is what `label_of` makes of the cell in `column`; without `column` all have the label
    "". Rows that were kept for their class come first. Also the rows' labels. Raises as `rows`.
    """
    with _opened(dataset) as file:
        asked = [KEPT, ROW, *([column] if column else [])]
        table = file.read(columns=asked, use_threads=False)
        marks, numbers = _texts(table, KEPT), table.column(ROW).to_pylist()
        cells = _texts(table, column) if column else [""] * len(marks)
        labels = {cell: label_of(cell) if column else "" for cell in set(cells)}
        left = dict.fromkeys(labels.values(), each)
        found: dict[int, int] = {}  # a row may be kept for two reasons
        for place in sorted(range(len(marks)), key=lambda place: marks[place] != "class"):
            label = labels[cells[place]]
            if left[label] and numbers[place] not in found and len(found) < most:
                found[numbers[place]] = place
                left[label] -= 1
        places = sorted(found.values())
        taken = _taken(file, places, names)
    return [labels[cells[place]] for place in places], taken


@contextmanager
def _opened(dataset: Dataset) -> Iterator[pq.ParquetFile]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not dataset.insights.get("kept"):
        raise NotKept("No rows were kept when this file was looked at.")
    workspace = dataset.workspace
    place = (workspace.account, workspace.bucket, rows_key(dataset))
    try:
        with (
            RangedObject(*place, timeout=PATIENCE) as there,
            io.BufferedReader(there, READ_AHEAD) as stream,
            # pre_buffer would seek from several threads at once.
            pq.ParquetFile(stream, pre_buffer=False) as file,
        ):
            yield file
    except aws.errors.NotFound as error:
        raise NotKept("The rows kept of this file are no longer in the bucket.") from error
    except aws.errors.AwsError as error:
        raise StorageUnavailable("S3 does not give the rows.", error.message) from error
    except pa.ArrowInvalid as error:
        raise NotKept("The rows kept of this file are damaged.") from error


def _taken(file: pq.ParquetFile, places: Sequence[int], names: Sequence[str]) -> pa.Table:
    """Rows by their place in the file, of the row groups that hold them alone."""
    import pyarrow as pa

    parts, start = [], 0
    for group in range(file.num_row_groups):
        end = start + file.metadata.row_group(group).num_rows
        if here := [place - start for place in places if start <= place < end]:
            read = file.read_row_group(group, columns=list(names), use_threads=False)
            parts.append(read.take(here))
        start = end
    return pa.concat_tables(parts) if parts else file.schema_arrow.empty_table()


def _texts(table: pa.Table, name: str) -> list[str]:
    return ["" if value is None else str(value) for value in table.column(name).to_pylist()]
