"""Send a labelled split through an endpoint and compare what it says with what is true.

An evaluation may be run again at any time and by anybody: it starts over, gives the same answer,
and only one of several runs gets to write it down.
"""

import gzip
import logging
import math
import tempfile
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO

from django.utils import timezone

import aws.s3
from aws import runtime
from aws.errors import AwsError, Denied, ModelError, NotFound
from aws.types import Invocation
from core import audit, states
from core.access import Actor
from core.models import Role
from datasets.models import Preparation
from datasets.prepare import split_lines, split_stream
from endpoints import answers, asking, requests
from endpoints.batches import BadLine, Batch, Pace, batches, coded, labelled
from endpoints.models import Endpoint
from endpoints.predict import algorithm_of
from jobs.models import TrainingJob
from results import scores
from results.errors import EndpointNotReady, NotComparable, UnknownSplit, Unusable
from results.models import Evaluation

LEASE = timedelta(seconds=30)  # renewed while it runs; then another worker takes over
REPORT_SECONDS = 0.5
ATTEMPTS = 8  # with the sweep's back-off: about ten minutes of an AWS that does not answer
BODY_LIMIT = runtime.CONTAINER_PAYLOAD_LIMIT - 64 * 1024
ACTIVE = (Evaluation.Status.REQUESTED, Evaluation.Status.RUNNING)
log = logging.getLogger(__name__)


class Overtaken(Exception):
    """Another worker runs this evaluation now."""


def request(
    who: Actor,
    *,
    endpoint: Endpoint,
    preparation: Preparation | None = None,
    split: str = "test",
    is_sample: bool = False,
) -> Evaluation:
    """Write the wish down. Without a `preparation`, the one the model was trained on.

    EndpointNotReady, NotComparable or UnknownSplit say what does not fit, at the field.
    """
    who.need(Role.MEMBER)
    preparation = check(endpoint, preparation, split)
    evaluation = Evaluation.objects.create(
        workspace=endpoint.workspace,
        created_by=who.user,
        name=f"{endpoint.name} on {split}"[:120],
        status=Evaluation.Status.REQUESTED,
        endpoint=endpoint,
        preparation=preparation,
        split=split,
        rows=preparation.channels[split]["rows"],
        labels=preparation.labels,
        is_sample=is_sample,
    )
    audit.note(who, "evaluation.create", evaluation, endpoint=endpoint.uid, split=split)
    return evaluation


def prefix(evaluation: Evaluation) -> str:
    """Under this prefix lies all that belongs to the evaluation."""
    return f"evaluations/{evaluation.uid}/"


def check(endpoint: Endpoint, preparation: Preparation | None, split: str) -> Preparation:
    """The preparation to compare with, or the error that says what does not fit."""
    if endpoint.status != Endpoint.Status.IN_SERVICE:
        raise EndpointNotReady(endpoint.name, endpoint.status)
    trained_on = _trained_on(endpoint)
    preparation = preparation or trained_on
    if preparation.status != Preparation.Status.READY:
        raise NotComparable(f"The preparation {preparation.name} is {preparation.status}.")
    if preparation.workspace_id != endpoint.workspace_id:
        raise NotComparable("The endpoint and the preparation are in different workspaces.")
    if (preparation.task, preparation.features, preparation.labels) != (
        trained_on.task,
        trained_on.features,
        trained_on.labels,
    ):
        raise NotComparable("The model was trained on other features or labels.")
    found = preparation.channels.get(split)
    if not found or not found["rows"]:
        raise UnknownSplit(split, [name for name, c in preparation.channels.items() if c["rows"]])
    if preparation.task == Preparation.Task.CLUSTERING:
        raise NotComparable("This model learned without a target: no answer is right or wrong.")
    return preparation


def _trained_on(endpoint: Endpoint) -> Preparation:
    job = _job(endpoint)
    if job is None or job.preparation is None:
        raise NotComparable("The console does not know what this endpoint's model learned from.")
    return job.preparation


def _job(endpoint: Endpoint) -> TrainingJob | None:
    return endpoint.model.job if endpoint.model else None


def run(evaluation: Evaluation, now: datetime) -> None:
    """Measure and finish `evaluation`, unless somebody else is at it; may be called at any time."""
    if evaluation.status not in ACTIVE or evaluation.next_check_at > now:
        return
    if not states.claim(evaluation, now=now, lease=LEASE):
        return
    lease = evaluation.next_check_at
    if not states.advance(
        evaluation,
        frm=ACTIVE,
        to=Evaluation.Status.RUNNING,
        next_check_at=lease,
        rows_done=0,
        attempts=evaluation.attempts,
    ):
        return
    try:
        _finish(evaluation, Progress(evaluation))
    except Overtaken:
        log.info("evaluation %s is run by another worker", evaluation.uid)
    except Unusable as error:
        _fail(evaluation, error.message)
    except AwsError as error:
        _fail_or_wait(evaluation, error)
    except Exception:
        _fail(evaluation, f"Something broke on our side. Report the reference {evaluation.uid}.")
        raise


def _fail(evaluation: Evaluation, reason: str) -> None:
    states.advance(
        evaluation,
        frm=Evaluation.Status.RUNNING,
        to=Evaluation.Status.FAILED,
        failure_reason=reason,
    )


def _fail_or_wait(evaluation: Evaluation, error: AwsError) -> None:
    if error.retryable and evaluation.attempts < ATTEMPTS:
        states.postpone(evaluation, now=timezone.now())
        return
    _fail(evaluation, _reason(evaluation, error))


def _reason(evaluation: Evaluation, error: AwsError) -> str:
    name = evaluation.endpoint.name
    if isinstance(error, NotFound):
        return f"The endpoint {name} or the split's data is gone: {error.message}"
    if isinstance(error, ModelError):
        return f"The model behind {name} could not answer: {error.message}"
    if isinstance(error, Denied):
        return f"AWS does not let the console ask {name}: {error.message}"
    return f"AWS did not answer about {name} for too long: {error.message}"


@dataclass
class Progress:
    """Keeps the lease alive and the row's count current, both at most twice a second."""

    evaluation: Evaluation
    rows: int = 0
    began: datetime = field(default_factory=timezone.now)
    told: datetime = field(default_factory=timezone.now)

    def beat(self) -> None:
        """Renew the lease; Overtaken when it was lost."""
        now = timezone.now()
        if (now - self.told).total_seconds() < REPORT_SECONDS:
            return
        self.told = now
        if not states.claim(self.evaluation, now=now, lease=LEASE):
            raise Overtaken
        states.record(self.evaluation, rows_done=self.rows)

    def add(self, rows: int) -> None:
        self.rows += rows
        self.beat()

    @property
    def seconds(self) -> float:
        return (timezone.now() - self.began).total_seconds()


def _finish(evaluation: Evaluation, progress: Progress) -> None:
    if evaluation.endpoint.status in (Endpoint.Status.DELETING, Endpoint.Status.DELETED):
        raise Unusable(f"The endpoint {evaluation.endpoint.name} was deleted.")
    key = f"{prefix(evaluation)}predictions.csv.gz"
    with tempfile.TemporaryFile() as file:
        tally = _measure(evaluation, progress, file)
        file.seek(0)
        _upload(evaluation, key, file, progress)
    confusion = tally.matrix.tolist() if isinstance(tally, scores.ClassTally) else []
    states.advance(
        evaluation,
        frm=Evaluation.Status.RUNNING,
        to=Evaluation.Status.COMPLETED,
        rows=progress.rows,
        rows_done=progress.rows,
        metrics=tally.metrics(),
        confusion=confusion,
        predictions_key=key,
        seconds=progress.seconds,
    )


def _measure(
    evaluation: Evaluation, progress: Progress, file: IO[bytes]
) -> scores.ClassTally | scores.NumberTally:
    """Compare every row, writing `row,actual,predicted,scores…` to `file` as gzipped CSV."""
    classes = len(evaluation.labels)
    tally = scores.ClassTally(classes) if classes else scores.NumberTally()
    with (
        gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as table,
        closing(_answered(evaluation, progress)) as answered,
    ):
        columns = ["row", "actual", "predicted", *(f"score_{code}" for code in range(classes))]
        table.write(",".join(columns).encode() + b"\n")
        for batch, answer in answered:
            read = _read(evaluation, batch, answer)
            try:
                tally.add(batch.labels, [_predicted(one) for one in read])
            except ValueError as error:
                raise Unusable(f"In {batch.place}: {error}") from error
            table.write(_table_rows(batch, read))
            progress.add(batch.rows)
    if not progress.rows:
        raise Unusable(f"The split {evaluation.split} has no rows.")
    return tally


def _answered(evaluation: Evaluation, progress: Progress) -> Generator[tuple[Batch, Invocation]]:
    pace, ask = Pace(), asker(evaluation.endpoint)
    try:
        with closing(_lines(evaluation.preparation, evaluation.split)) as lines:
            batched = batches(labelled(lines), pace=pace, limit=BODY_LIMIT)
            yield from asking.predict_rows(
                batched, ask, pace=pace, beat=progress.beat, again=_may_pass
            )
    except BadLine as error:
        raise Unusable(str(error)) from error


def _lines(preparation: Preparation, split: str) -> Generator[bytes]:
    """A label's code or a number, a comma, and what the model is asked: features or a text."""
    if tokens := preparation.encoding.get("tokens"):
        with split_stream(preparation, split) as stream:
            yield from coded(stream, tokens)
    else:
        yield from split_lines(preparation, split)


def asker(endpoint: Endpoint) -> Callable[[Batch], Invocation]:
    """Asks the endpoint's model about lines of features or texts; safe from many threads."""
    account, name = endpoint.workspace.account, endpoint.aws_name
    manner = requests.manner(algorithm_of(endpoint))

    def ask(batch: Batch) -> Invocation:
        return runtime.invoke_endpoint(
            account,
            name,
            manner.body(batch.body.decode().split("\n")),
            content_type=manner.content_type,
            accept=manner.accept,
        )

    return ask


def _may_pass(error: Exception) -> bool:
    return isinstance(error, AwsError) and error.retryable


def _read(evaluation: Evaluation, batch: Batch, answer: Invocation) -> list[answers.Answer]:
    try:
        return answers.decode(
            evaluation.preparation, answer.body, answer.content_type, rows=batch.rows
        )
    except answers.Unreadable as error:
        raise Unusable(f"In {batch.place}: {error}") from error


def _predicted(answer: answers.Answer) -> float:
    """The class code, or the number; NaN, which no tally accepts, for an answer with neither."""
    if any(math.isnan(probability) for probability in answer.probabilities):
        return math.nan
    if answer.code is not None:
        return answer.code
    return math.nan if answer.value is None else answer.value


def _table_rows(batch: Batch, read: list[answers.Answer]) -> bytes:
    rows = zip(batch.labels, read, strict=True)
    lines = []
    for number, (label, answer) in enumerate(rows, start=batch.first):
        cells = [label, _predicted(answer), *answer.probabilities]
        lines.append(f"{number}," + ",".join(f"{cell:.9g}" for cell in cells))
    return "\n".join(lines).encode() + b"\n"


def _upload(evaluation: Evaluation, key: str, file: IO[bytes], progress: Progress) -> None:
    workspace = evaluation.workspace
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(
            aws.s3.upload_fileobj,
            workspace.account,
            workspace.bucket,
            key,
            file,
            content_type="application/gzip",
        )
        asking.awaited(sent, progress.beat)
