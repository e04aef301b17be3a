"""The real workers around a processing job: killed in between, asked twice; one job, one result."""

import threading
import time

import pytest

from aws import s3
from core.up import commands
from datasets import placing, prepare, tasks
from datasets.models import Preparation
from tests.datasets.test_processing import FLOWERS, facts, limit
from tests.jobs.conftest import committed, environment  # noqa: F401  # a fixture
from tests.jobs.processes import processes
from tests.localaws.conftest import LocalAws

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.usefixtures("committed")]


@pytest.fixture(scope="module")
def scripting(tmp_path_factory):
    service = LocalAws(tmp_path_factory.mktemp("crashes") / "data", "--allow-scripts")
    yield service
    service.stop()


@pytest.fixture
def lab(workspace, scripting, wired, settings):
    settings.ALLOW_SCRIPTS = True
    return wired(workspace, scripting)


@pytest.fixture
def running(tmp_path, scripting):
    aws = environment(scripting) | {"MLCONSOLE_ALLOW_SCRIPTS": "true"}
    with processes(tmp_path / "console", aws) as started:
        started.start_broker()
        yield started


def start_heavy(running, **environment):
    """The worker of what reads whole files, which the sweep of datasets has too."""
    command = commands.worker("heavy", "heavy")
    running._start("heavy", command, **commands.WORKER_ENVIRONMENT, **environment)


def send(running, task, *arguments):
    from mlconsole.celery import app

    with app.connection_for_write(running.redis_url) as connection:
        task.apply_async(arguments, connection=connection, queue="heavy")


def job_names(service, uid):
    listed = service.client("sagemaker").list_processing_jobs(NameContains=uid)
    return sorted(job["ProcessingJobName"] for job in listed["ProcessingJobSummaries"])


def eventually(running, row, enough, seconds=90):
    deadline = time.monotonic() + seconds
    while not enough(row):
        assert time.monotonic() < deadline, f"{row.status} {row.failure_reason}\n{running.told()}"
        time.sleep(0.1)
        row.refresh_from_db()


def test_a_worker_killed_after_the_call_leaves_one_job_that_is_gone_on_with(
    running, scripting, ready, prepared, actor
):
    dataset = ready(FLOWERS)
    here = prepared(dataset, target="kind")
    limit(dataset)
    row = prepare.request(actor, dataset, target="kind")
    start_heavy(running, MLCONSOLE_FAILPOINT="datasets.processing.after_create")
    send(running, tasks.prepare_channels, row.pk)
    eventually(running, row, lambda _: job_names(scripting, row.uid))
    time.sleep(0.5)
    running.kill("heavy")
    row.refresh_from_db()
    assert row.status == "Requested"

    Preparation.objects.filter(pk=row.pk).update(next_check_at=row.created_at)  # the lease is over
    start_heavy(running)
    running.start_beat()
    eventually(running, row, lambda row: row.is_finished)
    assert (row.status, row.failure_reason) == ("Ready", "")
    assert job_names(scripting, row.uid) == [placing.name_of(row, "prepare")]
    assert facts(row) == facts(here)


def test_many_at_once_make_one_job(running, scripting, ready, actor):
    dataset = ready(FLOWERS)
    limit(dataset)
    row = prepare.request(actor, dataset, target="kind")
    callers = [
        threading.Thread(target=send, args=(running, tasks.prepare_channels, row.pk))
        for _ in range(5)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    start_heavy(running, WORKER_CONCURRENCY="3")
    running.start_beat()
    eventually(running, row, lambda row: row.is_finished)
    assert row.status == "Ready"
    assert job_names(scripting, row.uid) == [placing.name_of(row, "prepare")]
    prefix = prepare.channels_prefix(row)
    kept = {o.key for o in s3.list_objects(row.workspace.account, row.workspace.bucket, prefix)}
    assert {f"{prefix}{name}/part-0.csv" for name in ("train", "validation", "test")} <= kept
