"""A finished evaluation's predictions as a CSV that opens in a spreadsheet."""

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TextIO, cast

from aws import s3
from core.cells import inert
from results.errors import NotCompleted
from results.models import Evaluation

CHUNK = 2**16


def predictions(evaluation: Evaluation) -> Iterator[bytes]:
    """The lines of `row,actual,predicted,score of <class>…` with the classes' names, in chunks.

    NotCompleted before the end. What AWS answers badly is raised at the first chunk.
    """
    if not evaluation.predictions_key:
        raise NotCompleted("There are no predictions yet.", "Wait until it is completed.")
    return _chunks(evaluation)


def _chunks(evaluation: Evaluation) -> Iterator[bytes]:
    names = [inert(str(label)) for label in evaluation.labels]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    with _stored(evaluation) as table:
        header = next(csv.reader(table))
        writer.writerow([*header[:3], *(f"score of {names[i]}" for i in range(len(header) - 3))])
        for row in csv.reader(table):
            writer.writerow([row[0], *(_named(cell, names) for cell in row[1:3]), *row[3:]])
            if out.tell() > CHUNK:
                yield out.getvalue().encode()
                out.seek(0)
                out.truncate()
    yield out.getvalue().encode()


@contextmanager
def _stored(evaluation: Evaluation) -> Iterator[TextIO]:
    workspace = evaluation.workspace
    with (
        s3.open_object(workspace.account, workspace.bucket, evaluation.predictions_key) as packed,
        gzip.GzipFile(fileobj=packed) as binary,
        io.TextIOWrapper(cast("IO[bytes]", binary), encoding="utf-8", newline="") as table,
    ):
        yield table


def _named(cell: str, names: list[str]) -> str:
    return names[int(float(cell))] if names else cell
