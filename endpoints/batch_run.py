"""A batch through an endpoint: many requests at once, and what is answered kept in parts.

Parts lie in S3 and in the row, so a worker that takes over goes on after the last of them. Two
workers never write to one row: each note of progress holds only while the lease is still theirs.
"""

import io
import tempfile
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from django.utils import timezone

from aws import errors as aws
from aws import runtime, s3
from aws.ranged import RangedObject
from aws.types import Invocation
from core import failpoints, live, states
from core.models import new_uid
from endpoints import answers, asking, batch_rows, idle, predictions, requests
from endpoints.batch_rows import BadRow
from endpoints.batches import Batch, Pace, batches
from endpoints.models import BatchPrediction, Endpoint
from jobs.catalogue import ALGORITHMS

if TYPE_CHECKING:
    import pyarrow as pa

LEASE = timedelta(seconds=30)  # renewed while it runs; then another worker takes over
REPORT_SECONDS = 0.5
PART_SECONDS = 2.0  # of work that a killed worker loses at most, and a fiftieth of what is done
PART_ROWS = 131_072
TURN_SECONDS = 2_400  # a task may not run for ever; the sweep begins the next
READ_SECONDS = 60.0
KEPT_BACK = 64 * 1024  # bytes of a request that are not rows
JSON_GROWS = 3  # "0," becomes "0.0, "
PARQUET = "application/vnd.apache.parquet"
Status = BatchPrediction.Status


class Overtaken(Exception):
    """Another worker goes on with this batch, or somebody stopped it."""


class Failure(Exception):
    """The batch cannot be finished; the text says why."""


class Refused(BadRow):
    """The model cannot answer the row, not even asked alone."""


class BadAnswer(BadRow):
    """From this row on there is no answer that can be kept."""


def prefix(batch: BatchPrediction) -> str:
    """Under this prefix lies all that belongs to the batch."""
    return f"batches/{batch.uid}/"


@dataclass
class Progress:
    """Keeps the lease alive and the row's count current, both at most twice a second."""

    batch: BatchPrediction
    rows: int = 0
    began: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def beat(self) -> None:
        """Renew the lease; Overtaken when it was lost."""
        if time.monotonic() - self.told >= REPORT_SECONDS:
            self.tell(rows_done=self.rows)

    def tell(self, **changes: object) -> None:
        self.told = time.monotonic()
        if not states.claim(self.batch, now=timezone.now(), lease=LEASE, **changes):
            raise Overtaken
        live.publish(self.batch)

    def release(self) -> None:
        """Let another worker go on."""
        states.claim(self.batch, now=timezone.now(), lease=timedelta(0))
        raise Overtaken

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


class Parts:
    """What is answered, in order: held until it is worth an object, then kept."""

    def __init__(self, batch: BatchPrediction, progress: Progress) -> None:
        self.batch, self._progress = batch, progress
        self._held: list[pa.RecordBatch] = []
        self._rows = 0
        self._began = time.monotonic()
        self.last = ("", b"")  # the key of the newest part, and what is in it

    @property
    def kept(self) -> int:
        return sum(rows for _, rows, _ in self.batch.done_parts)

    def add(self, found: "pa.RecordBatch") -> None:
        self._held.append(found)
        self._rows += found.num_rows
        self._progress.rows += found.num_rows
        worth = max(PART_SECONDS, self._progress.seconds / 50)
        if time.monotonic() - self._began >= worth or self._rows >= PART_ROWS:
            self.keep()
        self._progress.beat()

    def keep(self) -> None:
        """The held rows as an object that the batch knows; Overtaken leaves it unknown."""
        if not self._held:
            return
        first = self.kept + 1
        key = f"{prefix(self.batch)}parts/{first}-{new_uid()}.parquet"
        names = predictions.shared(found.schema.names for found in self._held)
        with io.BytesIO() as file:
            predictions.write(self._held, file, names)
            self.last = (key, file.getvalue())
            put(self.batch, key, file, self._progress)
        failpoints.reach("endpoints.batch.before_part")
        parts = [*self.batch.done_parts, [first, self._rows, key]]
        self._progress.tell(done_parts=parts, rows_done=self._progress.rows, attempts=0)
        failpoints.reach("endpoints.batch.after_part")
        self._held, self._rows, self._began = [], 0, time.monotonic()
        if self._progress.seconds > TURN_SECONDS:
            self._progress.release()


def ask_all(batch: BatchPrediction, progress: Progress) -> Parts:
    """Ask about every row that is not kept yet, and keep the answers."""
    parts = Parts(batch, progress)
    progress.rows = parts.kept
    with closing(_answered(batch, progress, parts.kept)) as answered:
        for asked, said in answered:
            for found in _read(batch, asked, said):
                parts.add(found)
    parts.keep()
    return parts


def _answered(
    batch: BatchPrediction, progress: Progress, kept: int
) -> Generator[tuple[Batch, list[tuple[int, Invocation]]]]:
    assert batch.endpoint is not None  # noqa: S101  this way goes through one
    pace = Pace()
    asker = Asker(batch.endpoint, algorithm_of(batch))
    with closing(batch_rows.of(batch)) as rows:
        packed = batches(islice(rows, kept, None), pace=pace, limit=asker.limit, first=kept + 1)
        yield from asking.predict_rows(
            packed,
            asker.ask,
            pace=pace,
            workers=batch.concurrency,
            beat=progress.beat,
            again=may_pass,
        )


def may_pass(error: Exception) -> bool:
    return isinstance(error, aws.AwsError) and error.retryable


class Asker:
    """Asks an endpoint's model about lines of features or texts; safe from many threads."""

    def __init__(self, endpoint: Endpoint, algorithm: str) -> None:
        self._endpoint = endpoint
        self._manner = requests.manner(algorithm)
        is_serverless = endpoint.kind == idle.SERVERLESS
        most = (
            runtime.SERVERLESS_PAYLOAD_LIMIT if is_serverless else runtime.CONTAINER_PAYLOAD_LIMIT
        )
        grows = JSON_GROWS if self._manner.content_type == requests.JSON else 1
        self.limit = (most - KEPT_BACK) // grows

    def ask(self, batch: Batch) -> list[tuple[int, Invocation]]:
        """The answers to the rows of `batch`, in order, each to so many of them.

        What the model refuses is asked again in halves: Refused names the first row that it does
        not answer alone. Other AwsErrors as `invoke_endpoint`.
        """
        return self._asked(batch.body.decode().split("\n"), batch.first)

    def _asked(self, lines: list[str], first: int) -> list[tuple[int, Invocation]]:
        try:
            return [(len(lines), self._invoked(lines))]
        except aws.ModelError as error:
            if len(lines) == 1:
                raise Refused(first, error.original_message or error.message) from error
        except aws.Invalid as error:
            if len(lines) == 1 or error.code != "RequestEntityTooLarge":
                raise
        half = len(lines) // 2
        return self._asked(lines[:half], first) + self._asked(lines[half:], first + half)

    def _invoked(self, lines: list[str]) -> Invocation:
        return runtime.invoke_endpoint(
            self._endpoint.workspace.account,
            self._endpoint.aws_name,
            self._manner.body(lines),
            content_type=self._manner.content_type,
            accept=self._manner.accept,
        )


def _read(
    batch: BatchPrediction, asked: Batch, said: list[tuple[int, Invocation]]
) -> Iterator["pa.RecordBatch"]:
    done = 0
    for rows, answer in said:
        truths = asked.labels[done : done + rows] if batch.has_truth else None
        yield decoded(batch, asked.first + done, rows, truths, answer)
        done += rows


def decoded(
    batch: BatchPrediction,
    first: int,
    rows: int,
    truths: tuple[float, ...] | None,
    answer: Invocation,
) -> "pa.RecordBatch":
    """The answer to `rows` rows from number `first` on; BadAnswer when it cannot be kept."""
    recipe = batch.preparation
    if recipe is not None and answer.content_type.startswith(requests.CSV):
        quick = predictions.from_numbers(first, truths, recipe.task, answer.body, rows)
        if quick is not None and algorithm_of(batch) != "randomcutforest":
            return quick
    try:
        found = answers.decode(recipe, answer.body, answer.content_type, rows=rows)
    except answers.Unreadable as error:
        if recipe is not None and algorithm_of(batch) in ALGORITHMS:
            raise BadAnswer(first, str(error)) from error
        return predictions.responses_of(first, truths, _lines(answer, first, rows))
    is_anomaly = algorithm_of(batch) == "randomcutforest"
    try:
        return predictions.rows_of(first, truths, found, is_anomaly=is_anomaly)
    except predictions.Unanswered as error:
        raise BadAnswer(first + error.offset, f"{error}.") from error


def _lines(answer: Invocation, first: int, rows: int) -> list[str]:
    lines = answer.body.decode(errors="replace").rstrip("\n").split("\n")
    if len(lines) != rows:
        text = f"the model answers {len(lines)} lines to {rows} rows, so none is any row's answer."
        raise BadAnswer(first, text)
    return lines


def algorithm_of(batch: BatchPrediction) -> str:
    """The catalogue's name of what trained its model; "" when nobody knows."""
    model = batch.model or (batch.endpoint.model if batch.endpoint else None)
    return model.job.algorithm if model and model.job else ""


def join(batch: BatchPrediction, progress: Progress, last: tuple[str, bytes] = ("", b"")) -> str:
    """The kept parts as one object; its key. Holds a group of rows, or a part, at a time.

    `last` is a part that is at hand: an only one is stored as it is.
    """
    key = f"{prefix(batch)}predictions.parquet"
    keys = [part for _, _, part in batch.done_parts]
    if keys == [last[0]]:
        put(batch, key, io.BytesIO(last[1]), progress)
        return key
    with tempfile.TemporaryFile() as file:
        names = predictions.shared(predictions.names_in(stored(batch, part)) for part in keys)
        predictions.write(_parts(batch, keys, progress), file, names)
        file.seek(0)
        put(batch, key, file, progress)
    return key


def _parts(
    batch: BatchPrediction, keys: list[str], progress: Progress
) -> Iterator["pa.RecordBatch"]:
    workspace = batch.workspace
    for key in keys:
        with io.BytesIO(s3.get_object(workspace.account, workspace.bucket, key)) as file:
            for found in predictions.read(file):
                yield found
                progress.beat()


def stored(batch: BatchPrediction, key: str, timeout: float = READ_SECONDS) -> BinaryIO:
    """One of its objects as a file that can seek."""
    workspace = batch.workspace
    file = RangedObject(workspace.account, workspace.bucket, key, timeout=timeout)
    return cast("BinaryIO", file)


def put(batch: BatchPrediction, key: str, file: IO[bytes], progress: Progress) -> None:
    """Store all of `file`, keeping the lease alive meanwhile."""
    workspace = batch.workspace
    file.seek(0)
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(
            s3.upload_fileobj, workspace.account, workspace.bucket, key, file, content_type=PARQUET
        )
        asking.awaited(sent, progress.beat)
