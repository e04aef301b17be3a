"""A finished evaluation's predictions, and chosen rows, as CSV that opens in a spreadsheet."""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import IO, TextIO, cast

from aws import s3
from aws.ranged import RangedObject
from core.cells import inert
from endpoints.predictions import as_csv
from results import rows as drilled
from results.errors import NotCompleted
from results.models import Evaluation
from results.rows import Wanted
from results.table import ENDING, READ_AHEAD, SECONDS

CHUNK = 2**16


def predictions(evaluation: Evaluation) -> Iterator[bytes]:
    """The lines of `row,actual,predicted,score of <class>…` with the classes' names, in chunks.

    NotCompleted before the end. What AWS answers badly is raised at the first chunk.
    """
    if not evaluation.predictions_key:
        raise NotCompleted("There are no predictions yet.", "Wait until it is completed.")
    if not evaluation.predictions_key.endswith(ENDING):
        return _packed(evaluation)
    return _stored(evaluation)


def rows(evaluation: Evaluation, wanted: Wanted) -> Iterator[bytes]:
    """All wanted rows with every column of theirs, in chunks; raises as `rows.page` at once."""
    lines = drilled.exported(evaluation, wanted)
    first = next(lines, None)
    return _lines(chain([] if first is None else [first], lines))


def _stored(evaluation: Evaluation) -> Iterator[bytes]:
    workspace = evaluation.workspace
    place = (workspace.account, workspace.bucket, evaluation.predictions_key)
    with (
        RangedObject(*place, timeout=SECONDS) as there,
        io.BufferedReader(there, READ_AHEAD) as file,
    ):
        yield from as_csv(cast("IO[bytes]", file), evaluation.labels)


def _packed(evaluation: Evaluation) -> Iterator[bytes]:
    """Of an evaluation from before predictions were kept by column."""
    names = [inert(str(label)) for label in evaluation.labels]
    with _unpacked(evaluation) as table:
        records = csv.reader(table)
        header = next(records)
        titles = [f"score of {names[place]}" for place in range(len(header) - 3)]
        named = ([row[0], *(_named(cell, names) for cell in row[1:3]), *row[3:]] for row in records)
        yield from _lines(chain([[*header[:3], *titles]], named))


def _lines(rows: Iterable[list[str]]) -> Iterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow(map(inert, row))
        if out.tell() > CHUNK:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


@contextmanager
def _unpacked(evaluation: Evaluation) -> Iterator[TextIO]:
    workspace = evaluation.workspace
    with (
        s3.open_object(workspace.account, workspace.bucket, evaluation.predictions_key) as packed,
        gzip.GzipFile(fileobj=packed) as binary,
        io.TextIOWrapper(cast("IO[bytes]", binary), encoding="utf-8", newline="") as table,
    ):
        yield table


def _named(cell: str, names: list[str]) -> str:
    return names[int(float(cell))] if names else cell
