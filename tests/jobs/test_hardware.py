"""How busy instances are: read from CloudWatch for many jobs at once, or a sentence why not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import hardware
from jobs.models import TrainingJob
from tests.jobs.conftest import LONG, inject
from tests.localaws.lab import until

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def make(workspace, number=0, **changes):
    fields = {
        "workspace": workspace,
        "name": f"j{number}",
        "aws_name": f"j-{number}",
        "status": "InProgress",
        "instance_type": "ml.m5.large",
        "started_at": timezone.now() - timedelta(minutes=5),
    }
    return TrainingJob.objects.create(**fields | changes)


def test_it_keeps_what_cloudwatch_measured(own_console):
    job = own_console.submitted(LONG)
    own_console.watch(job, lambda row: row.started_at is not None)
    workspace = own_console.workspace

    def read():
        now = timezone.now()
        TrainingJob.objects.update(hardware_read_at=None)
        assert hardware.refresh(workspace, hardware.due(workspace, now), now) == 1
        job.refresh_from_db()
        return job.hardware

    found = until(read, bool)
    [at, cpu] = found["CPUUtilization"][0]
    assert at[:13] >= job.created_at.isoformat()[:13]
    assert cpu > 1
    assert 0 < found["MemoryUtilization"][0][1] < 100
    assert hardware.absent(job) == ""
    assert not hardware.due(workspace, timezone.now()).exists()
    denied = {"kind": "error", "code": "AccessDenied", "message": "Not for you.", "status": 403}
    inject(own_console.service, {"service": "cloudwatch"} | denied)
    assert hardware.refresh(workspace, [job], timezone.now()) == 0
    job.refresh_from_db()
    assert job.hardware == found
    own_console.end(job)


def test_it_asks_for_open_and_just_finished_jobs_only(workspace):
    now = timezone.now()
    ended = {"status": "Completed", "ended_at": now - timedelta(minutes=1)}
    open_, late = make(workspace, 1), make(workspace, 2, **ended)
    make(workspace, 3, status="Completed", ended_at=now - timedelta(hours=1))
    make(workspace, 4, started_at=None)
    make(workspace, 5, hardware_read_at=now)
    assert set(hardware.due(workspace, now)) == {open_, late}


def test_it_takes_as_many_jobs_as_one_call_answers(workspace):
    for number in range(200):
        make(workspace, number, instance_count=1 + number % 9)
    now = timezone.now()
    taken, queries = hardware.batch(workspace, hardware.due(workspace, now), now)
    assert 480 < len(queries) <= 500
    assert sum(len(names) for _, names in taken) == len(queries)
    hosts = [query.dimensions["Host"] for query in queries[:10:3]]
    assert hosts == ["j-0/algo-1", "j-1/algo-1", "j-1/algo-2", "j-2/algo-1"]


def test_it_asks_of_a_long_job_in_longer_periods(workspace):
    now = timezone.now()
    job = make(workspace, started_at=now - timedelta(days=5), instance_type="ml.p3.2xlarge")
    workspace.kind = "aws"
    _, queries = hardware.batch(workspace, [job], now)
    assert [query.period for query in queries] == [5 * 24 * 60 // 300 * 60] * 5
    assert {"GPUUtilization", "GPUMemoryUtilization"} < {query.metric for query in queries}


def test_it_says_why_there_is_nothing(workspace):
    now = timezone.now()
    waiting, running = make(workspace, 1, started_at=None), make(workspace, 2)
    ended = make(workspace, 3, status="Completed", hardware_read_at=now)
    foreign = make(workspace, 4, status="Completed")
    refused = make(workspace, 5, hardware={hardware.PROBLEM: "Not for you."})
    said = [hardware.absent(job) for job in (waiting, running, ended, foreign, refused)]
    assert "before the job has its instances" in said[0]
    assert "about a minute after" in said[1]
    assert "short jobs" in said[2]
    assert "before this console saw it" in said[3]
    assert "Not for you." in said[4]
