"""Labelled rows go through a model, and what it says is compared with what is true.

The rows are a batch prediction's: it goes on where a killed worker left it. Once it is complete the
comparison is made of its output, which may happen twice: it is the same, and written once.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from aws.errors import AwsError
from core import audit, idempotency, states
from core.access import Actor
from core.models import Role, new_uid
from datasets.models import Preparation
from endpoints import batch as batches
from endpoints import batch_upload
from endpoints.batch_run import prefix as batch_prefix
from endpoints.models import BatchPrediction, Endpoint, RegisteredModel
from results import files, known, originals, outcome, slices, subjects, table
from results.errors import AlreadyOver, Unusable
from results.models import Evaluation
from results.subjects import Subject

WATCH = timedelta(seconds=15)  # while the batch has its own lease
SCORING = timedelta(minutes=2)  # a million rows take seconds
PAUSE = timedelta(seconds=1)  # between two looks at a batch that somebody else runs
ATTEMPTS = 8  # with the sweep's back-off: about ten minutes of an S3 that does not answer
ACTIVE = (Evaluation.Status.REQUESTED, Evaluation.Status.RUNNING)
Way = BatchPrediction.Way
log = logging.getLogger(__name__)


class Wish(TypedDict, total=False):
    """The rows are a `split` (test), the file of an upload's `draft`, or that of a batch (`like`).

    Without a `preparation` it is the one that the model was trained on. `known_by` names the column
    that tells what is true where a model has learned without. Instances are for a model's job.
    """

    preparation: Preparation | None
    split: str
    draft: BatchPrediction | None
    like: BatchPrediction | None
    known_by: str
    instance_type: str
    instance_count: int


def request(
    who: Actor,
    *,
    endpoint: Endpoint | None = None,
    model: RegisteredModel | None = None,
    group: str = "",
    is_sample: bool = False,
    **wish: Unpack[Wish],
) -> Evaluation:
    """Write the wish down: through `endpoint`, or by a batch transform job of `model`.

    EndpointNotReady, NotComparable, UnknownSplit, or what the batch refuses, at the field.
    """
    who.need(Role.MEMBER)
    subject = subjects.of(endpoint, model)
    preparation = _fitting(subject, wish)
    batch = _batch(who, subject, preparation, wish)
    evaluation = Evaluation.objects.create(
        workspace=subject.workspace,
        created_by=who.user,
        name=batch.name,
        status=Evaluation.Status.REQUESTED,
        endpoint=batch.endpoint,
        model=None if endpoint else model,
        batch=batch,
        preparation=preparation,
        split=batch.split,
        source=batch.source,
        source_name=batch.source_name,
        group=group,
        rows=batch.rows_total,
        labels=preparation.labels,
        outcome={known.COLUMN: name} if (name := wish.get("known_by")) else {},
        is_sample=is_sample,
    )
    told = {"subject": subject.uid, "split": batch.split, "source": batch.source}
    audit.note(who, "evaluation.create", evaluation, **told)
    return evaluation


def _fitting(subject: Subject, wish: Wish) -> Preparation:
    """What `subjects.check` says to the wish."""
    is_file = wish.get("draft") or wish.get("like")
    split = "" if is_file else wish.get("split", "test")
    return subjects.check(subject, wish.get("preparation"), split, wish.get("known_by", ""))


def _batch(who: Actor, subject: Subject, preparation: Preparation, wish: Wish) -> BatchPrediction:
    draft, like = wish.get("draft"), wish.get("like")
    file, is_endpoint = draft or like, isinstance(subject, Endpoint)
    split = "" if file else wish.get("split", "test")
    return batches.request(
        who,
        name=f"{subject.name} on {file.source_name if file else split}",
        endpoint=subject if isinstance(subject, Endpoint) else None,
        model=None if isinstance(subject, Endpoint) else subject,
        way=Way.ENDPOINT if is_endpoint else Way.TRANSFORM,
        preparation=preparation,
        split=split,
        draft=draft,
        source=like.source if like else "",
        source_name=like.source_name if like else "",
        has_truth=bool(preparation.target),
        is_listed=False,
        instance_type=wish.get("instance_type", ""),
        instance_count=wish.get("instance_count", 1),
    )


def request_all(
    who: Actor, endpoints: Sequence[Endpoint], **wish: Unpack[Wish]
) -> list[Evaluation]:
    """One evaluation of each endpoint, of the same rows; several share a `group`.

    Either all are asked for or none; raises as `request`.
    """
    group = new_uid() if len(endpoints) > 1 else ""
    if endpoints and not wish.get("preparation"):
        wish["preparation"] = subjects.trained_on(endpoints[0])
    found: list[Evaluation] = []
    with transaction.atomic():
        for endpoint in endpoints:
            if found and wish.get("draft"):
                wish["draft"], wish["like"] = None, found[0].batch
            found.append(request(who, endpoint=endpoint, group=group, **wish))
    return found


def once_asked(
    who: Actor,
    endpoints: Sequence[Endpoint],
    *,
    key: str = "",
    model: RegisteredModel | None = None,
    **wish: Unpack[Wish],
) -> Evaluation:
    """The first evaluation, once per `key`: of `endpoints`, or of `model`.

    Raises as `request`, and as `files.check` about the first rows of the file.
    """
    subject = endpoints[0] if endpoints else subjects.of(None, model)
    fits, draft = _fitting(subject, wish), wish.get("draft")
    if draft:
        files.check(draft, fits)

    def make() -> Evaluation:
        if endpoints:
            return request_all(who, endpoints, **wish)[0]
        return request(who, model=model, **wish)

    asked = [one.uid for one in endpoints] or [subject.uid]
    content = json.dumps([asked, _told(wish)], sort_keys=True, default=str)
    row, _ = idempotency.once(who, key, Evaluation, make, content=content)
    if draft and row.batch_id != draft.pk:
        batch_upload.drop(draft, timezone.now())
    return row


def _told(wish: Wish) -> dict[str, Any]:
    """What makes two wishes the same; an upload by its name, as it has no other yet."""
    found = {name: getattr(value, "uid", value) for name, value in wish.items()}
    draft = wish.get("draft")
    return found | {"draft": draft.source_name if draft else ""}


def together(evaluation: Evaluation) -> list[Evaluation]:
    """It, and those that were asked for at once with it, in that order."""
    if not evaluation.group:
        return [evaluation]
    rows = Evaluation.objects.present().filter(
        workspace_id=evaluation.workspace_id, group=evaluation.group
    )
    return list(rows.light().select_related("batch", "endpoint").order_by("pk"))


def prefixes(evaluation: Evaluation) -> list[str]:
    """Under these lies all that belongs to the evaluation."""
    found = [table.prefix(evaluation)]
    return found + ([batch_prefix(evaluation.batch)] if evaluation.batch else [])


def stop(who: Actor, evaluation: Evaluation) -> None:
    """End it: no further row is asked about. AlreadyOver once it has ended."""
    who.need(Role.MEMBER)
    if evaluation.batch:
        batches.stop(who, evaluation.batch)
    if not states.advance(evaluation, frm=ACTIVE, to=Evaluation.Status.STOPPED):
        raise AlreadyOver(evaluation.name)
    audit.note(who, "evaluation.stop", evaluation)


def run(evaluation: Evaluation, now: datetime) -> None:
    """Bring `evaluation` as far as possible, unless somebody else is at it; may be called any time.

    Several workers may call it: the batch has a lease of its own.
    """
    if evaluation.status not in ACTIVE or evaluation.next_check_at > now:
        return
    if not states.claim(evaluation, now=now, lease=WATCH):
        return
    if evaluation.status == Evaluation.Status.REQUESTED and not states.advance(
        evaluation,
        frm=Evaluation.Status.REQUESTED,
        to=Evaluation.Status.RUNNING,
        next_check_at=evaluation.next_check_at,
    ):
        return
    # Loaded whole: it asks from several threads, which may not read rows themselves.
    batch = BatchPrediction.objects.listed().filter(evaluation=evaluation).first()
    if batch is None:
        _fail(evaluation, "It is from before evaluations could be continued. Evaluate again.")
        return
    batches.run(batch, now)
    evaluation.refresh_from_db()
    if evaluation.status == Evaluation.Status.RUNNING:
        _follow(evaluation, batch)


def _follow(evaluation: Evaluation, batch: BatchPrediction) -> None:
    """What follows from how the batch stands."""
    batch.refresh_from_db(fields=["status", "failure_reason", "output", "next_check_at"])
    if batch.status == BatchPrediction.Status.COMPLETED:
        now = timezone.now()
        if states.claim(evaluation, now=now, lease=SCORING):
            _score(evaluation, batch)
    elif batch.status == BatchPrediction.Status.FAILED:
        _fail(evaluation, batch.failure_reason)
    elif batch.is_finished:
        states.advance(evaluation, frm=ACTIVE, to=Evaluation.Status.STOPPED)
    else:
        states.record(evaluation, next_check_at=timezone.now() + PAUSE)


def _fail(evaluation: Evaluation, reason: str) -> None:
    states.advance(evaluation, frm=ACTIVE, to=Evaluation.Status.FAILED, failure_reason=reason)


def _score(evaluation: Evaluation, batch: BatchPrediction) -> None:
    try:
        _compare(evaluation, batch)
    except Unusable as error:
        _fail(evaluation, error.message)
    except AwsError as error:
        if error.retryable and evaluation.attempts < ATTEMPTS:
            states.postpone(evaluation, now=timezone.now())
        else:
            _fail(evaluation, f"The predictions cannot be read: {error.message}")
    except Exception:
        _fail(evaluation, f"Something broke on our side. Report the reference {evaluation.uid}.")
        raise


def _compare(evaluation: Evaluation, batch: BatchPrediction) -> None:
    """Make the outcome of the batch's output, and write it down unless somebody was faster."""
    evaluation.predictions_key = batch.output
    rows, task = table.whole(evaluation), subjects.task_of(evaluation)
    is_kept = originals.keep(evaluation, len(rows.row))
    rows, labels = with_known(evaluation, rows, task, is_kept=is_kept)
    try:
        metrics, confusion, found = outcome.build(
            task, rows, labels, is_text=subjects.is_text(evaluation.preparation)
        )
    except ValueError as error:
        raise Unusable(f"The answers cannot be compared: {error}") from error
    if is_kept and rows.actual is not None and task in subjects.COMPARED:
        measured = slices.measure(task, rows.actual, rows.predicted)
        target = evaluation.preparation.target
        divided = ((n, cells) for n, cells in originals.columns(evaluation) if n != target)
        found["slices"] = slices.weakest(divided, measured)
    if name := known.column_of(evaluation):
        found[known.COLUMN] = name
    states.advance(
        evaluation,
        frm=Evaluation.Status.RUNNING,
        to=Evaluation.Status.COMPLETED,
        rows=len(rows.row),
        rows_done=len(rows.row),
        labels=labels,
        metrics=metrics,
        confusion=confusion,
        outcome=found,
        predictions_key=batch.output,
        seconds=(timezone.now() - evaluation.status_at).total_seconds(),
    )


def with_known(
    evaluation: Evaluation, rows: outcome.Table, task: str, *, is_kept: bool
) -> tuple[outcome.Table, list[Any]]:
    """`rows` with what the known column tells, if one was named, and the labels.

    Of anomalies the rarer of two words is the strange one. Unusable when the column is not there.
    """
    if not (name := known.column_of(evaluation)):
        return rows, evaluation.labels
    cells = originals.column(evaluation, name, timeout=table.SECONDS) if is_kept else None
    if cells is None:
        raise Unusable(f"The rows have no column “{name}” to compare with.")
    labels = known.labels_in(evaluation, cells, by_count=task == "anomaly")
    if task == "anomaly" and len(labels) != 2:
        raise Unusable(f"“{name}” has {len(labels):,} values; usual or strange are two.")
    if len(labels) > subjects.MOST_LABELS:
        raise Unusable(f"“{name}” has {len(labels):,} values; at most {subjects.MOST_LABELS:,}.")
    return replace(rows, actual=known.codes(evaluation, cells, labels)), labels
