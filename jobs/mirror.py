"""One look at a workspace's account: what changed at AWS becomes rows, for all who show them."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from aws import errors as aws
from aws import sagemaker
from aws.types import TrainingJob as Seen
from aws.types import TrainingJobSummary
from core import health_notes, live, states
from core.models import Workspace
from jobs import cursors, logs, values
from jobs.catalogue import of_image
from jobs.models import TrainingJob, TuningJob

DESCRIBE_ANYWAY = timedelta(seconds=15)  # an active job that the list does not mention
GRACE = timedelta(seconds=60)  # a job this young may be missing from a stale answer
LOGS_PER_LOOK = 20
LOG_SECONDS = 1.0  # a look: chatty logs must not keep the next statuses waiting
Status = TrainingJob.Status
log = logging.getLogger(__name__)


def look(workspace: Workspace, *, now: datetime) -> None:
    """Bring rows, logs and points up to date; one look at a time per workspace.

    Trouble with AWS is noted for the pages (`health_notes`) and never raised.
    """
    name = health_notes.mirror_name(workspace, "jobs")
    with cursors.alone(f"lease:{name}", now) as mine:
        if not mine:
            return
        try:
            _statuses(workspace, now)
            _logs(workspace, now)
        except aws.Throttled:
            log.info("%s: AWS throttles the mirror of jobs", workspace)
        except aws.AwsError as error:
            health_notes.beat(name, problem=f"{type(error).__name__}: {error.message}")
        else:
            health_notes.beat(name)


def _statuses(workspace: Workspace, now: datetime) -> None:
    rows = TrainingJob.objects.of(workspace)
    place = health_notes.mirror_name(workspace, "jobs")
    since = cursors.since(place, now)
    listed = list(sagemaker.list_training_jobs(workspace.account, modified_after=since))
    known = _known(workspace, listed)
    for summary in listed:
        row = known.get(summary.name)
        if row is None:
            _discover(workspace, summary)
        elif _differs(row, summary):
            _refresh(row, now)
    for row in rows.at_aws().due(now).select_related("workspace"):
        if row.aws_name not in known:
            _refresh(row, now)
    if listed:
        cursors.done(place, max(summary.modified for summary in listed))


def _known(workspace: Workspace, listed: list[TrainingJobSummary]) -> dict[str, TrainingJob]:
    """The rows of listed jobs, deleted ones too: what was removed here does not come back."""
    names = [summary.name for summary in listed]
    return {
        row.aws_name: row
        for start in range(0, len(names), 500)
        for row in TrainingJob.objects.of(workspace).filter(aws_name__in=names[start : start + 500])
    }


def _differs(row: TrainingJob, summary: TrainingJobSummary) -> bool:
    if row.status == Status.REQUESTED:  # the sweep finishes the submission first
        return False
    if row.aws_modified_at is None or summary.modified > row.aws_modified_at:
        return True
    return summary.status != row.status and not row.is_finished


def _refresh(row: TrainingJob, now: datetime) -> None:
    try:
        seen = sagemaker.describe_training_job(row.workspace.account, row.aws_name)
    except aws.NotFound:
        _missing(row, now)
        return
    apply(row, seen, now=now)


def _missing(row: TrainingJob, now: datetime) -> None:
    """Failed when AWS says twice, some time apart, that a job of some age is not there."""
    if row.is_finished or now - row.created_at < GRACE:
        return
    if row.attempts == 0:
        states.postpone(row, now=now, base=timedelta(seconds=5))
        return
    states.advance(
        row, frm=row.status, to=Status.FAILED, failure_reason="The job is no longer at AWS."
    )


def apply(row: TrainingJob, seen: Seen, *, now: datetime) -> bool:
    """Write what AWS said on the row; False when the answer is older than what the row knows.

    A finished row keeps its status, and Stopping does not turn back into InProgress.
    """
    unseen = Q(aws_modified_at__isnull=True) | Q(aws_modified_at__lte=seen.modified)
    fresh = TrainingJob.objects.filter(unseen, pk=row.pk, status=row.status)
    if not fresh.update(aws_modified_at=seen.modified):
        return False
    row.aws_modified_at = seen.modified
    changes = _changes(row, seen) | {"next_check_at": now + DESCRIBE_ANYWAY, "attempts": 0}
    stays = row.status == seen.status or row.is_finished
    turns_back = row.status == Status.STOPPING and seen.status == Status.IN_PROGRESS
    if row.is_finished and row.status != seen.status:
        return False
    values.keep_metrics(row, changes["metrics"])
    if stays or turns_back:
        return states.record(row, **changes)
    return states.advance(row, frm=row.status, to=seen.status, **changes)


def _changes(row: TrainingJob, seen: Seen) -> dict[str, Any]:
    return {
        "arn": seen.arn,
        "secondary_status": seen.secondary_status,
        "transitions": [
            {
                "status": step.status,
                "start": step.start.isoformat(),
                "end": step.end.isoformat() if step.end else None,
                "message": step.message,
            }
            for step in seen.transitions
        ],
        "metrics": {**row.metrics, **seen.metrics},
        "failure_reason": seen.failure_reason or _standing_reason(row, seen),
        "artifact": seen.artifact,
        "started_at": seen.started,
        "ended_at": seen.ended,
        "training_seconds": seen.training_seconds,
        "billable_seconds": seen.billable_seconds,
    }


def _standing_reason(row: TrainingJob, seen: Seen) -> str:
    """What the row says of a running job (a refused stop) no longer matters when it ended well."""
    return "" if seen.status in {Status.COMPLETED, Status.STOPPED} else row.failure_reason


def _discover(workspace: Workspace, summary: TrainingJobSummary) -> None:
    """A row for a job that somebody launched without this console."""
    try:
        seen = sagemaker.describe_training_job(workspace.account, summary.name)
    except aws.NotFound:
        return
    algorithm = of_image(seen.image)
    row = TrainingJob(
        workspace=workspace,
        name=seen.name,
        aws_name=seen.name,
        status=seen.status,
        created_at=seen.created,
        algorithm=algorithm.name if algorithm else "",
        image=seen.image,
        hyperparameters=dict(seen.hyperparameters),
        headline_metric=algorithm.headline(seen.hyperparameters) if algorithm else "",
        instance_type=seen.instance_type,
        instance_count=seen.instance_count,
        aws_modified_at=seen.modified,
    )
    for name, value in _changes(row, seen).items():
        setattr(row, name, value)
    # The past of strangers' jobs is not copied; their page points at CloudWatch.
    row.log_complete = row.is_finished
    row.headline_value = row.metrics.get(row.headline_metric)
    _adopt(row, seen.tuning_job_arn)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            values.keep_params(row)
            values.keep_metrics(row, row.metrics)
    except IntegrityError:  # another look was faster
        return
    live.publish(row)


def _adopt(row: TrainingJob, tuning_job_arn: str) -> None:
    """A trial belongs with what its tuning job was launched on, when that is one of ours."""
    if not tuning_job_arn:
        return
    tuning = TuningJob.objects.of(row.workspace).filter(arn=tuning_job_arn).first()
    if tuning is not None:
        row.tuning_job = tuning
        row.preparation, row.experiment = tuning.preparation, tuning.experiment
        row.created_by = tuning.created_by
        row.headline_metric = tuning.objective
        row.headline_value = row.metrics.get(tuning.objective)


def _logs(workspace: Workspace, now: datetime) -> None:
    """Read on in the logs of jobs that run or just ended, the longest unread first."""
    unread = (
        TrainingJob.objects.of(workspace)
        .at_aws()
        .filter(log_complete=False)
        .select_related("workspace")
        .order_by(F("log_read_at").asc(nulls_first=True))
    )
    ends = time.monotonic() + LOG_SECONDS
    for job in unread[:LOGS_PER_LOOK]:
        logs.follow(job, now=now)
        if time.monotonic() > ends:
            break
