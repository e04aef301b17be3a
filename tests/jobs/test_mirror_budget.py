"""However many jobs there are: so many calls a look, nothing starves, and one look at a time."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from bench.mirror import Counter, change, seed
from core import health_notes, pacing
from core.models import Heartbeat
from jobs import cursors, mirror, tuning_mirror
from jobs.models import LogLine, TrainingJob
from tests.jobs.conftest import inject
from tests.localaws.lab import until

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
MOST = 25


def counted(console):
    """The calls of one look at everything, as localaws counts them."""
    counter = Counter(console.service.url, console.service.secret)
    with counter:
        console.look()
        tuning_mirror.look(console.workspace, now=timezone.now())
    return counter.calls


@pytest.mark.slow
def test_it_asks_no_more_of_many_jobs_than_its_budget(own_console):
    seed(own_console.service.data, active=1_000, finished=3_000)
    first = counted(own_console)
    shown = TrainingJob.objects.count()
    assert first <= MOST
    assert shown >= 100  # what changed lately, and the first page of everything
    change(own_console.service.data, ["run-3"])  # while all the rest is still being read in
    calls = [counted(own_console) for _ in range(3)]
    assert max(calls) <= MOST
    assert TrainingJob.objects.get(aws_name="run-3").artifact
    assert TrainingJob.objects.count() > shown
    assert LogLine.objects.values("job").distinct().count() >= 3


@pytest.mark.slow
def test_it_goes_on_where_it_stopped_and_misses_nobody(own_console, monkeypatch):
    """A list that is longer than a look, a history that is longer than a page."""
    monkeypatch.setattr(mirror, "CHANGE_PAGES", 1)
    monkeypatch.setattr(mirror, "DESCRIBES", 40)
    monkeypatch.setattr(mirror, "CALLS", 45)
    seed(own_console.service.data, active=105, finished=120)
    missing = TrainingJob.objects.filter(aws_modified_at=None)
    until(
        lambda: own_console.look() or (TrainingJob.objects.count(), missing.count()),
        lambda seen: seen == (225, 0),
        30,
    )
    assert TrainingJob.objects.exclude(artifact="").count() == 120
    change(own_console.service.data, [f"run-{number}" for number in range(105)])
    running = TrainingJob.objects.active()
    until(lambda: own_console.look() or running.count(), lambda count: count == 0, 30)


def test_it_finds_a_change_that_no_list_of_changes_tells(own_console):
    """Lists lag: what they leave out is found by the next round over what moves."""
    seed(own_console.service.data, active=0, finished=2)
    own_console.look()
    jobs = list(TrainingJob.objects.all())
    TrainingJob.objects.update(status="InProgress", artifact="")
    late = timezone.now() + timedelta(hours=1)
    cursors.done(health_notes.mirror_name(own_console.workspace, "jobs"), late)
    mirror.look(own_console.workspace, now=timezone.now() + mirror.VOUCHED)
    for job in jobs:
        job.refresh_from_db()
        assert (job.status, job.artifact != "") == ("Completed", True)


def test_a_list_vouches_for_jobs_so_that_nobody_asks_after_each(own_console):
    seed(own_console.service.data, active=30, finished=0)
    missing = TrainingJob.objects.filter(aws_modified_at=None)
    until(lambda: own_console.look() or missing.count(), lambda count: count == 0, 30)
    later = timedelta(minutes=2)  # every row is due, and the changes are out of the window
    own_console.look(later=later)
    counter = Counter(own_console.service.url, own_console.service.secret)
    with counter:
        mirror.look(own_console.workspace, now=timezone.now() + later + mirror.MOVING)
    assert counter.by_operation.get("DescribeTrainingJob", 0) == 0


def test_two_workers_never_look_at_once(own_console, committed):
    """The second one finds the lease taken, and leaves; a lease outlives any look."""
    slow = {"operation": "ListTrainingJobs", "kind": "latency", "seconds": 1.0, "count": 1}
    inject(own_console.service, slow)

    def work():
        own_console.look()
        connections.close_all()

    other = threading.Thread(target=work)
    other.start()
    lease = Heartbeat.objects.filter(name__startswith="lease:mirror:jobs")
    until(lease.exists, bool, 5)
    counter = Counter(own_console.service.url, own_console.service.secret)
    with counter:
        own_console.look()
        assert other.is_alive()
    other.join(timeout=20)
    assert counter.calls == 0
    longest = cursors.PASS_SECONDS + cursors.ANSWER_SECONDS + 5
    assert cursors.LEASE.total_seconds() > longest


def test_a_dead_holders_lease_runs_out(own_console, workspace):
    name = f"lease:{health_notes.mirror_name(workspace, 'jobs')}"
    with cursors.alone(name, timezone.now()) as mine:
        assert mine
        held = Heartbeat.objects.get(name=name).at
    Heartbeat.objects.filter(name=name).update(at=held)  # as SIGKILL leaves it
    own_console.look()
    assert not Heartbeat.objects.filter(name=health_notes.mirror_name(workspace, "jobs")).exists()
    own_console.look(later=cursors.LEASE)
    assert Heartbeat.objects.filter(name=health_notes.mirror_name(workspace, "jobs")).exists()


def test_it_leaves_aws_alone_when_throttled_and_comes_back_by_itself(own_console):
    inject(own_console.service, {"operation": "ListTrainingJobs", "kind": "throttle"})
    own_console.look()
    counter = Counter(own_console.service.url, own_console.service.secret)
    with counter:  # counting ends the throttling: it is the console that holds back
        own_console.look()
    assert counter.by_operation.get("ListTrainingJobs", 0) == 0
    assert pacing.held_until(own_console.workspace, "sagemaker.list") is not None
    name = health_notes.mirror_name(own_console.workspace, "jobs")
    good = Heartbeat.objects.filter(name=name, problem="")
    until(lambda: own_console.look() or good.exists(), bool, 10)
    assert pacing.held_until(own_console.workspace, "sagemaker.list") is None


def test_a_bucket_is_shared_and_may_be_lost(workspace):
    workspace.kind = "aws"
    taken = pacing.take(workspace, "cloudwatch", 1_000)
    assert taken == 10
    assert pacing.take(workspace, "cloudwatch", 1) == 0
    Heartbeat.objects.filter(name__startswith="pace:").delete()
    assert pacing.take(workspace, "cloudwatch", 1) == 1


@pytest.mark.usefixtures("committed")
def test_racing_workers_never_take_a_call_twice(workspace):
    workspace.kind = "aws"
    gate, taken = threading.Barrier(4), []

    def work():
        gate.wait()
        taken.extend(pacing.take(workspace, "logs", 3) for _ in range(10))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sum(taken) <= 40 + 6 * (time.monotonic() - began) + 1


def test_workspaces_in_one_account_share_what_it_allows(workspace):
    from core.models import Workspace

    role = "arn:aws:iam::111122223333:role/{}"
    one, two, three = (
        Workspace(kind="aws", region="eu-west-1", assumed_role_arn=arn)
        for arn in (role.format("a"), role.format("b"), "arn:aws:iam::444455556666:role/a")
    )
    assert pacing.take(one, "cloudwatch", 1_000) == 10
    assert pacing.take(two, "cloudwatch", 1) == 0
    assert pacing.take(three, "cloudwatch", 1) == 1


def test_looks_at_many_workspaces_do_not_begin_in_step():
    delays = [pacing.jitter(1.0).total_seconds() for _ in range(200)]
    assert min(delays) >= 0
    assert max(delays) <= 1
    assert max(delays) - min(delays) > 0.5
    assert pacing.jitter(0).total_seconds() == 0


def test_the_log_of_a_job_that_somebody_opens_is_read_first(
    own_console, signed_in, member, monkeypatch
):
    seed(own_console.service.data, active=12, finished=0)
    read = LogLine.objects.values_list("job", flat=True).distinct()
    until(lambda: own_console.look() or read.count(), lambda count: count == 12, 30)
    monkeypatch.setattr(mirror, "LOG_SECONDS", 0.0)  # one log a look
    before = timezone.now()
    watched = TrainingJob.objects.order_by("-log_read_at")[0]  # the last in the queue
    TrainingJob.objects.update(log_read_at=before - timedelta(minutes=1))
    signed_in(member).get(reverse("jobs:detail", args=[watched.uid]))
    own_console.look()
    assert TrainingJob.objects.get(log_read_at__gte=before) == watched
