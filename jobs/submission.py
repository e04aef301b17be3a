"""Handing a wished-for job to AWS and stopping it: the same beats for training and for tuning.

The row's `aws_name` is written before the first create call. While it is empty nothing can exist at
AWS; once it is set, whoever takes the row up looks there before deciding anything.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import IntegrityError, models, transaction

from aws import errors as aws
from aws import sagemaker
from core import audit, failpoints, live, states
from core.access import Actor
from core.models import Tracked
from jobs.errors import AlreadyOver, Outside
from jobs.models import TrainingJob, TuningJob

JobT = TypeVar("JobT", TrainingJob, TuningJob)

TAG = "mlconsole:id"
# Longer than a create call usually takes; two at once are harmless, the name is the same.
LEASE = timedelta(seconds=10)
REQUESTED, IN_PROGRESS, STOPPING = "Requested", "InProgress", "Stopping"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verbs(Generic[JobT]):
    """What one kind of job is called and told at AWS; `create` and `arn` answer its ARN."""

    name: Callable[[JobT], str]
    create: Callable[[JobT], str]
    arn: Callable[[JobT], str]
    stop: Callable[[JobT], None]
    began: Mapping[str, Any] = field(default_factory=dict)  # more of the row once AWS has it


def submit(job: JobT, verbs: Verbs[JobT], *, now: datetime) -> None:
    """Create the job at AWS, or adopt what an earlier attempt created; repeatable.

    Afterwards the row is InProgress, Stopped (nothing was created), Rejected with a reason, or
    still Requested and due again later.
    """
    is_due = job.status == REQUESTED and job.next_check_at <= now
    if not is_due or not states.claim(job, now=now, lease=LEASE):
        return
    try:
        arn = _created(job, verbs) if _may_create(job, verbs) else _created_earlier(job, verbs)
    except aws.AwsError as error:
        _give_up_or_wait(job, error, now=now)
        return
    failpoints.reach("jobs.submit.after_create")
    if not arn:
        states.advance(job, frm=REQUESTED, to="Stopped")
        return
    states.advance(job, frm=REQUESTED, to=IN_PROGRESS, arn=arn, **verbs.began)
    job.refresh_from_db()
    if job.stop_requested_at:  # asked for while the call was under way
        _stop_at_aws(job, verbs, now=now)


def _rows(job: Tracked) -> "models.QuerySet[Any]":
    manager: models.Manager[Any] = type(job)._default_manager
    return manager.filter(pk=job.pk)


def _may_create(job: JobT, verbs: Verbs[JobT]) -> bool:
    """Write the name down, unless a stop was asked for before; then nobody creates any more."""
    name = verbs.name(job)
    wanted = _rows(job).filter(status=REQUESTED, stop_requested_at__isnull=True)
    try:
        with transaction.atomic():
            may = bool(wanted.update(aws_name=name))
    except IntegrityError:  # the mirror found a job of this name that is not ours
        raise _foreign(name) from None
    if may:
        job.aws_name = name
    else:
        job.refresh_from_db()
    return may


def _created(job: JobT, verbs: Verbs[JobT]) -> str:
    """The ARN of the job at AWS; Invalid when somebody else's has the name."""
    try:
        return verbs.create(job)
    except aws.AlreadyExists:
        return _adopted(job, verbs)


def _created_earlier(job: JobT, verbs: Verbs[JobT]) -> str:
    """The ARN of what an earlier attempt created, "" when there is nothing of ours."""
    try:
        return _adopted(job, verbs) if job.aws_name else ""
    except (aws.NotFound, aws.Invalid):
        return ""


def _adopted(job: JobT, verbs: Verbs[JobT]) -> str:
    arn = verbs.arn(job)
    if sagemaker.list_tags(job.workspace.account, arn).get(TAG) != job.uid:
        raise _foreign(job.aws_name)
    return arn


def _foreign(name: str) -> aws.Invalid:
    return aws.Invalid(f"A job that this console did not make already has this name: {name}.")


def _give_up_or_wait(job: TrainingJob | TuningJob, error: aws.AwsError, *, now: datetime) -> None:
    """A row that ends here lets go of the name: what may exist at AWS is shown as found there."""
    if error.retryable:
        states.postpone(job, now=now)
        return
    if isinstance(error, aws.Invalid | aws.Denied):
        reason = f"{error.code}: {error.message}" if error.code else error.message
        states.advance(job, frm=REQUESTED, to="Rejected", failure_reason=reason, aws_name="")
        return
    reference = secrets.token_hex(6)
    log.error("submitting job %s failed [%s]", job.uid, reference)
    reason = f"Something broke on our side. Report the reference {reference}."
    states.advance(job, frm=REQUESTED, to="Failed", failure_reason=reason, aws_name="")
    raise error


def stop(who: Actor, job: TrainingJob | TuningJob, *, now: datetime) -> None:
    """Ask for the end of the job; AlreadyOver when it has ended, Outside when it is not ours.

    Repeatable. Before anything was sent to AWS the row is Stopped at once and nothing will be
    created. Later it keeps its status until AWS has taken the request (`halt`): then it is
    Stopping.
    """
    if job.is_finished:
        raise AlreadyOver(f"This job is {job.status} already.")
    if job.is_outside:
        raise Outside("Stop it where it was launched.")
    audit.note(who, f"{job.LIVE}.stop", job)
    unsent = _rows(job).filter(status=REQUESTED, aws_name="")
    if unsent.update(stop_requested_at=now):
        states.advance(job, frm=REQUESTED, to="Stopped", stop_requested_at=now)
        return
    running = _rows(job).filter(stop_requested_at__isnull=True).exclude(status__in=job.TERMINAL)
    if running.update(stop_requested_at=now, next_check_at=now):
        live.publish(job)
    job.refresh_from_db()


def halt(job: JobT, verbs: Verbs[JobT], *, now: datetime) -> None:
    """Hand the wish to stop to AWS; repeatable. A job that ended meanwhile is left as it ended."""
    wanted = job.status == IN_PROGRESS and job.stop_requested_at is not None
    if not wanted or job.next_check_at > now or not states.claim(job, now=now, lease=LEASE):
        return
    _stop_at_aws(job, verbs, now=now)


def _stop_at_aws(job: JobT, verbs: Verbs[JobT], *, now: datetime) -> None:
    try:
        verbs.stop(job)
    except (aws.WrongState, aws.NotFound):
        _rows(job).update(next_check_at=now)  # the mirror sees how
    except aws.AwsError as error:
        if error.retryable:
            states.postpone(job, now=now)
        else:
            states.record(
                job, stop_requested_at=None, failure_reason=f"Could not be stopped: {error.message}"
            )
    else:
        states.advance(job, frm=IN_PROGRESS, to=STOPPING)
