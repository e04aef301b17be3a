"""Looking at a dataset once, in a worker: one pass over the file as it streams from S3."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast

from django.utils import timezone

from aws import s3
from core import states
from datasets import recipe, upload
from datasets.formats import registry
from datasets.formats.sniff import BadTable, single_byte_encoding
from datasets.insights import Look, Numbers
from datasets.models import Dataset
from datasets.outcomes import settled
from datasets.reading import blocks, dialect_of, keys, part_named, stored

LEASE = timedelta(minutes=2)  # renewed with each report; after it another worker may start over
REPORT_EVERY = timedelta(seconds=1)
GUESSED = frozenset({"utf-8", "utf-8-sig", "cp1252"})  # encodings that a file's head suggests


def profile(dataset: Dataset, *, now: datetime) -> None:
    """Profiling -> Ready with rows, columns, insights and a preview, or Failed with the place."""
    due = dataset.status == Dataset.Status.PROFILING and dataset.next_check_at <= now
    if not due or not states.claim(dataset, now=now, lease=LEASE):
        return
    with settled(dataset, now=now):
        if dataset.compression:
            _check_unpacking(dataset)
        try:
            _look(dataset)
        except UnicodeDecodeError as error:
            if dataset.encoding not in GUESSED:
                raise _not_in(dataset.encoding) from error
            # The head was UTF-8 and a later part is not: the whole file is read as Windows text.
            dataset.encoding = single_byte_encoding(error.object[error.start : error.end])
            _look(dataset)


def _not_in(encoding: str) -> BadTable:
    hint = "Change how the file is read: choose the encoding that it was written in."
    return BadTable(f"The file has bytes that mean nothing in {encoding}.", hint)


def _check_unpacking(dataset: Dataset) -> None:
    for key in keys(dataset):
        with stored(dataset, key) as stream, part_named(dataset, key):
            registry.check_unpacking(stream, dialect_of(dataset))


class _Stored:
    """Passes the stored objects on; counts and, when nobody has yet, hashes their bytes."""

    def __init__(self, *, is_hashed: bool) -> None:
        self._digest = None if is_hashed else hashlib.sha256()
        self.before = 0  # bytes of the objects that are done
        self.seen = 0

    def through(self, stream: BinaryIO) -> BinaryIO:
        self.before = self.seen
        self._stream = stream
        return cast("BinaryIO", self)

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.seen += len(data)
        if self._digest:
            self._digest.update(data)
        return data

    def facts(self, dataset: Dataset) -> dict[str, Any]:
        """What the row does not know yet of all its bytes, parts one after the other."""
        known = dataset.bytes or self.seen
        if self._digest is None or known != self.seen:
            return {"bytes": known}
        return {"bytes": known, "sha256": self._digest.hexdigest()}


def _look(dataset: Dataset) -> None:
    there = _Stored(is_hashed=bool(dataset.sha256))
    look = _looked(dataset, there)
    columns = look.profile.columns()
    insights = look.insights.found(columns, recipe.likely_target)
    body, kept = look.insights.rows(columns, insights)
    workspace = dataset.workspace
    s3.put_object(workspace.account, workspace.bucket, rows_key(dataset), body)
    states.advance(
        dataset,
        frm=Dataset.Status.PROFILING,
        to=Dataset.Status.READY,
        encoding=dataset.encoding,
        rows=look.profile.rows,
        columns=columns,
        insights=insights | {"kept": kept},
        preview=look.preview(),
        progress=100,
        **there.facts(dataset),
    )


def _looked(dataset: Dataset, there: _Stored) -> Look:
    look = None
    reported = timezone.now()
    numbers = Numbers()
    for block in blocks(dataset, numbers=numbers, through=there.through, reads_on=True):
        look = look or Look(block.names, numbers)
        look.add(block)
        if timezone.now() - reported >= REPORT_EVERY:
            reported = timezone.now()
            _report(dataset, there.before + block.packed_bytes)
    if look is None:
        raise BadTable("The file names its columns and has no rows.")
    return look


def rows_key(dataset: Dataset) -> str:
    """Where the kept rows lie."""
    return f"{upload.prefix(dataset)}rows.parquet"


def _report(dataset: Dataset, seen: int) -> None:
    progress = min(99, 100 * seen // max(1, dataset.bytes))
    states.record(dataset, progress=progress, next_check_at=timezone.now() + LEASE)
