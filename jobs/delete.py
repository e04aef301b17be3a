"""Taking a finished job off the lists. Its artifact stays: a model may have been made of it."""

from datetime import datetime

from core import audit, live
from core.access import Actor
from jobs.errors import Outside, StillRunning
from jobs.models import TrainingJob


def remove(who: Actor, job: TrainingJob, *, now: datetime) -> None:
    """Hide the row and forget its log; StillRunning while AWS has not ended it, Outside when it is
    not ours. Repeatable.

    AWS keeps training jobs for ever, so the row stays to say that this one is not news.
    """
    if not job.is_finished:
        raise StillRunning("This job has not ended.", "Stop it first.")
    if job.is_outside:
        raise Outside("Archive it to take it off the lists.")
    TrainingJob.objects.filter(pk=job.pk, deleted_at__isnull=True).update(
        deleted_at=now, log_complete=True
    )
    job.lines.all().delete()
    audit.note(who, "job.delete", job)
    live.publish(job)
