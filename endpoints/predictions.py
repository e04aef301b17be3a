"""What a batch predicted, as Parquet: parts while it runs, one file in the end. Knows no AWS."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import IO, TYPE_CHECKING, Any

from core.cells import inert
from endpoints.answers import THRESHOLD, Answer

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Floats = npt.NDArray[np.float64]

MOST_SCORES = 20  # classes with a column each; of more, the likeliest
TOP = 5
GROUP_ROWS = 65_536
CHUNK = 2**16
CODES = ("actual", "predicted")


class Unanswered(ValueError):
    """A row has no usable answer: the `offset`-th of those given, from 0."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


def rows_of(
    first: int,
    truths: Sequence[float] | None,
    answers: Sequence[Answer],
    *,
    is_anomaly: bool = False,
) -> pa.RecordBatch:
    """Columns for rows from number `first` on: `row`, `actual` with truths, `predicted`, and

    `score_<code>` (more than 20 classes: `top_<i>` and `top_score_<i>` for i < 5), a cluster's
    `distance`, an anomaly's `score`, a projection's `component_<i>`. Unanswered instead of a NaN.
    """
    columns = _begun(first, len(answers), truths)
    if any(answer.vector for answer in answers):
        return _packed(columns | _components(answers))
    columns["predicted"] = [_predicted(n, answer) for n, answer in enumerate(answers)]
    if is_anomaly:
        columns["score"] = columns["predicted"]
    if all(answer.distance is not None for answer in answers):
        columns["distance"] = [answer.distance for answer in answers]
    widths = {len(answer.probabilities) for answer in answers}
    if len(widths) == 1 and widths != {0}:
        columns |= _scores(answers)
    return _packed(columns)


def from_numbers(
    first: int, truths: Sequence[float] | None, task: str, body: bytes, rows: int
) -> pa.RecordBatch | None:
    """`rows_of` the answers in a CSV of plain numbers, some ten times as fast.

    None for whatever else it is, or does not say: `rows_of` knows.
    """
    lines = body.decode(errors="replace").strip().split("\n")
    width = lines[0].count(",") + 1
    is_single = width == 1 and task in ("binary", "regression")
    if len(lines) != rows or not (is_single or (width > 1 and task in ("binary", "multiclass"))):
        return None
    if any(line.count(",") != width - 1 for line in lines):
        return None
    numbers = _numbers(lines, width)
    if numbers is None or (task == "binary" and is_single and not _is_share(numbers)):
        return None
    columns = _begun(first, rows, truths)
    if task == "regression":
        return _packed(columns | {"predicted": numbers[:, 0]})
    if is_single:
        columns["predicted"] = numbers[:, 0] >= THRESHOLD
        return _packed(columns | {"score_0": 1 - numbers[:, 0], "score_1": numbers[:, 0]})
    columns["predicted"] = numbers.argmax(axis=1)
    return _packed(columns | _spread(numbers))


def _numbers(lines: list[str], width: int) -> Floats | None:
    """The cells of the lines; None unless all are finite."""
    import numpy as np
    import polars as pl

    cells = lines if width == 1 else ",".join(lines).split(",")
    found = pl.Series(cells, dtype=pl.String).cast(pl.Float64, strict=False)
    numbers = found.to_numpy().reshape(-1, width)
    return numbers if np.isfinite(numbers).all() else None


def _is_share(numbers: Floats) -> bool:
    return bool(((numbers >= 0) & (numbers <= 1)).all())


def responses_of(
    first: int, truths: Sequence[float] | None, texts: Sequence[str]
) -> pa.RecordBatch:
    """As `rows_of`, of answers that only their model's makers understand: `response` as it came."""
    return _packed(_begun(first, len(texts), truths) | {"response": list(texts)})


def _begun(first: int, count: int, truths: Sequence[float] | None) -> dict[str, Any]:
    columns: dict[str, Any] = {"row": range(first, first + count)}
    return columns if truths is None else columns | {"actual": truths}


def _predicted(offset: int, answer: Answer) -> float:
    found = answer.value if answer.code is None else answer.code
    if found is None and answer.label:
        raise Unanswered(offset, f"the model answers “{answer.label[:80]}”, no label that is known")
    if found is None or math.isnan(found) or any(map(math.isnan, answer.probabilities)):
        raise Unanswered(offset, "the model answers NaN")
    return found


def _components(answers: Sequence[Answer]) -> dict[str, Any]:
    import numpy as np

    if len({len(answer.vector) for answer in answers}) != 1:
        raise Unanswered(0, "the model's vectors are of several lengths")
    matrix = np.array([answer.vector for answer in answers])
    if len(bad := np.flatnonzero(np.isnan(matrix).any(axis=1))):
        raise Unanswered(int(bad[0]), "the model answers NaN")
    return {f"component_{place}": column for place, column in enumerate(matrix.T)}


def _scores(answers: Sequence[Answer]) -> dict[str, Any]:
    import numpy as np

    return _spread(np.array([answer.probabilities for answer in answers]))


def _spread(matrix: Floats) -> dict[str, Any]:
    import numpy as np

    if matrix.shape[1] <= MOST_SCORES:
        return {f"score_{code}": column for code, column in enumerate(matrix.T)}
    best = np.argsort(-matrix, axis=1, kind="stable")[:, :TOP]
    found: dict[str, Any] = {}
    for place in range(TOP):
        found[f"top_{place}"] = best[:, place]
        found[f"top_score_{place}"] = matrix[np.arange(len(matrix)), best[:, place]]
    return found


def _packed(columns: dict[str, Any]) -> pa.RecordBatch:
    import pyarrow as pa

    arrays = [_array(values, _type(name)) for name, values in columns.items()]
    return pa.record_batch(arrays, [*columns])


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    if kind == pa.string():
        return pa.array(values, type=kind)
    # `pa.array` would import pandas, for a second and 40 MB, to ask whether this is one of its own.
    held = np.ascontiguousarray(values, dtype=kind.to_pandas_dtype())
    return pa.Array.from_buffers(kind, len(held), [None, pa.py_buffer(held)])


def _type(name: str) -> pa.DataType:
    import pyarrow as pa

    if name == "response":
        return pa.string()
    if name == "row":
        return pa.int64()
    is_code = name.startswith("top_") and not name.startswith("top_score_")
    return pa.int32() if is_code else pa.float64()


def write(found: Iterable[pa.RecordBatch], file: IO[bytes], names: Sequence[str]) -> int:
    """The columns `names` of batches of rows as one Parquet file; how many rows. Holds one group.

    The columns must be in all of them, with the same types.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _type(name)) for name in names])
    total, held, waiting = 0, 0, list[Any]()
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in found:
            waiting.append(batch.select(names))
            held += batch.num_rows
            total += batch.num_rows
            while held >= GROUP_ROWS:
                table = pa.Table.from_batches(waiting, schema)
                writer.write_table(table.slice(0, GROUP_ROWS), row_group_size=GROUP_ROWS)
                waiting = table.slice(GROUP_ROWS).to_batches()
                held -= GROUP_ROWS
        if held or not total:
            writer.write_table(pa.Table.from_batches(waiting, schema), row_group_size=GROUP_ROWS)
    return total


def shared(names: Iterable[Sequence[str]]) -> list[str]:
    """The columns that all parts have, in their order: a margin is a probability only at times."""
    found: list[str] | None = None
    for part in names:
        found = list(part) if found is None else [name for name in found if name in part]
    return found or []


def names_in(file: IO[bytes]) -> list[str]:
    import pyarrow.parquet as pq

    names: list[str] = pq.read_schema(file).names
    return names


def read(file: IO[bytes]) -> Generator[pa.RecordBatch]:
    """The rows of a stored file that can seek, a group at a time."""
    import pyarrow.parquet as pq

    # Arrow's own threads would read ahead in `file`, and may still be at it when Python ends.
    with pq.ParquetFile(file, pre_buffer=False) as stored:
        for group in range(stored.num_row_groups):
            yield from stored.read_row_group(group, use_threads=False).to_batches()


def shown(file: IO[bytes], labels: Sequence[Any], most: int) -> tuple[list[str], list[list[str]]]:
    """The header and the first `most` rows, as people read them."""
    header, rows = list[str](), list[list[str]]()
    with closing(read(file)) as batches:
        for batch in batches:
            header = header or _header(batch.schema.names, labels)
            rows += _texts(batch.slice(0, most - len(rows)), labels)
            if len(rows) >= most:
                break
    return header, rows


def as_csv(file: IO[bytes], labels: Sequence[Any]) -> Iterator[bytes]:
    """The table for a spreadsheet, in chunks: classes by their names, nothing that it would run."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    is_begun = False
    for batch in read(file):
        if not is_begun:
            writer.writerow(map(inert, _header(batch.schema.names, labels)))
            is_begun = True
        for row in _texts(batch, labels):
            writer.writerow(map(inert, row))
            if out.tell() > CHUNK:
                yield out.getvalue().encode()
                out.seek(0)
                out.truncate()
    yield out.getvalue().encode()


def _header(names: Sequence[str], labels: Sequence[Any]) -> list[str]:
    return [_title(name, labels) for name in names]


def _title(name: str, labels: Sequence[Any]) -> str:
    head, _, code = name.rpartition("_")
    if head == "score" and code.isdecimal() and int(code) < len(labels):
        return f"score of {labels[int(code)]}"
    return name


def _texts(batch: pa.RecordBatch, labels: Sequence[Any]) -> list[list[str]]:
    columns = [
        [_text(name, value, labels) for value in column.to_pylist()]
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _text(name: str, value: Any, labels: Sequence[Any]) -> str:
    if isinstance(value, str):
        return value
    is_code = name in CODES or _type(name) == _type("top_0")
    if is_code and labels and 0 <= value < len(labels) and float(value).is_integer():
        return str(labels[int(value)])
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.9g}"
