"""A job's log: copied line by line out of CloudWatch Logs, so that pages need not ask AWS."""

from datetime import UTC, datetime, timedelta

from django.db import transaction

from aws import logs as cloudwatch_logs
from aws.types import LogPage
from core import live
from jobs import loglevels, metrics
from jobs.cursors import Pass
from jobs.models import LogLine, TrainingJob

PAGES = 3  # a look; the next one reads on
LINES = 2_000  # a page and instance: each is one short transaction
STREAMS = 5  # a page: of a job on more instances those that waited longest
SOON = timedelta(seconds=10)  # a log that was read so lately is as good as followed
WANTED = datetime(1970, 1, 1, tzinfo=UTC)  # read long ago, as it were
# CloudWatch delivers late: a log counts as read when so long after the end nothing came.
SETTLED = timedelta(seconds=30)


def follow(job: TrainingJob, one: Pass) -> bool:
    """Copy what is new; False when the pass may ask no more.

    AwsError when AWS does not answer: the next look reads on from there.
    """
    page, streams = LogPage(), 0
    for _ in range(PAGES):
        look_up = _must_look_up(job)
        streams = one.may_ask("logs", look_up + min(job.instance_count, STREAMS)) - look_up
        if streams < 1:
            return False
        page = cloudwatch_logs.training_job_events(
            one.account,
            job.aws_name,
            next_token=job.log_token,
            limit=LINES,
            streams=streams,
            look_up=look_up,
        )
        if not page.events or not keep(job, page) or len(page.events) < LINES:
            break
    over = job.ended_at or job.status_at
    is_read = job.is_finished and page.is_whole and not page.events
    complete = is_read and one.now - over > SETTLED
    TrainingJob.objects.filter(pk=job.pk).update(log_read_at=one.now, log_complete=complete)
    return True


def want(job: TrainingJob, *, now: datetime) -> None:
    """Somebody looks at the job: where many wait to be read, its log is read next."""
    if job.log_complete or not job.aws_name or (job.log_read_at or job.created_at) > now - SOON:
        return
    TrainingJob.objects.filter(pk=job.pk, log_complete=False).update(log_read_at=WANTED)


def _must_look_up(job: TrainingJob) -> bool:
    """Whether streams may be there that we do not know: an instance's first line makes its own.

    A job on spot instances goes on in a new one after each interruption.
    """
    known = job.log_token.count("/algo-")
    return job.is_finished or job.use_spot or known < job.instance_count


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
