"""What a batch predicted, for people: the first rows, a table for spreadsheets, the file itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aws import errors as aws
from aws import s3
from core.errors import Conflict, Unavailable
from endpoints import batch_run, predictions
from endpoints.models import BatchPrediction
from jobs.prices import Book, Rate

FIRST = 10  # rows
PAGE_SECONDS = 5.0  # that a page waits for them
CHUNK = 2**20
CLUSTERS = ("kmeans",)  # whose codes are no labels


@dataclass(frozen=True)
class Pace:
    """How fast a running batch is; seconds to go when the number of rows is known."""

    seconds: float
    rows_a_second: float
    to_go: float | None
    share: float | None

    @classmethod
    def of(cls, batch: BatchPrediction, now: datetime) -> "Pace | None":
        if not batch.started_at or not batch.rows_done:
            return None
        seconds = ((batch.ended_at or now) - batch.started_at) / timedelta(seconds=1)
        rate, total = batch.rows_done / max(seconds, 0.001), batch.rows_total
        if total is None:
            return cls(seconds, rate, None, None)
        left = max(total - batch.rows_done, 0)
        return cls(seconds, rate, left / rate, min(1, batch.rows_done / total))


def labels_of(batch: BatchPrediction) -> list[Any]:
    """The classes' names, by code; none where a code is no class."""
    if batch.preparation is None or batch_run.algorithm_of(batch) in CLUSTERS:
        return []
    return list(batch.preparation.labels)


def first(batch: BatchPrediction) -> tuple[list[str], list[list[str]]]:
    """The header and the first rows that are kept, also while it runs; empty when there are none.

    Raises AwsError.
    """
    key = batch.output or next((key for _, _, key in batch.done_parts), "")
    if not key:
        return [], []
    file = batch_run.stored(batch, key, timeout=PAGE_SECONDS)
    return predictions.shown(file, labels_of(batch), FIRST)


def as_csv(batch: BatchPrediction) -> Iterator[bytes]:
    """The table in chunks; Conflict before there is one, Unavailable when S3 does not answer."""
    _need(batch)
    try:
        file = batch_run.stored(batch, batch.output)
    except aws.AwsError as error:
        raise Unavailable("The predictions cannot be read now.", error.message) from error
    return predictions.as_csv(file, labels_of(batch))


def as_parquet(batch: BatchPrediction) -> Iterator[bytes]:
    """The file in chunks; raises as `as_csv`."""
    _need(batch)
    workspace = batch.workspace
    try:
        if s3.head_object(workspace.account, workspace.bucket, batch.output) is None:
            raise Unavailable("The predictions are gone from S3.")
    except aws.AwsError as error:
        raise Unavailable("The predictions cannot be read now.", error.message) from error
    return _chunks(batch)


def _need(batch: BatchPrediction) -> None:
    if not batch.output:
        raise Conflict("There are no predictions yet.", "Wait until it is completed.")


def _chunks(batch: BatchPrediction) -> Iterator[bytes]:
    workspace = batch.workspace
    with s3.open_object(workspace.account, workspace.bucket, batch.output) as stream:
        while data := stream.read(CHUNK):
            yield data


def rate(batch: BatchPrediction) -> Rate | None:
    """What an instance of a transform job costs an hour; None where nobody knows."""
    return Book(batch.workspace.region).rate(batch.instance_type, "hosting")


def cost(batch: BatchPrediction, now: datetime) -> float | None:
    """About what a transform job cost so far, in US dollars; machines are billed by the second."""
    known = rate(batch) if batch.way == BatchPrediction.Way.TRANSFORM else None
    if known is None or batch.started_at is None:
        return None
    hours = ((batch.ended_at or now) - batch.started_at) / timedelta(hours=1)
    return known.usd_per_hour * batch.instance_count * hours
