"""Looking at a dataset once, in a worker: one pass over the file as it streams from S3."""

from datetime import datetime, timedelta

from django.utils import timezone

from core import states
from datasets.formats import registry
from datasets.formats.sniff import BadTable, single_byte_encoding
from datasets.models import Dataset
from datasets.outcomes import settled
from datasets.reading import dialect_of, opened, stored
from datasets.tables import Profile

LEASE = timedelta(minutes=2)  # renewed with each report; after it another worker may start over
REPORT_EVERY = timedelta(seconds=1)
PREVIEW_ROWS = 20
PREVIEW_CHARACTERS = 200


def profile(dataset: Dataset, *, now: datetime) -> None:
    """Profiling -> Ready with rows, columns and a preview, or Failed with the place."""
    due = dataset.status == Dataset.Status.PROFILING and dataset.next_check_at <= now
    if not due or not states.claim(dataset, now=now, lease=LEASE):
        return
    with settled(dataset, now=now):
        if dataset.compression:
            with stored(dataset, dataset.key) as stream:
                registry.check_unpacking(stream, dialect_of(dataset))
        try:
            _look(dataset)
        except UnicodeDecodeError as error:
            # The head was UTF-8 and a later part is not: the whole file is read as Windows text.
            dataset.encoding = single_byte_encoding(error.object[error.start : error.end])
            _look(dataset)


def _look(dataset: Dataset) -> None:
    with opened(dataset) as reader:
        found = Profile(reader.names)
        head: list[list[str]] = []
        reported = timezone.now()
        for block in reader:
            head += block[: PREVIEW_ROWS - len(head)]
            found.add(block)
            if timezone.now() - reported >= REPORT_EVERY:
                reported = timezone.now()
                _report(dataset, reader.packed_bytes)
    if not found.rows:
        raise BadTable("The file names its columns and has no rows.")
    states.advance(
        dataset,
        frm=Dataset.Status.PROFILING,
        to=Dataset.Status.READY,
        encoding=dataset.encoding,
        rows=found.rows,
        columns=found.columns(),
        preview={"columns": reader.names, "rows": [_cut(row) for row in head]},
        progress=100,
    )


def _report(dataset: Dataset, seen: int) -> None:
    progress = min(99, 100 * seen // max(1, dataset.bytes))
    states.record(dataset, progress=progress, next_check_at=timezone.now() + LEASE)


def _cut(row: list[str]) -> list[str]:
    return [
        cell if len(cell) <= PREVIEW_CHARACTERS else cell[:PREVIEW_CHARACTERS] + "…" for cell in row
    ]
