"""One look at a workspace's tuning jobs: what changed at AWS becomes rows. Trials are jobs' own."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from aws import errors as aws
from aws import sagemaker
from aws.types import TuningJob as Seen
from aws.types import TuningJobSummary
from core import health_notes, live, states
from core.models import Workspace
from jobs import cursors
from jobs.catalogue import of_image
from jobs.models import TrainingJob, TuningJob

AGAIN = timedelta(seconds=5)  # an active tuning job's counts change without its modified time
GRACE = timedelta(seconds=60)  # one this young may be missing from a stale answer
Status = TuningJob.Status
log = logging.getLogger(__name__)


def look(workspace: Workspace, *, now: datetime) -> None:
    """Bring the rows up to date; one look at a time. Trouble is noted for the pages, not raised."""
    name = health_notes.mirror_name(workspace, "tuning")
    with cursors.alone(f"lease:{name}", now) as mine:
        if not mine:
            return
        try:
            _statuses(workspace, name, now)
        except aws.Throttled:
            log.info("%s: AWS throttles the mirror of tuning jobs", workspace)
        except aws.AwsError as error:
            health_notes.beat(name, problem=f"{type(error).__name__}: {error.message}")
        else:
            health_notes.beat(name)


def _statuses(workspace: Workspace, place: str, now: datetime) -> None:
    since = cursors.since(place, now)
    listed = list(sagemaker.list_tuning_jobs(workspace.account, modified_after=since))
    rows = TuningJob.objects.of(workspace)
    known = {row.aws_name: row for row in rows.filter(aws_name__in=[one.name for one in listed])}
    for summary in listed:
        row = known.get(summary.name)
        if row is None:
            _discover(workspace, summary, now)
        elif row.status != Status.REQUESTED and _differs(row, summary):
            _refresh(row, now)
    due = rows.due(now).exclude(aws_name="").exclude(status=Status.REQUESTED)
    for row in due.select_related("workspace"):
        if row.aws_name not in known or row.next_check_at <= now:
            _refresh(row, now)
    if listed:
        cursors.done(place, max(summary.modified for summary in listed))


def _differs(row: TuningJob, summary: TuningJobSummary) -> bool:
    if row.aws_modified_at is None or summary.modified > row.aws_modified_at:
        return True
    return summary.status != row.status and not row.is_finished


def _refresh(row: TuningJob, now: datetime) -> None:
    try:
        seen = sagemaker.describe_tuning_job(row.workspace.account, row.aws_name)
    except aws.NotFound:
        if not row.is_finished and now - row.created_at >= GRACE:
            reason = "The tuning job is no longer at AWS."
            states.advance(row, frm=row.status, to=Status.FAILED, failure_reason=reason)
        return
    _apply(row, seen, now)
    _gather(row)


def _apply(row: TuningJob, seen: Seen, now: datetime) -> None:
    """A finished row keeps its status, and Stopping does not turn back into InProgress."""
    changes = _changes(seen) | {"next_check_at": now + AGAIN, "attempts": 0}
    turns_back = row.status == Status.STOPPING and seen.status == Status.IN_PROGRESS
    if row.is_finished and row.status != seen.status:
        return
    if row.status == seen.status or turns_back:
        if any(getattr(row, name) != value for name, value in _changes(seen).items()):
            states.record(row, **changes)
        else:  # nothing new: no page needs to know
            TuningJob.objects.filter(pk=row.pk).update(next_check_at=now + AGAIN)
        return
    states.advance(row, frm=row.status, to=seen.status, **changes)


def _changes(seen: Seen) -> dict[str, Any]:
    return {
        "arn": seen.arn,
        "counts": dict(seen.counts),
        "best_name": seen.best_name,
        "best_value": seen.best_value,
        "failure_reason": seen.failure_reason,
        "started_at": seen.created,
        "ended_at": seen.ended,
        "aws_modified_at": seen.modified,
    }


def _gather(row: TuningJob) -> None:
    """Put trials that the mirror of jobs found before this row knew its ARN where they belong."""
    strays = TrainingJob.objects.of(row.workspace).filter(
        tuning_job=None, aws_name__startswith=f"{row.aws_name}-"
    )
    if not strays.exists():
        return
    names = [trial.name for trial in sagemaker.list_trials(row.workspace.account, row.aws_name)]
    for start in range(0, len(names), 500):
        strays.filter(aws_name__in=names[start : start + 500]).update(
            tuning_job=row,
            preparation=row.preparation_id,
            experiment=row.experiment_id,
            headline_metric=row.objective,
        )


def _discover(workspace: Workspace, summary: TuningJobSummary, now: datetime) -> None:
    """A row for a tuning job that somebody launched without this console."""
    try:
        seen = sagemaker.describe_tuning_job(workspace.account, summary.name)
    except aws.NotFound:
        return
    algorithm = of_image(seen.image)
    row = TuningJob(
        workspace=workspace,
        name=seen.name,
        aws_name=seen.name,
        status=seen.status,
        created_at=seen.created,
        algorithm=algorithm.name if algorithm else "",
        image=seen.image,
        hyperparameters=dict(seen.hyperparameters),
        ranges=[{**vars(one), "values": list(one.values)} for one in seen.ranges],
        objective=seen.objective,
        direction=seen.direction.lower(),
        strategy=seen.strategy,
        max_jobs=seen.max_jobs,
        max_parallel=seen.max_parallel,
        instance_type=seen.instance_type,
        instance_count=seen.instance_count,
        next_check_at=now + AGAIN,
        **_changes(seen),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another look was faster
        return
    live.publish(row)
    _gather(row)
