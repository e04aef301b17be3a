"""What is promised of jobs while workers die, AWS throttles or hangs, and Redis forgets."""

import json
import queue
import threading
import time
from datetime import timedelta

import pytest
import redis
from django.db import connections, transaction
from django.urls import reverse
from django.utils import timezone

from core import health_notes
from core.models import Heartbeat
from core.nudge import nudge
from jobs import cursors, tasks, training
from jobs.models import TrainingJob
from tests.jobs.conftest import LONG, environment, inject
from tests.jobs.processes import processes
from tests.jobs.test_crashes import eventually, send
from tests.localaws.lab import until

CREATE = {"service": "sagemaker", "operation": "CreateTrainingJob"}
pytestmark = pytest.mark.postgres


def submit(pk, now):
    job = TrainingJob.objects.select_related("workspace", "preparation").get(pk=pk)
    training.submit(job, now=now)


def fired(console):
    """How often the first rule hit a call."""
    _, _, told = console.service.call("GET", "/_localaws/faults", service="localaws")
    return json.loads(told)[0]["fired"]


def in_threads(count, work):
    """Run `work` in so many threads at once."""

    def run():
        try:
            work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)


@pytest.mark.django_db
def test_a_rolled_back_request_asks_aws_for_nothing(console, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as sent, transaction.atomic():
        job = console.wish()
        nudge(tasks.submit_training_job, job.pk)
        transaction.set_rollback(True)
    assert sent == []
    assert not TrainingJob.objects.filter(uid=job.uid).exists()
    assert not [name for name in console.names_at_aws() if name.endswith(job.uid)]


@pytest.mark.usefixtures("committed")
def test_workers_that_submit_a_job_at_once_make_one(own_console):
    job, gate = own_console.wish(LONG), threading.Barrier(4)

    def work():
        gate.wait()
        submit(job.pk, timezone.now())

    in_threads(4, work)
    job.refresh_from_db()
    assert (job.status, own_console.names_at_aws()) == ("InProgress", [job.aws_name])


@pytest.mark.slow
@pytest.mark.usefixtures("committed")
def test_a_hundred_accepted_jobs_run_once_each_though_aws_throttles(own_console):
    """Nothing of a broker is used: rows that are due are all that a sweep knows."""
    throttle = CREATE | {"kind": "throttle", "probability": 0.3, "seed": 5}
    inject(own_console.service, CREATE | {"kind": "latency", "seconds": 0}, throttle)
    jobs = [own_console.wish(name=f"n{number}") for number in range(100)]
    now, rounds = timezone.now(), 0
    while due := list(TrainingJob.objects.to_submit().due(now).values_list("pk", flat=True)):
        waiting = queue.SimpleQueue()
        for pk in due:
            waiting.put(pk)

        def work(waiting=waiting, now=now):
            while not waiting.empty():
                submit(waiting.get(), now)

        in_threads(8, work)
        now, rounds = now + timedelta(minutes=3), rounds + 1
        assert rounds < 10
    assert set(TrainingJob.objects.values_list("status", flat=True)) == {"InProgress"}
    names = own_console.names_at_aws()
    assert len(names) == len(set(names)) == len(jobs)
    assert 100 < fired(own_console) < 220  # a hundred, and again the three in ten that were refused


@pytest.mark.slow
@pytest.mark.usefixtures("committed")
def test_a_kill_during_the_call_and_an_emptied_redis_lose_nothing(own_console, tmp_path):
    with processes(tmp_path / "console", environment(own_console.service)) as running:
        running.start_broker()
        running.start_worker()
        job = own_console.wish()
        inject(own_console.service, CREATE | {"kind": "latency", "seconds": 2, "count": 1})
        send(running, tasks.submit_training_job, job.pk)
        until(lambda: fired(own_console), bool, 60)  # the call is at AWS and not answered
        running.kill("worker")
        until(own_console.names_at_aws, bool, 10)  # AWS does what it was asked for all the same
        job.refresh_from_db()
        assert (job.status, job.arn) == ("Requested", "")

        second = own_console.wish()
        send(running, tasks.submit_training_job, second.pk)
        redis.Redis.from_url(running.redis_url).flushall()
        running.start_worker()
        running.start_beat()
        eventually(running, job, lambda row: row.status == "Completed")
        redis.Redis.from_url(running.redis_url).flushall()
        eventually(running, second, lambda row: row.status == "Completed")
    assert sorted(own_console.names_at_aws()) == sorted([job.aws_name, second.aws_name])


@pytest.mark.slow
@pytest.mark.usefixtures("committed")
def test_a_killed_look_keeps_others_out_only_until_its_lease_ends(own_console, tmp_path):
    name = health_notes.mirror_name(own_console.workspace, "jobs")
    slow = {"operation": "ListTrainingJobs", "kind": "latency", "seconds": 8}
    inject(own_console.service, slow)
    with processes(tmp_path / "console", environment(own_console.service)) as running:
        running.start_broker()
        running.start_worker()
        send(running, tasks.mirror_workspace_jobs, own_console.workspace.pk)
        lease = Heartbeat.objects.filter(name=f"lease:{name}", at__gt=timezone.now())
        until(lease.exists, bool, 40)
        running.kill("worker")
    inject(own_console.service)
    own_console.look()
    assert not Heartbeat.objects.filter(name=name).exists()
    own_console.look(later=cursors.LEASE)
    assert Heartbeat.objects.filter(name=name, problem="").exists()


@pytest.mark.django_db
def test_an_aws_that_hangs_ends_in_a_timeout_and_pages_stay_fast(
    own_console, signed_in, member, monkeypatch
):
    monkeypatch.setattr(cursors, "ANSWER_SECONDS", 1.0)
    own_console.look()
    inject(own_console.service, {"service": "sagemaker", "kind": "hang", "seconds": 30})
    began = time.monotonic()
    own_console.look(later=timedelta(minutes=1))
    assert time.monotonic() - began < 8  # one try of one call
    trouble = health_notes.aws_trouble(own_console.workspace)
    assert trouble.words == "AWS does not answer"
    began = time.monotonic()
    answer = signed_in(member).get(reverse("jobs:list"))
    assert time.monotonic() - began < 5  # nobody waits for AWS here
    assert "AWS does not answer" in answer.content.decode()
    inject(own_console.service)
