"""The rows of predictions off S3: column by column, and what a page needs of them remembered."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws.errors
from aws.ranged import RangedObject
from core.errors import Unavailable
from results import outcome
from results.errors import NotCompleted, NotKept
from results.models import Evaluation

if TYPE_CHECKING:
    import numpy as np
    import pyarrow.parquet as pq
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ENDING = ".parquet"
READ_AHEAD = 4 * 2**20  # neighbouring columns come with one request
SECONDS = 60.0  # a worker waits so long for an answer of S3
PATIENCE = 5.0  # while somebody looks at a page
REMEMBERED = 2  # evaluations: up to 40 MB each, of a million rows

_reading = threading.Lock()
_read: dict[str, Said] = {}


@dataclass(frozen=True)
class Said:
    """What a model said about every row, in their order; row 1 comes first.

    `score` is the second class's, how strange a row is, or its distance from a cluster's center;
    `confidence` the score of the class that was chosen. None where there is no such thing.
    """

    predicted: Floats
    actual: Floats | None = None
    score: Floats | None = None
    confidence: Floats | None = None

    def __len__(self) -> int:
        return len(self.predicted)


def prefix(evaluation: Evaluation) -> str:
    """Under this prefix lies what is made of the predictions."""
    return f"evaluations/{evaluation.uid}/"


def whole(evaluation: Evaluation) -> outcome.Table:
    """Every column, for `outcome.build`; raises `aws.errors`."""
    import numpy as np

    with opened(evaluation, evaluation.predictions_key, SECONDS) as file:
        rows, names = file.metadata.num_rows, file.schema_arrow.names
        columns: dict[str, Any] = {
            name: np.empty(rows, file.schema_arrow.field(name).type.to_pandas_dtype())
            for name in names
        }
        for here, group in _groups(file, names):
            for name, values in group.items():
                columns[name][here] = values
    return outcome.table(columns)


def said(evaluation: Evaluation) -> Said:
    """What pages ask for, read once for several of them.

    NotCompleted before there are predictions, NotKept when they were made before rows were kept
    this way or are gone; Unavailable when S3 does not give them within seconds.
    """
    key = evaluation.predictions_key
    if not key:
        raise NotCompleted("There are no predictions yet.", "Wait until it is completed.")
    if not key.endswith(ENDING):
        raise NotKept("The rows of this evaluation were kept in an earlier way.")
    with _reading:
        if key not in _read:
            with told():
                found = _said(evaluation, key)
            while len(_read) >= REMEMBERED:
                del _read[next(iter(_read))]
            _read[key] = found
        return _read[key]


def _said(evaluation: Evaluation, key: str) -> Said:
    import numpy as np

    with opened(evaluation, key, PATIENCE) as file:
        rows, names = file.metadata.num_rows, list(file.schema_arrow.names)
        made: dict[str, Floats] = {}
        for here, group in _groups(file, names):
            for name, values in _shown(group).items():
                made.setdefault(name, np.empty(rows))[here] = values
    return Said(**made)


def _shown(group: dict[str, Any]) -> dict[str, Any]:
    import numpy as np

    found: dict[str, Any] = {n: group[n] for n in ("predicted", "actual") if n in group}
    codes = group["predicted"].astype(np.int64)
    classes = [name for name in group if name.startswith("score_")]
    if classes:
        scores = np.column_stack([group[f"score_{code}"] for code in range(len(classes))])
        found["confidence"] = scores[np.arange(len(codes)), np.clip(codes, 0, len(classes) - 1)]
        if len(classes) == 2:
            found["score"] = scores[:, 1]
    elif "top_score_0" in group:
        found["confidence"] = group["top_score_0"]
    elif single := next((name for name in ("score", "distance") if name in group), ""):
        found["score"] = group[single]
    return found


def _groups(file: pq.ParquetFile, names: Sequence[str]) -> Iterator[tuple[slice, dict[str, Any]]]:
    start = 0
    for number in range(file.num_row_groups):
        table = file.read_row_group(number, columns=list(names), use_threads=False)
        here = slice(start, start + table.num_rows)
        yield here, {name: table.column(name).to_numpy() for name in names}
        start = here.stop


@contextmanager
def opened(evaluation: Evaluation, key: str, timeout: float) -> Iterator[pq.ParquetFile]:
    """One of the evaluation's objects; raises `aws.errors`."""
    import pyarrow.parquet as pq

    workspace = evaluation.workspace
    with (
        RangedObject(workspace.account, workspace.bucket, key, timeout=timeout) as there,
        io.BufferedReader(there, READ_AHEAD) as stream,
        # pre_buffer would seek from several threads at once.
        pq.ParquetFile(stream, pre_buffer=False) as file,
    ):
        yield file


@contextmanager
def told() -> Iterator[None]:
    """What S3 answers, for somebody who waits for a page."""
    try:
        yield
    except aws.errors.NotFound as error:
        raise NotKept("The rows of this evaluation are no longer in the bucket.") from error
    except aws.errors.AwsError as error:
        raise Unavailable("S3 does not give the rows.", error.message) from error
