"""A batch as a batch transform job: its rows to S3, the job, and its answers from there.

The rows go up as bare lines in pieces whose names say how many they hold, so each answer finds its
row by its place. The job's name comes from the row: who takes over finds what was begun.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from itertools import chain, islice
from typing import NamedTuple

from django.utils import timezone

from aws import errors as aws
from aws import naming, s3, sagemaker
from aws.types import Invocation, TransformJob, TransformJobSpec
from core import failpoints, states
from endpoints import batch_rows, batch_run, requests
from endpoints.batch_run import BadAnswer, Failure, Parts, Progress
from endpoints.models import BatchPrediction
from endpoints.ownership import ForeignName, create_or_adopt, is_ours, tags

LOOK_AGAIN = timedelta(seconds=3)
PIECE_BYTES = 32 * 2**20  # an object: what one instance gets at a time
PIECE_ROWS = 500_000
CHUNK_ROWS = 2_000  # of the answers, read at once
LINES = "application/jsonlines"
OVER = frozenset({"Completed", "Failed", "Stopped"})
# Their default handlers answer a request, not a line.
WITHOUT = {"tensorflow": "TensorFlow Serving answers whole requests, not lines"}
Status = BatchPrediction.Status


class Speech(NamedTuple):
    """How a model is asked by lines, and how it answers by lines."""

    content_type: str
    accept: str


def speech(algorithm: str) -> Speech:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html"""
    if algorithm in ("factorization-machines", "blazingtext"):
        return Speech(LINES, LINES)
    answers_json = requests.manner(algorithm).accept == requests.JSON
    return Speech(requests.CSV, LINES if answers_json else requests.CSV)


def name_of(batch: BatchPrediction) -> str:
    return naming.transform_job(batch.name, batch.uid)


def place(batch: BatchPrediction) -> str:
    """Under this prefix lies what the job reads and writes."""
    return f"{batch_run.prefix(batch)}transform/"


def advance(batch: BatchPrediction, progress: Progress) -> bool:
    """Whether all that it will ever answer is kept; else it is looked at again in a while.

    Raises Failure when AWS says so, and AwsErrors.
    """
    job = _described(batch)
    if batch.status == Status.STOPPING:
        return _is_stopped(batch, job)
    if job is None:
        _begin(batch, progress)
    elif job.status == "Completed":
        _keep_answers(batch, progress)
        return True
    elif job.status in OVER:
        reason = job.failure_reason or f"it is {job.status}."
        group = "/aws/sagemaker/TransformJobs"
        raise Failure(f"The transform job {job.name} failed: {reason} Its logs: {group}.")
    _wait(batch)
    return False


def _wait(batch: BatchPrediction) -> None:
    states.claim(batch, now=timezone.now(), lease=LOOK_AGAIN)


def _described(batch: BatchPrediction) -> TransformJob | None:
    """The batch's job; None before it exists, and for a foreign one of its name."""
    account = batch.workspace.account
    try:
        job = sagemaker.describe_transform_job(account, name_of(batch))
    except aws.NotFound:
        return None
    return job if batch.aws_name or is_ours(account, job.arn, batch) else None


def _is_stopped(batch: BatchPrediction, job: TransformJob | None) -> bool:
    if job is None or job.status in OVER:
        return True
    if job.status != "Stopping":
        try:
            sagemaker.stop_transform_job(batch.workspace.account, job.name)
        except aws.WrongState:
            return True
    _wait(batch)
    return False


def _begin(batch: BatchPrediction, progress: Progress) -> None:
    assert batch.model is not None  # noqa: S101  this way needs one
    workspace, rows = batch.workspace, _write_rows(batch, progress)
    if not rows:
        raise Failure("There are no rows.")
    failpoints.reach("endpoints.transform.before_create")
    said = speech(batch_run.algorithm_of(batch))
    spec = TransformJobSpec(
        name=name_of(batch),
        model=batch.model.aws_name,
        input_uri=s3.uri(workspace.bucket, f"{place(batch)}input/"),
        output_uri=s3.uri(workspace.bucket, f"{place(batch)}output/"),
        content_type=said.content_type,
        accept=said.accept,
        instance_type=batch.instance_type,
        instance_count=batch.instance_count,
        tags=tags(batch),
    )
    account = workspace.account
    try:
        create_or_adopt(
            batch,
            lambda: sagemaker.create_transform_job(account, spec),
            lambda: sagemaker.describe_transform_job(account, spec.name).arn,
            what="transform job",
        )
    except ForeignName as error:
        raise Failure(str(error)) from error
    failpoints.reach("endpoints.transform.after_create")
    progress.tell(aws_name=spec.name, rows_total=rows, attempts=0)


def _write_rows(batch: BatchPrediction, progress: Progress) -> int:
    """Send the rows as objects; how many there are. Repeatable: the same rows, the same objects."""
    workspace, total = batch.workspace, 0
    with closing(batch_rows.of(batch)) as rows:
        lines = _asked(batch, (row.features for row in rows))
        for number, piece in enumerate(_pieces(lines)):
            key = f"{place(batch)}input/{number:05}-{len(piece)}"
            s3.put_object(workspace.account, workspace.bucket, key, b"\n".join(piece) + b"\n")
            total += len(piece)
            progress.beat()
    return total


def _pieces(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    piece: list[bytes] = []
    size = 0
    for line in lines:
        piece.append(line)
        size += len(line) + 1
        if size >= PIECE_BYTES or len(piece) >= PIECE_ROWS:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def _asked(batch: BatchPrediction, rows: Iterable[bytes]) -> Iterator[bytes]:
    algorithm = batch_run.algorithm_of(batch)
    if algorithm == "blazingtext":
        for row in rows:
            yield json.dumps({"source": row.decode(), "k": requests.MOST_LABELS}).encode()
    elif algorithm == "factorization-machines":
        for row in rows:
            features = [float(cell or "nan") for cell in row.split(b",")]
            yield json.dumps({"features": features}).encode()
    else:
        yield from rows


def _keep_answers(batch: BatchPrediction, progress: Progress) -> None:
    """The job's answers as parts, from where an earlier look ended."""
    parts = Parts(batch, progress)
    progress.rows = done = parts.kept
    truths = _truths(batch, done) if batch.has_truth else None
    found = islice(_answered(batch), done, None)
    kind = speech(batch_run.algorithm_of(batch)).accept
    while lines := list(islice(found, CHUNK_ROWS)):
        known = tuple(islice(truths, len(lines))) if truths is not None else None
        answer = _as_one(batch, lines, kind)
        parts.add(batch_run.decoded(batch, done + 1, len(lines), known, answer))
        done += len(lines)
    parts.keep()


def _truths(batch: BatchPrediction, done: int) -> Iterator[float]:
    return (row.label for row in islice(batch_rows.of(batch), done, None))


def _answered(batch: BatchPrediction) -> Iterator[bytes]:
    """A line for each row, in the rows' order; BadAnswer where a piece has more or fewer."""
    workspace, first = batch.workspace, 1
    pieces = s3.list_objects(workspace.account, workspace.bucket, f"{place(batch)}input/")
    for piece in pieces:
        name = piece.key.rpartition("/")[2]
        rows, said = int(name.partition("-")[2]), 0
        key = f"{place(batch)}output/{name}.out"
        with s3.open_object(workspace.account, workspace.bucket, key) as stream:
            for line in _one_each(batch, stream):
                said += 1
                if said <= rows:
                    yield line
        if said != rows:
            raise BadAnswer(first, f"the job gave {said:,} answers to {rows:,} rows")
        first += rows


def _one_each(batch: BatchPrediction, stream: Iterable[bytes]) -> Iterator[bytes]:
    """XGBoost images up to 1.2-1 join the answers of a request by commas."""
    lines = (text for line in stream if (text := line.rstrip(b"\r\n")))
    recipe = batch.preparation
    is_single = recipe is not None and recipe.task in ("binary", "regression")
    if is_single and batch_run.algorithm_of(batch) == "xgboost":
        return chain.from_iterable(line.split(b",") for line in lines)
    return lines


def _as_one(batch: BatchPrediction, lines: Sequence[bytes], kind: str) -> Invocation:
    """The lines as one response of an endpoint."""
    if kind != LINES:
        return Invocation(b"\n".join(lines), kind, "", 0.0)
    body = b"[" + b",".join(lines) + b"]"
    if batch_run.algorithm_of(batch) != "blazingtext":
        body = b'{"predictions": ' + body + b"}"
    return Invocation(body, requests.JSON, "", 0.0)
