"""One look at a workspace's tuning jobs: what changed at AWS becomes rows. Trials are jobs' own.

As with jobs: a few calls a look, however many there are. What a look could not describe holds the
cursor back, or the page of the round, and comes first in the next.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction

from aws import errors as aws
from aws import sagemaker
from aws.types import TuningJob as Seen
from aws.types import TuningJobSummary
from core import live, states
from core.models import Workspace
from jobs import cursors
from jobs.catalogue import of_image
from jobs.cursors import Pass
from jobs.models import TrainingJob, TuningJob

CALLS = 5
AGAIN = timedelta(seconds=5)  # an active tuning job's counts change without its modified time
ROUND = timedelta(minutes=5)  # between two walks over all of them
GRACE = timedelta(seconds=60)  # one this young may be missing from a stale answer
Status = TuningJob.Status


def look(workspace: Workspace, *, now: datetime) -> None:
    """Bring the rows up to date; one look at a time. Trouble is noted for the pages, not raised."""
    cursors.look(workspace, "tuning", CALLS, _statuses, now=now)


def _statuses(one: Pass, name: str) -> bool:
    """Whether the list of changes could be read."""
    if not one.may_ask("sagemaker.list"):
        return False
    since = cursors.since(name, one.now)
    page, more = next(sagemaker.tuning_job_pages(one.account, {"LastModifiedTimeAfter": since}))
    left = _describe(one, page)
    if page and not more:  # more than a hundred changes: the cursor waits, the round goes on
        waiting = [job.modified for job in page if job.name in left]
        cursors.done(name, min([max(job.modified for job in page), *waiting]))
    _round(one, f"{name}:all")
    due = TuningJob.objects.of(one.workspace).due(one.now).exclude(aws_name="")
    due = due.exclude(status=Status.REQUESTED).order_by("next_check_at")
    for row in due.select_related("workspace")[:CALLS]:
        if not _refresh(one, row):
            break
    return True


def _round(one: Pass, name: str) -> None:
    """The next page of a walk over all, newest first; it stays while it holds unknown ones."""
    resting, place = cursors.get(f"rest:{name}"), cursors.get(f"place:{name}")
    if (place is None and resting and resting > one.now) or not one.may_ask("sagemaker.list"):
        return
    below = {} if place is None else {"CreationTimeBefore": place + timedelta(seconds=1)}
    page, more = next(sagemaker.tuning_job_pages(one.account, below))
    if _describe(one, page):
        return
    if more:
        cursors.put(f"place:{name}", page[-1].created)
    else:
        cursors.drop(f"place:{name}")
        cursors.put(f"rest:{name}", one.now + ROUND)


def _describe(one: Pass, page: Iterable[TuningJobSummary]) -> set[str]:
    """Describe what changed on a page, then what is new; the names that must wait."""
    listed = list(page)
    rows = TuningJob.objects.of(one.workspace).filter(aws_name__in=[job.name for job in listed])
    known = {row.aws_name: row for row in rows.select_related("workspace")}
    left = set()
    for job in sorted(listed, key=lambda job: job.name not in known):
        row = known.get(job.name)
        if row is None:
            done = _discover(one, job)
        elif row.status != Status.REQUESTED and _differs(row, job):
            done = _refresh(one, row)
        else:
            continue
        if not done:
            left.add(job.name)
    return left


def _differs(row: TuningJob, summary: TuningJobSummary) -> bool:
    if row.aws_modified_at is None or summary.modified > row.aws_modified_at:
        return True
    return summary.status != row.status and not row.is_finished


def _refresh(one: Pass, row: TuningJob) -> bool:
    """False when the look may ask no more."""
    if not one.may_ask("sagemaker.describe"):
        return False
    try:
        seen = sagemaker.describe_tuning_job(one.account, row.aws_name)
    except aws.NotFound:
        if not row.is_finished and one.now - row.created_at >= GRACE:
            reason = "The tuning job is no longer at AWS."
            states.advance(row, frm=row.status, to=Status.FAILED, failure_reason=reason)
        return True
    _apply(row, seen, one.now)
    _gather(one, row)
    return True


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


def _gather(one: Pass, row: TuningJob) -> None:
    """Put trials that the mirror of jobs found before this row knew its ARN where they belong."""
    strays = TrainingJob.objects.of(row.workspace).filter(
        tuning_job=None, aws_name__startswith=f"{row.aws_name}-"
    )
    if not strays.exists() or not one.may_ask("sagemaker.list"):
        return
    # The first hundred, one call: it is known before it has had more.
    trials = islice(sagemaker.list_trials(one.account, row.aws_name), 100)
    strays.filter(aws_name__in=[trial.name for trial in trials]).update(
        tuning_job=row,
        preparation=row.preparation_id,
        experiment=row.experiment_id,
        created_by=row.created_by_id,
        headline_metric=row.objective,
    )


def _discover(one: Pass, summary: TuningJobSummary) -> bool:
    """A row for a tuning job that somebody else launched; False when the look may ask no more."""
    if not one.may_ask("sagemaker.describe"):
        return False
    try:
        seen = sagemaker.describe_tuning_job(one.account, summary.name)
    except aws.NotFound:
        return True
    algorithm = of_image(seen.image)
    row = TuningJob(
        workspace=one.workspace,
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
        next_check_at=one.now + AGAIN,
        **_changes(seen),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another look was faster
        return True
    live.publish(row)
    _gather(one, row)
    return True
