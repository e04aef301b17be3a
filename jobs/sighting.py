"""What AWS says of a training job, written on its row: in order, once, and never against itself."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from aws import errors as aws
from aws import sagemaker
from aws.clients import Account
from aws.types import TrainingJob as Seen
from aws.types import TrainingJobSummary
from core import live, states
from core.models import Workspace
from jobs import values
from jobs.catalogue import of_image
from jobs.models import TrainingJob, TuningJob

AGAIN = timedelta(seconds=15)  # an active job that no list vouches for is asked after again
GRACE = timedelta(seconds=60)  # a job this young may be missing from a stale answer
LATELY = timedelta(minutes=15)  # so long after a stranger's job ended its log is still copied
SECRET = re.compile(r"secret|password|passwd|token|credential|api_?key|access_?key", re.IGNORECASE)
Status = TrainingJob.Status


def differs(row: TrainingJob, listed: TrainingJobSummary) -> bool:
    """Whether the list knows something that the row does not."""
    if row.status == Status.REQUESTED:  # the sweep finishes the submission first
        return False
    if row.aws_modified_at is None or listed.modified > row.aws_modified_at:
        return True
    if row.is_finished:  # a contradiction that is not noted, or a noted one that is over
        return (listed.status != row.status) != bool(row.drift)
    return listed.status != row.status


def found(
    workspace: Workspace, listed: Iterable[TrainingJobSummary], now: datetime
) -> list[TrainingJob]:
    """Rows for jobs that nobody launched here, with what a list tells; `refresh` adds the rest."""
    names = [one.name for one in listed]
    rows = [_found(workspace, one, now) for one in listed]
    TrainingJob.objects.bulk_create(rows, ignore_conflicts=True)  # another look may be faster
    kept = TrainingJob.objects.of(workspace).filter(aws_name__in=names)
    made = list(kept.filter(uid__in=[row.uid for row in rows]).order_by("-created_at"))
    if made:
        live.publish(made[0])
    return made


def _found(workspace: Workspace, listed: TrainingJobSummary, now: datetime) -> TrainingJob:
    is_past = listed.ended is not None and now - listed.ended > LATELY
    return TrainingJob(
        workspace=workspace,
        name=listed.name,
        aws_name=listed.name,
        arn=listed.arn,
        status=listed.status,
        secondary_status=listed.secondary_status,
        created_at=listed.created,
        status_at=listed.ended or listed.modified,
        ended_at=listed.ended,
        next_check_at=now,
        # The past of strangers' jobs is not copied; their page points at CloudWatch.
        log_complete=is_past,
    )


def refresh(row: TrainingJob, account: Account, *, now: datetime, is_doubted: bool = False) -> None:
    """Ask AWS about one job and write the answer down; raises AwsError when there is none.

    A finished job is called gone only when a list has missed it, too (`is_doubted`).
    """
    try:
        seen = sagemaker.describe_training_job(account, row.aws_name)
    except aws.NotFound:
        if is_doubted or not row.is_finished:
            _missing(row, now)
        return
    if row.aws_modified_at is None and not row.aws_name.endswith(row.uid):
        _learn(row, seen)
    apply(row, seen, now=now)


def introduce(workspace: Workspace, account: Account, name: str, *, now: datetime) -> None:
    """A row for a job that we only know the name of, unless AWS does not know it."""
    try:
        seen = sagemaker.describe_training_job(account, name)
    except aws.NotFound:
        return
    states_seen = (seen.status, seen.secondary_status, seen.created, seen.modified, seen.ended)
    for row in found(workspace, [TrainingJobSummary(seen.name, seen.arn, *states_seen)], now):
        _learn(row, seen)
        apply(row, seen, now=now)


def _missing(row: TrainingJob, now: datetime) -> None:
    """Failed when AWS says twice, some time apart, that a job of some age is not there."""
    if row.is_finished:
        drifted(row, "The job is no longer at AWS.")
    elif now - row.created_at < GRACE:
        TrainingJob.objects.filter(pk=row.pk).update(next_check_at=now + AGAIN)
    elif row.attempts == 0:
        states.postpone(row, now=now, base=timedelta(seconds=5))
    else:
        reason = "The job is no longer at AWS."
        states.advance(row, frm=row.status, to=Status.FAILED, failure_reason=reason)


def apply(row: TrainingJob, seen: Seen, *, now: datetime) -> bool:
    """Write what AWS said on the row; False when the answer is older than what the row knows.

    A finished row keeps its status, and Stopping does not turn back into InProgress. What
    contradicts a finished row is noted as its drift, and nothing else of it is believed.
    """
    unseen = Q(aws_modified_at__isnull=True) | Q(aws_modified_at__lte=seen.modified)
    fresh = TrainingJob.objects.filter(unseen, pk=row.pk, status=row.status)
    if not fresh.update(aws_modified_at=seen.modified):
        return False
    row.aws_modified_at = seen.modified
    if row.is_finished and (contradiction := _contradiction(row, seen)):
        drifted(row, contradiction)
        return False
    changes = _changes(row, seen) | {"next_check_at": now + AGAIN, "attempts": 0, "drift": ""}
    turns_back = row.status == Status.STOPPING and seen.status == Status.IN_PROGRESS
    values.keep_metrics(row, changes["metrics"])
    if row.status == seen.status or turns_back:
        return states.record(row, **changes)
    return states.advance(row, frm=row.status, to=seen.status, **changes)


def _contradiction(row: TrainingJob, seen: Seen) -> str:
    """How AWS disagrees with a finished row, in a sentence; "" when it does not."""
    if row.ended_at and seen.created > row.ended_at:
        return f"AWS has another job of this name now, created {seen.created:%Y-%m-%d %H:%M} UTC."
    if seen.status != row.status:
        return f"AWS says {seen.status}, this console saw it end as {row.status}."
    if row.artifact and seen.artifact != row.artifact:
        return f"AWS names another artifact: {seen.artifact or 'none'}"[:255]
    return ""


def drifted(row: TrainingJob, sentence: str) -> None:
    """Note how AWS contradicts a finished row; the row itself stays as it was."""
    if row.drift != sentence[:255]:
        states.record(row, drift=sentence[:255])


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


def _learn(row: TrainingJob, seen: Seen) -> None:
    """What somebody else asked AWS for, onto the row of their job."""
    algorithm = of_image(seen.image)
    headline = algorithm.headline(seen.hyperparameters) if algorithm else ""
    asked: dict[str, Any] = {
        "algorithm": algorithm.name if algorithm else "",
        "image": seen.image,
        "hyperparameters": dict(seen.hyperparameters),
        "headline_metric": headline,
        "instance_type": seen.instance_type,
        "instance_count": seen.instance_count,
        "volume_gb": seen.volume_gb,
        "max_runtime_seconds": seen.max_runtime_seconds,
        "use_spot": seen.use_spot,
        "max_wait_seconds": seen.max_wait_seconds,
        "inputs": {
            one.name: {"uri": one.s3_uri, "content_type": one.content_type} for one in seen.channels
        },
        "environment": {
            name: "…" if SECRET.search(name) else text for name, text in seen.environment.items()
        },
    } | _adopted(row, seen)
    asked["headline_value"] = seen.metrics.get(asked["headline_metric"])
    for name, value in asked.items():
        setattr(row, name, value)
    TrainingJob.objects.filter(pk=row.pk).update(**asked)
    values.keep_params(row)


def _adopted(row: TrainingJob, seen: Seen) -> dict[str, Any]:
    """A trial belongs with what its tuning job was launched on, when that is one of ours."""
    tunings = TuningJob.objects.of(row.workspace).filter(arn=seen.tuning_job_arn)
    tuning = tunings.first() if seen.tuning_job_arn else None
    if tuning is None:
        return {}
    return {
        "tuning_job": tuning,
        "preparation": tuning.preparation,
        "experiment": tuning.experiment,
        "created_by": tuning.created_by,
        "headline_metric": tuning.objective,
    }


def known(workspace: Workspace, names: Sequence[str]) -> dict[str, TrainingJob]:
    """The rows of these names, deleted ones too: what was removed here does not come back."""
    light = ("uid", "workspace", "status", "aws_name", "aws_modified_at", "next_check_at")
    rows = TrainingJob.objects.of(workspace).only(*light, "drift", "created_at", "ended_at")
    return {
        row.aws_name: row
        for start in range(0, len(names), 500)
        for row in rows.filter(aws_name__in=names[start : start + 500])
    }
