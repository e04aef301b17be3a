"""A job's log: copied line by line out of CloudWatch Logs, so that pages need not ask AWS."""

from datetime import datetime, timedelta

from django.db import transaction

from aws import logs as cloudwatch_logs
from aws.types import LogPage
from core import live
from jobs import loglevels, metrics
from jobs.models import LogLine, TrainingJob

PAGES = 3  # a look; the next one reads on
LINES = 2_000  # a page and instance: each is one short transaction
# CloudWatch delivers late: a log counts as read when so long after the end nothing came.
SETTLED = timedelta(seconds=30)


def follow(job: TrainingJob, *, now: datetime) -> None:
    """Copy what is new. AwsError when AWS does not answer; the next look reads on from there."""
    for _ in range(PAGES):
        page = cloudwatch_logs.training_job_events(
            job.workspace.account, job.aws_name, next_token=job.log_token, limit=LINES
        )
        if not page.events or not keep(job, page):
            break
    over = job.ended_at or job.status_at
    complete = job.is_finished and not page.events and now - over > SETTLED
    TrainingJob.objects.filter(pk=job.pk).update(log_read_at=now, log_complete=complete)


def keep(job: TrainingJob, page: LogPage) -> bool:
    """Store a page that follows `job.log_token`; False when another reader stored it first."""
    events = page.events
    with transaction.atomic():
        unread = TrainingJob.objects.filter(
            pk=job.pk, log_token=job.log_token, log_lines=job.log_lines
        )
        if not unread.update(log_token=page.next_token, log_lines=job.log_lines + len(events)):
            return False
        LogLine.objects.bulk_create(
            [
                LogLine(
                    job=job,
                    number=number,
                    at=event.at,
                    message=event.message.replace("\0", "�"),
                    level=loglevels.level(event.message),
                )
                for number, event in enumerate(events, job.log_lines + 1)
            ],
            batch_size=2_000,
        )
        metrics.store(job, (event.message for event in events))
    job.log_token, job.log_lines = page.next_token, job.log_lines + len(events)
    live.publish(job)
    return True
