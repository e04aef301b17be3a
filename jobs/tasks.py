"""What workers do with jobs: each task advances one row, or one workspace, by one step."""

from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from core import pacing
from core.models import Workspace
from jobs import feed, inspection, mirror, prices, training, tuning, tuning_mirror
from jobs.models import TrainingJob, TuningJob

AT_ONCE = 200


@shared_task
def submit_training_job(pk: int) -> None:
    job = TrainingJob.objects.select_related("workspace", "preparation").get(pk=pk)
    training.submit(job, now=timezone.now())


@shared_task
def halt_training_job(pk: int) -> None:
    job = TrainingJob.objects.select_related("workspace").get(pk=pk)
    training.halt(job, now=timezone.now())


@shared_task
def submit_tuning_job(pk: int) -> None:
    job = TuningJob.objects.select_related("workspace", "preparation").get(pk=pk)
    tuning.submit(job, now=timezone.now())


@shared_task
def halt_tuning_job(pk: int) -> None:
    job = TuningJob.objects.select_related("workspace").get(pk=pk)
    tuning.halt(job, now=timezone.now())


@shared_task
def sweep_jobs() -> None:
    """Nudge again what waits to be submitted or stopped: messages may have been lost."""
    now = timezone.now()
    for task, rows in (
        (submit_training_job, TrainingJob.objects.to_submit()),
        (halt_training_job, TrainingJob.objects.to_halt()),
        (submit_tuning_job, TuningJob.objects.to_submit()),
        (halt_tuning_job, TuningJob.objects.to_halt()),
    ):
        _send(task, rows.due(now).order_by("next_check_at").values_list("pk", flat=True)[:AT_ONCE])


@shared_task
def mirror_jobs() -> None:
    workspaces = list(Workspace.objects.values_list("pk", flat=True))
    spread = settings.POLL_SECONDS / 2 if len(workspaces) > 1 else 0.0
    _send(mirror_workspace_jobs, workspaces, spread)
    _send(mirror_workspace_tuning, workspaces, spread)


@shared_task
def read_job_events() -> None:
    workspaces = Workspace.objects.filter(slug__in=settings.JOB_EVENT_QUEUES)
    _send(read_workspace_job_events, workspaces.values_list("pk", flat=True))


@shared_task
def read_workspace_job_events(pk: int) -> None:
    feed.drain(Workspace.objects.get(pk=pk), now=timezone.now())


@shared_task
def mirror_workspace_jobs(pk: int) -> None:
    mirror.look(Workspace.objects.get(pk=pk), now=timezone.now())


@shared_task
def mirror_workspace_tuning(pk: int) -> None:
    tuning_mirror.look(Workspace.objects.get(pk=pk), now=timezone.now())


@shared_task
def refresh_prices() -> None:
    """What a day has outdated, a region at a time; usually nothing."""
    now = timezone.now()
    for workspace in prices.outdated(now=now):
        prices.refresh(workspace, now=now)


@shared_task
def learn_quota_codes() -> None:
    """Once a month, of the first account that lets us ask."""
    for workspace in Workspace.objects.filter(kind=Workspace.Kind.AWS):
        if inspection.learned_codes(workspace):
            return


def _send(task: Any, pks: Any, spread: float = 0.0) -> None:
    """Nudges that expire: the next round sends them again, so none pile up.

    They begin within `spread` seconds, each at a moment of its own: many workspaces would otherwise
    all ask AWS in step.
    """
    for pk in pks:
        delay = pacing.jitter(spread).total_seconds()
        task.apply_async(
            (pk,), countdown=delay or None, expires=max(2 * settings.POLL_SECONDS, 2.0)
        )
