"""The jobs of a list as a CSV that opens in a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from core.cells import inert
from core.models import Workspace
from jobs import cost, search
from jobs.columns import Column
from jobs.models import TrainingJob
from jobs.prices import Book
from jobs.search import Wish

BATCH = 500
OUTSIDE = "outside"


def as_csv(
    workspace: Workspace, wish: Wish, chosen: Sequence[Column], *, now: datetime
) -> Iterator[bytes]:
    """A line for each job that matches, in the wish's order, with id, name and the columns.

    The jobs are those of now; each is read when its line is written. Times are ISO 8601, spans
    seconds, costs US dollars. BadQuery before the first line.
    """
    parts = search.ordered(search.rows(workspace, wish, now=now), wish.sort)
    pks = [pk for part in parts for pk in part.values_list("pk", flat=True)]
    return _lines(pks, chosen, Book(workspace.region), now)


def _lines(
    pks: Sequence[int], chosen: Sequence[Column], book: Book, now: datetime
) -> Iterator[bytes]:
    tags = any(column.key == "tags" for column in chosen)
    yield _written([["id", "name", *(inert(column.key) for column in chosen)]])
    for start in range(0, len(pks), BATCH):
        jobs = search.in_order(list(pks[start : start + BATCH]), tags=tags)
        yield _written([_line(job, chosen, book, now) for job in jobs])


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def _line(job: TrainingJob, chosen: Sequence[Column], book: Book, now: datetime) -> list[str]:
    facts = _facts(job, book, now)
    if any(column.key == "tags" for column in chosen):  # otherwise they were not read
        facts["tags"] = ", ".join(tag.name for tag in job.tags.all())
    values: dict[str, dict[str, Any]] = {"param": job.hyperparameters, "metric": job.metrics}
    cells = [
        values[column.kind].get(column.name) if column.kind else facts[column.key]
        for column in chosen
    ]
    return [job.uid, inert(job.name), *("" if cell is None else inert(str(cell)) for cell in cells)]


def _facts(job: TrainingJob, book: Book, now: datetime) -> dict[str, object]:
    """What the standard columns hold, by key."""
    preparation = job.preparation
    return {
        "status": job.status,
        "algorithm": job.algorithm,
        "metric": job.headline_value,
        "duration": job.seconds,
        "cost": cost.of(job, now=now, book=book).so_far,
        "created": job.created_at.isoformat(),
        "experiment": job.experiment.name if job.experiment else None,
        "dataset": preparation.dataset.name if preparation else None,
        "instance": job.instance_type,
        "owner": OUTSIDE if job.is_outside else job.created_by and job.created_by.username,
    }
