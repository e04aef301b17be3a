"""Stopping is honest: what was never sent is Stopped, the rest when AWS says so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import AuditEvent
from jobs import submission, training
from jobs.errors import AlreadyOver
from jobs.models import TrainingJob
from tests.jobs.conftest import LONG, inject
from tests.localaws.lab import until

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def stop(console, job):
    training.stop(console.actor, job, now=timezone.now())


def halt(job, *, later=timedelta(0)):
    row = TrainingJob.objects.get(pk=job.pk)
    training.halt(row, now=timezone.now() + later)
    job.refresh_from_db()


def test_it_creates_nothing_when_stopped_before_it_was_sent(console):
    job = console.wish()
    before = TrainingJob.objects.get(pk=job.pk)
    stop(console, job)
    assert job.status == "Stopped"
    training.submit(before, now=timezone.now())
    assert not [name for name in console.names_at_aws() if name.endswith(job.uid)]
    assert AuditEvent.objects.filter(action="job.stop").exists()


def test_it_is_stopping_until_aws_says_stopped(console):
    job = console.submitted(LONG)
    stop(console, job)
    assert (job.status, job.stop_requested_at is not None) == ("InProgress", True)
    halt(job)
    assert job.status == "Stopping"
    assert console.finished(job).status == "Stopped"


def test_it_takes_a_second_stop_as_the_first(console):
    job = console.submitted(LONG)
    stop(console, job)
    first = job.stop_requested_at
    stop(console, job)
    assert job.stop_requested_at == first
    halt(job)
    halt(job)
    assert job.status == "Stopping"


def test_it_cannot_stop_what_is_over(console):
    job = console.finished(console.submitted())
    with pytest.raises(AlreadyOver, match="Completed"):
        stop(console, job)


def test_it_shows_completed_when_the_job_ended_first(console):
    job = console.submitted()
    account = job.workspace.account
    until(
        lambda: training.sagemaker.describe_training_job(account, job.aws_name).status,
        lambda status: status == "Completed",
    )
    stop(console, job)
    halt(job)
    assert job.status == "InProgress"
    assert console.finished(job).status == "Completed"


def test_it_stops_a_job_whose_stop_came_while_it_was_being_created(console, monkeypatch):
    job = console.wish(LONG)
    monkeypatch.setattr(submission.failpoints, "reach", lambda _: stop(console, fresh(job)))
    training.submit(job, now=timezone.now())
    job.refresh_from_db()
    assert job.status == "Stopping"
    assert console.finished(job).status == "Stopped"


def test_it_stops_what_it_created_after_another_worker_gave_the_job_up(console, monkeypatch):
    job = console.wish(LONG)

    def give_up(_name):
        row = TrainingJob.objects.filter(pk=job.pk)
        row.update(status="Stopped", stop_requested_at=timezone.now())

    monkeypatch.setattr(submission.failpoints, "reach", give_up)
    training.submit(job, now=timezone.now())
    account = job.workspace.account
    until(
        lambda: training.sagemaker.describe_training_job(account, job.aws_name).status,
        lambda status: status == "Stopped",
    )
    assert fresh(job).status == "Stopped"
    console.watch(job, lambda row: row.billable_seconds is not None)
    assert TrainingJob.objects.filter(aws_name=job.aws_name).count() == 1


def test_it_finds_and_stops_what_a_killed_worker_created(console, monkeypatch):
    job = console.wish(LONG)
    killed = pytest.raises(KeyboardInterrupt)
    with monkeypatch.context() as patch, killed:
        patch.setattr(submission.failpoints, "reach", die)
        training.submit(job, now=timezone.now())
    job.refresh_from_db()
    assert (job.status, job.aws_name != "") == ("Requested", True)
    stop(console, job)
    assert job.status == "Requested"
    training.submit(fresh(job), now=timezone.now() + submission.LEASE)
    assert console.finished(fresh(job)).status == "Stopped"


def test_it_stops_at_once_what_a_killed_worker_never_created(console):
    job = console.wish()
    TrainingJob.objects.filter(pk=job.pk).update(aws_name=f"never-{job.uid}")
    stop(console, fresh(job))
    training.submit(fresh(job), now=timezone.now())
    assert fresh(job).status == "Stopped"


def test_it_says_when_aws_refuses_to_stop(own_console):
    job = own_console.submitted(LONG)
    refused = {"kind": "error", "code": "AccessDeniedException", "message": "No.", "status": 400}
    inject(
        own_console.service,
        {"service": "sagemaker", "operation": "StopTrainingJob", "count": 1} | refused,
    )
    stop(own_console, job)
    halt(job)
    assert (job.status, job.stop_requested_at) == ("InProgress", None)
    assert job.failure_reason == "Could not be stopped: No."


def test_it_tries_again_while_aws_throttles(own_console):
    job = own_console.submitted(LONG)
    throttled = {"service": "sagemaker", "operation": "StopTrainingJob", "kind": "throttle"}
    inject(own_console.service, throttled)
    stop(own_console, job)
    halt(job)
    assert job.status == "InProgress"
    inject(own_console.service)
    halt(job, later=timedelta(minutes=3))
    assert job.status == "Stopping"


def fresh(job):
    return TrainingJob.objects.select_related("workspace", "preparation").get(pk=job.pk)


def die(_name):
    raise KeyboardInterrupt
