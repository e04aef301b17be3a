"""The Celery application and its timetable; tasks live in each app's `tasks.py`."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlconsole.settings")

app = Celery("mlconsole")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def timetable(poll_seconds: float) -> dict[str, dict[str, object]]:
    """Beat's entries: each is a nudge that expires before the next one, so none pile up."""

    def every(seconds: float, task: str) -> dict[str, object]:
        return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, 1.0)}}

    return {
        "canary": every(5.0, "core.tasks.canary"),
        "sweep-datasets": every(poll_seconds, "datasets.tasks.sweep_datasets"),
        "sweep-jobs": every(poll_seconds, "jobs.tasks.sweep_jobs"),
        "mirror-jobs": every(poll_seconds, "jobs.tasks.mirror_jobs"),
        "read-job-events": every(poll_seconds, "jobs.tasks.read_job_events"),
        "sweep-endpoints": every(poll_seconds, "endpoints.tasks.sweep_endpoints"),
        "mirror-endpoints": every(poll_seconds, "endpoints.tasks.mirror_endpoints"),
        "sweep-policies": every(5.0, "endpoints.tasks.sweep_policies"),
        "sweep-predictions": every(60.0, "endpoints.tasks.sweep_predictions"),
        "note-burn": every(300.0, "endpoints.tasks.note_burn"),
        "sweep-batches": every(poll_seconds, "endpoints.tasks.sweep_batches"),
        "sweep-evaluations": every(poll_seconds, "results.tasks.sweep_evaluations"),
        "refresh-prices": every(900.0, "jobs.tasks.refresh_prices"),
        "learn-quota-codes": every(3_600.0, "jobs.tasks.learn_quota_codes"),
        "apply-workspaces": every(15.0, "core.tasks.apply_workspaces"),
        "clear-expired": {
            "task": "core.tasks.clear_expired",
            "schedule": crontab(hour=3, minute=7),
        },
    }


@app.on_after_configure.connect
def _schedule(sender: Celery, **_kwargs: object) -> None:
    from django.conf import settings

    entries = timetable(settings.POLL_SECONDS)
    if not settings.JOB_EVENT_QUEUES:
        del entries["read-job-events"]
    sender.conf.beat_schedule = entries
