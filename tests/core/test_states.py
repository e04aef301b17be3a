"""Statuses change by compare-and-swap: one winner, and nothing reopens."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core import states
from jobs.models import TrainingJob

pytestmark = pytest.mark.postgres
S = TrainingJob.Status


@pytest.fixture
def job(workspace):
    return TrainingJob.objects.create(workspace=workspace, name="churn", status=S.REQUESTED)


def test_it_moves_the_row_and_the_instance(job):
    assert states.advance(job, frm=S.REQUESTED, to=S.IN_PROGRESS, arn="arn:x")
    stored = TrainingJob.objects.get(pk=job.pk)
    assert (stored.status, stored.arn) == (job.status, job.arn) == ("InProgress", "arn:x")
    assert stored.status_at > stored.created_at


def test_it_reopens_a_row_only_when_asked_to(job):
    with pytest.raises(ValueError, match="is terminal"):
        states.advance(job, frm=S.COMPLETED, to=S.REQUESTED)
    assert not states.reopen(job, frm={S.COMPLETED}, to=S.REQUESTED)
    states.advance(job, frm=S.REQUESTED, to=S.COMPLETED)
    assert states.reopen(job, frm={S.COMPLETED}, to=S.REQUESTED, arn="")
    assert TrainingJob.objects.get(pk=job.pk).status == S.REQUESTED


def test_it_leaves_a_row_alone_that_someone_else_moved(job):
    TrainingJob.objects.filter(pk=job.pk).update(status=S.STOPPED)
    assert not states.advance(job, frm=S.REQUESTED, to=S.IN_PROGRESS, arn="arn:x")
    assert TrainingJob.objects.get(pk=job.pk).arn == job.arn == ""


def test_it_refuses_to_reopen_a_finished_row(job):
    states.advance(job, frm=S.REQUESTED, to=S.FAILED)
    with pytest.raises(ValueError, match="terminal"):
        states.advance(job, frm=S.FAILED, to=S.IN_PROGRESS)
    assert not states.advance(job, frm={S.REQUESTED, S.IN_PROGRESS}, to=S.COMPLETED)


@pytest.mark.django_db(transaction=True)
def test_one_of_many_racing_workers_wins(job):
    def race(_):
        try:
            return states.advance(
                TrainingJob.objects.get(pk=job.pk), frm=S.REQUESTED, to=S.IN_PROGRESS
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(race, range(8))) == 1


def test_one_of_many_sweeps_claims_a_due_row(job):
    now = timezone.now()
    rows = [TrainingJob.objects.get(pk=job.pk) for _ in range(8)]
    assert sum(states.claim(row, now=now, lease=timedelta(minutes=1)) for row in rows) == 1
    assert not TrainingJob.objects.due(now).exists()


def test_postponing_doubles_the_delay_up_to_a_limit(job):
    now = timezone.now()
    delays = []
    for _ in range(12):
        job.refresh_from_db()
        states.postpone(job, now=now)
        job.refresh_from_db()
        delays.append((job.next_check_at - now).total_seconds())
    assert delays[:4] == [1, 2, 4, 8]
    assert delays[-1] == states.BACKOFF_LIMIT.total_seconds()


def test_an_unknown_status_counts_as_not_finished(job):
    TrainingJob.objects.filter(pk=job.pk).update(status="Deleting")
    job.refresh_from_db()
    assert not job.is_finished
    assert TrainingJob.objects.active().filter(pk=job.pk).exists()
