"""A tuning job: wished for, submitted once, followed to its best trial, stopped."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aws import sagemaker
from core.errors import InvalidFields
from core.models import AuditEvent
from jobs import submission, tuning, tuning_mirror
from jobs.errors import AlreadyOver
from jobs.machine import Machine
from jobs.models import TrainingJob, TuningJob
from tests.jobs.conftest import LONG, inject
from tests.localaws.lab import until

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
DEPTH = {"name": "max_depth", "low": "2", "high": "4"}


def wish(console, **changes):
    fields = {
        "preparation": console.preparation,
        "algorithm": "xgboost",
        "hyperparameters": {"num_round": "3", "eval_metric": "auc"},
        "ranges": [DEPTH],
    }
    search = {"objective": "validation:auc", "strategy": "Random", "max_jobs": 3} | {"seed": 7}
    machine = {"instance_type": "ml.m5.large"}
    parts = (set(tuning.Search.__annotations__), set(Machine.__annotations__))
    search |= {name: value for name, value in changes.items() if name in parts[0]}
    machine |= {name: value for name, value in changes.items() if name in parts[1]}
    rest = {name: value for name, value in changes.items() if name not in parts[0] | parts[1]}
    kinds = {"search": tuning.Search(**search), "machine": Machine(**machine)}
    return tuning.request(console.actor, **fields | kinds | rest)


def submitted(console, **changes):
    row = wish(console, **changes)
    tuning.submit(row, now=timezone.now())
    assert row.status == "InProgress", row.failure_reason
    return row


def look(console, row, *, later=timedelta(0)):
    console.look()
    tuning_mirror.look(console.workspace, now=timezone.now() + later)
    row.refresh_from_db()
    return row


def finished(console, row):
    until(lambda: look(console, row, later=timedelta(minutes=1)), lambda one: one.is_finished, 90)
    return look(console, row)


def test_it_writes_the_wish_down_and_asks_aws_for_nothing(console):
    row = wish(console)
    assert (row.status, row.aws_name, row.direction) == ("Requested", "", "maximize")
    assert row.hyperparameters["objective"] == "binary:logistic"
    assert AuditEvent.objects.filter(action="tuning.create").exists()


def test_it_tells_every_error_at_once(console):
    with pytest.raises(InvalidFields) as refusal:
        wish(console, ranges=[], objective="x", instance_type="large", name="n" * 121)
    assert set(refusal.value.errors) == {"ranges", "objective", "instance_type", "name"}


@pytest.mark.slow
def test_it_finds_the_best_trial_and_shows_trials_as_jobs(console):
    row = finished(console, submitted(console))
    assert (row.status, row.counts["Completed"]) == ("Completed", 3)
    trials = TrainingJob.objects.filter(tuning_job=row)
    assert trials.count() == 3
    best = tuning.best(row)
    assert best in trials
    assert best.headline_metric == "validation:auc"
    assert row.best_value == pytest.approx(max(one.metrics["validation:auc"] for one in trials))
    assert {one.preparation for one in trials} == {console.preparation}
    assert len(row.aws_name) <= 32


def test_it_gathers_trials_that_were_found_before_it_was_known(console):
    row = submitted(console, max_jobs=1, max_parallel=1)
    TuningJob.objects.filter(pk=row.pk).update(arn="")
    until(
        lambda: console.look() or TrainingJob.objects.filter(aws_name__startswith=row.aws_name),
        lambda found: found.exists(),
        30,
    )
    assert not TrainingJob.objects.filter(tuning_job=row).exists()
    look(console, row, later=timedelta(minutes=1))
    assert TrainingJob.objects.filter(tuning_job=row).count() == 1


def test_two_submits_make_one_tuning_job(own_console):
    row = wish(own_console, hyperparameters=LONG | {"eval_metric": "auc"})
    rule = {"service": "sagemaker", "operation": "CreateHyperParameterTuningJob"}
    inject(own_console.service, rule | {"kind": "lost_response", "count": 1})
    tuning.submit(row, now=timezone.now())
    inject(own_console.service)
    row.refresh_from_db()
    tuning.submit(row, now=timezone.now() + timedelta(minutes=2))
    row.refresh_from_db()
    assert row.status == "InProgress"
    names = [one.name for one in sagemaker.list_tuning_jobs(own_console.workspace.account)]
    assert names == [row.aws_name]
    sagemaker.stop_tuning_job(own_console.workspace.account, row.aws_name)


def test_it_stops_with_its_trials(console):
    row = submitted(console, hyperparameters=LONG | {"eval_metric": "auc"}, max_jobs=9)
    tuning.stop(console.actor, row, now=timezone.now())
    tuning.halt(row, now=timezone.now() + submission.LEASE)
    assert row.status == "Stopping"
    assert finished(console, row).status == "Stopped"
    with pytest.raises(AlreadyOver):
        tuning.stop(console.actor, row, now=timezone.now())


def test_it_stops_before_anything_was_sent(console):
    row = wish(console)
    tuning.stop(console.actor, row, now=timezone.now())
    assert row.status == "Stopped"
    tuning.submit(row, now=timezone.now())
    assert row.aws_name == ""


@pytest.mark.slow
def test_it_starts_warm_from_an_earlier_one(console):
    first = finished(console, submitted(console, max_jobs=1, max_parallel=1))
    warm = {"kind": "IdenticalDataAndAlgorithm", "parents": [first.uid]}
    second = submitted(console, max_jobs=1, max_parallel=1, warm_start=warm)
    assert second.warm_start["parents"] == [first.aws_name]
    with pytest.raises(InvalidFields) as refusal:
        wish(console, warm_start={"kind": "TransferLearning", "parents": [second.uid]})
    assert "finished" in refusal.value.errors["warm_start"][0]


def test_it_finds_what_a_notebook_tunes(console):
    row = submitted(console, hyperparameters=LONG | {"eval_metric": "auc"})
    name = row.aws_name
    TrainingJob.objects.filter(tuning_job=row).delete()
    TuningJob.objects.filter(pk=row.pk).delete()
    tuning_mirror.look(console.workspace, now=timezone.now())
    found = TuningJob.objects.get(aws_name=name)
    assert (found.status, found.algorithm, found.created_by) == ("InProgress", "xgboost", None)
    assert found.ranges[0]["low"] == "2"
    sagemaker.stop_tuning_job(console.workspace.account, name)
