"""Killed workers and a stopped broker, with the real processes: one job at AWS, the row right."""

import time

import pytest

from core import tokens
from core.models import Heartbeat
from jobs import tasks
from jobs.models import TrainingJob
from tests.jobs.conftest import environment
from tests.jobs.processes import processes
from tests.jobs.test_api import JOBS, wish
from tests.tooling.processes import until

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.usefixtures("committed")]


@pytest.fixture
def running(tmp_path, own_console):
    with processes(tmp_path / "console", environment(own_console.service)) as started:
        started.start_broker()
        yield started


def send(running, task, *arguments):
    """Put a task on the test's own broker."""
    from mlconsole.celery import app

    with app.connection_for_write(running.redis_url) as connection:
        task.apply_async(arguments, connection=connection)


def eventually(running, job, enough, seconds=60):
    deadline = time.monotonic() + seconds
    while not enough(job):
        assert time.monotonic() < deadline, f"{job.status} {job.failure_reason}\n{running.told()}"
        time.sleep(0.1)
        job.refresh_from_db()


def test_it_has_one_job_after_a_kill_between_the_call_and_the_row(running, own_console):
    job = own_console.wish()
    running.start_worker(MLCONSOLE_FAILPOINT="jobs.submit.after_create")
    send(running, tasks.submit_training_job, job.pk)
    eventually(running, job, lambda _: own_console.names_at_aws())
    time.sleep(0.5)
    running.kill("worker")
    job.refresh_from_db()
    assert (job.status, job.arn) == ("Requested", "")

    running.start_worker()
    running.start_beat()
    eventually(running, job, lambda row: row.status == "Completed")
    assert own_console.names_at_aws() == [job.aws_name]
    assert job.artifact
    assert TrainingJob.objects.count() == 1


def test_it_runs_once_what_was_submitted_while_the_broker_was_down(
    running, own_console, member, workspace
):
    running.start_web()
    running.start_worker()
    running.start_beat()
    running.kill("valkey")
    _, secret = tokens.create(member, workspace, name="test", scope="write")
    began = time.monotonic()
    status, answer = running.post(JOBS, wish(own_console.preparation), secret)
    assert (status, answer["status"]) == (201, "Requested")
    assert time.monotonic() - began < 10
    assert own_console.names_at_aws() == []

    running.start_broker()
    job = TrainingJob.objects.get(uid=answer["id"])
    eventually(running, job, lambda row: row.status == "Completed")
    assert own_console.names_at_aws() == [job.aws_name]


def test_it_shows_a_change_at_aws_soon(running, own_console):
    running.start_worker()
    running.start_beat()
    until(Heartbeat.objects.filter(name__startswith="mirror:jobs").exists, 30, "first look")
    job = own_console.submitted()
    eventually(running, job, lambda row: row.status == "Completed")
    # The poll interval here is half a second; the rest is what a busy machine may add.
    assert (job.status_at - job.ended_at).total_seconds() < 2.5, running.told()
