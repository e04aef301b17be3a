"""Batch prediction: a file or a split in, predictions out.

Through an endpoint (`batch_run`) or by a batch transform job of a model (`transform`). It may be
run again at any time and by anybody: one of several workers has the lease, and its successor goes
on where it ended.
"""

import logging
from datetime import datetime
from typing import TypedDict, Unpack

from django.utils import timezone

from aws import errors as aws
from aws import s3
from core import audit, states
from core.access import Actor
from core.errors import InvalidFields
from core.models import Role
from datasets.formats.sniff import BadTable
from datasets.models import Preparation
from endpoints import batch_rows, batch_run, batch_upload, predict, transform
from endpoints.batch_run import Progress
from endpoints.batches import BadLine
from endpoints.errors import NotServing, WrongInput
from endpoints.models import BatchPrediction, Endpoint, RegisteredModel
from jobs import machine

MOST_AT_ONCE = 64
ATTEMPTS = 8  # with the sweep's back-off: about ten minutes of an AWS that does not answer
Status, Way = BatchPrediction.Status, BatchPrediction.Way
log = logging.getLogger(__name__)


class Choices(TypedDict, total=False):
    """Where the rows are, what predicts them, and how: columns of the row."""

    way: str  # through an endpoint unless it says otherwise
    model: RegisteredModel | None
    preparation: Preparation | None  # the one the model was trained on unless it is named
    split: str
    source: str  # a key in the workspace's bucket
    source_name: str
    has_truth: bool
    is_listed: bool
    instance_type: str
    instance_count: int
    concurrency: int


def request(
    who: Actor,
    *,
    name: str,
    endpoint: Endpoint | None = None,
    draft: BatchPrediction | None = None,
    **choices: Unpack[Choices],
) -> BatchPrediction:
    """Write the wish down: a `split` of the preparation, or the file at the key `source`.

    Or of an upload's `draft`, which becomes the batch. InvalidFields, WrongInput and NotServing say
    what does not fit, at the field. Calls nobody: what is in the file turns out when it is read
    (`batch_look` tells before).
    """
    who.need(Role.MEMBER)
    way = choices.get("way", Way.ENDPOINT)
    model = choices.get("model") or (endpoint.model if endpoint else None)
    own = model.job.preparation if model and model.job else None
    given = choices | {"way": way, "model": model}
    given["preparation"] = choices.get("preparation") or own
    if draft:
        given |= {"source": draft.source, "source_name": draft.source_name}
    batch = BatchPrediction(
        workspace=who.workspace,
        created_by=who.user,
        name=name.strip()[:120] or "batch",
        status=Status.REQUESTED,
        endpoint=endpoint if way == Way.ENDPOINT else None,
        **given,
    )
    return _written(who, batch, draft)


def _written(who: Actor, batch: BatchPrediction, draft: BatchPrediction | None) -> BatchPrediction:
    _check(batch)
    batch.source_name = batch.source_name[:255]
    if batch.split and batch.preparation:
        batch.rows_total = batch.preparation.channels[batch.split]["rows"]
    if draft:
        _take(draft, batch)
    batch.save()
    about = {"way": batch.way, "split": batch.split, "source": batch.source}
    audit.note(who, "batch.create", batch, **about)
    return batch


def _take(draft: BatchPrediction, batch: BatchPrediction) -> None:
    """Of two batches of one upload one gets it."""
    if not batch_upload.drafts().filter(pk=draft.pk).update(deleted_at=None):
        raise InvalidFields({"file": ["The uploaded file is no longer kept. Choose it again."]})
    batch.pk, batch.uid = draft.pk, draft.uid


def _check(batch: BatchPrediction) -> None:
    if batch.way == Way.ENDPOINT:
        _check_endpoint(batch.endpoint)
    else:
        _check_model(batch)
    if not 1 <= batch.concurrency <= MOST_AT_ONCE:
        raise InvalidFields({"concurrency": [f"From 1 to {MOST_AT_ONCE} requests at once."]})
    rows = (batch.endpoint, batch.model, batch.preparation)
    if any(row is not None and row.workspace_id != batch.workspace_id for row in rows):
        raise InvalidFields({"source": ["All must be of one workspace."]})
    _check_source(batch)


def _check_endpoint(endpoint: Endpoint | None) -> None:
    if endpoint is None:
        raise InvalidFields({"endpoint": ["Choose an endpoint."]})
    if endpoint.status not in predict.SERVING:
        text = f"The endpoint {endpoint.name} is {endpoint.status}."
        raise NotServing(text, "It answers once it is InService.", field="endpoint")


def _check_model(batch: BatchPrediction) -> None:
    if batch.model is None:
        raise InvalidFields({"model": ["Choose a model."]})
    if batch.model.status != RegisteredModel.Status.REGISTERED:
        raise InvalidFields({"model": [f"The model is {batch.model.status}, not Registered."]})
    if why := transform.WITHOUT.get(batch_run.algorithm_of(batch)):
        raise InvalidFields({"way": [f"{why}. Predict through an endpoint."]})
    chosen = machine.Machine(instance_type=batch.instance_type, instance_count=batch.instance_count)
    wrong = machine.problems(chosen)
    if errors := {k: v for k, v in wrong.items() if k in ("instance_type", "instance_count")}:
        raise InvalidFields(errors)


def _check_source(batch: BatchPrediction) -> None:
    preparation = batch.preparation
    if bool(batch.split) == bool(batch.source):
        raise InvalidFields({"source": ["Choose a file, or a split."]})
    if batch.split:
        found = preparation.channels.get(batch.split) if preparation else None
        if not found or not found["rows"]:
            raise WrongInput(f"There are no rows in a split {batch.split[:40]!r}.", field="split")
    elif batch.has_truth and (preparation is None or not preparation.target):
        text = "Nobody knows what this model foretells, so the file cannot say what is true."
        raise WrongInput(text, field="has_truth")


def run(batch: BatchPrediction, now: datetime) -> None:
    """Bring `batch` as far as possible, unless somebody else is at it; may be called any time."""
    if not _taken(batch, now):
        return
    try:
        _run(batch)
    except batch_run.Overtaken:
        log.info("batch %s is left to another worker", batch.uid)
    except batch_rows.BadRow as error:
        _fail(batch, _with_place(batch, error.number, str(error)))
    except (BadTable, BadLine, batch_run.Failure) as error:
        _fail(batch, str(error))
    except aws.AwsError as error:
        _fail_or_wait(batch, error)
    except Exception:
        _fail(batch, f"Something broke on our side. Report the reference {batch.uid}.")
        raise


def _taken(batch: BatchPrediction, now: datetime) -> bool:
    if batch.is_finished or batch.next_check_at > now:
        return False
    if not states.claim(batch, now=now, lease=batch_run.LEASE):
        return False
    if batch.status != Status.REQUESTED:
        return True
    begun = {"started_at": now, "next_check_at": batch.next_check_at}
    return states.advance(batch, frm=Status.REQUESTED, to=Status.RUNNING, **begun)


def _run(batch: BatchPrediction) -> None:
    progress = Progress(batch)
    if batch.way == Way.TRANSFORM:
        if transform.advance(batch, progress):
            _finish(batch, progress)
        return
    if batch.status == Status.RUNNING:
        endpoint = batch.endpoint
        if endpoint and endpoint.status in (Endpoint.Status.DELETING, Endpoint.Status.DELETED):
            raise aws.NotFound("it was deleted")
        if batch.rows_total is None:
            progress.tell(rows_total=batch_rows.counted(batch))
        parts = batch_run.ask_all(batch, progress)
        _finish(batch, progress, parts.last)
        return
    _finish(batch, progress)


def _finish(
    batch: BatchPrediction, progress: Progress, last: tuple[str, bytes] = ("", b"")
) -> None:
    """The kept parts as the batch's output; of a stopped one, too."""
    rows = sum(count for _, count, _ in batch.done_parts)
    if not rows and batch.status == Status.RUNNING:
        raise BadTable("There are no rows.", "Choose a file with rows.")
    output = batch_run.join(batch, progress, last) if rows else ""
    was_stopped = batch.status == Status.STOPPING
    if states.advance(
        batch,
        frm=batch.status,
        to=Status.STOPPED if was_stopped else Status.COMPLETED,
        rows_done=rows,
        rows_total=batch.rows_total if was_stopped else rows,
        output=output,
        done_parts=[],
        ended_at=timezone.now(),
    ):
        _forget(batch, f"{batch_run.prefix(batch)}parts/")
        if batch.way == Way.TRANSFORM:
            _forget(batch, transform.place(batch))


def _forget(batch: BatchPrediction, prefix: str) -> None:
    """Delete what nobody needs any more; what stays when S3 fails goes with the batch."""
    try:
        s3.delete_prefix(batch.workspace.account, batch.workspace.bucket, prefix)
    except aws.AwsError as error:
        log.warning("%s of batch %s stay: %s", prefix, batch.uid, error.message)


def stop(who: Actor, batch: BatchPrediction) -> None:
    """Ask it to end; what is answered until then is kept. One that is over stays as it is."""
    who.need(Role.MEMBER)
    now = timezone.now()
    if states.advance(
        batch, frm=Status.REQUESTED, to=Status.STOPPED, stop_requested_at=now, ended_at=now
    ) or states.advance(batch, frm=Status.RUNNING, to=Status.STOPPING, stop_requested_at=now):
        audit.note(who, "batch.stop", batch)


def _fail(batch: BatchPrediction, reason: str) -> None:
    states.advance(
        batch,
        frm=(Status.RUNNING, Status.STOPPING),
        to=Status.FAILED,
        failure_reason=reason,
        ended_at=timezone.now(),
    )


def _with_place(batch: BatchPrediction, number: int, message: str) -> str:
    """The message with the row's place in its file, and what to do."""
    line = None
    try:
        line = batch_rows.line_of(batch, number)
    except (aws.AwsError, BadTable) as error:
        log.warning("no line for row %d of batch %s: %s", number, batch.uid, error)
    place = f"Row {number:,} (line {line:,})" if line else f"Row {number:,}"
    advice = "Correct or remove it, and ask again." if batch.source else "Look at this row."
    return f"{place}: {message.rstrip('.')}. {advice}"


def _fail_or_wait(batch: BatchPrediction, error: aws.AwsError) -> None:
    if error.retryable and batch.attempts < ATTEMPTS:
        states.postpone(batch, now=timezone.now())
        return
    _fail(batch, _reason(batch, error))


def _reason(batch: BatchPrediction, error: aws.AwsError) -> str:
    asked = batch.endpoint or batch.model
    name = asked.name if asked else batch.name
    if isinstance(error, aws.NotFound):
        return f"{name} or the data is gone: {error.message}"
    if isinstance(error, aws.Denied):
        return f"AWS does not let the console ask {name}: {error.message}"
    if error.retryable:
        return f"AWS did not answer about {name} for too long: {error.message}"
    return f"AWS refused: {error.message}"
