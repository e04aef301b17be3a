"""What happens at AWS becomes rows: in order, once, also for what others launched."""

import dataclasses
from datetime import timedelta

import pytest
from django.utils import timezone

from aws import sagemaker
from core import health_notes
from core.models import Heartbeat
from jobs import logs, sighting
from jobs.models import LogLine, MetricPoint, TrainingJob
from tests.jobs.conftest import LONG, QUICK, inject
from tests.localaws.lab import XGBOOST, channel, until

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
SOON = timedelta(minutes=2)


def describe(job):
    return sagemaker.describe_training_job(job.workspace.account, job.aws_name)


def refresh(job):
    sighting.refresh(job, job.workspace.account, now=timezone.now())


def test_it_follows_a_job_to_its_end(console):
    job = console.finished(console.submitted(QUICK | {"eval_metric": "logloss,accuracy"}))
    assert (job.status, job.secondary_status) == ("Completed", "Completed")
    assert [step["status"] for step in job.transitions][-1] == "Completed"
    assert job.artifact.startswith(f"s3://{job.workspace.bucket}/jobs/{job.uid}/")
    assert job.billable_seconds == job.training_seconds >= 1
    assert job.started_at <= job.ended_at
    assert job.metrics["validation:accuracy"] > 0.8


def test_it_reads_every_line_and_every_round(console):
    job = console.finished(console.submitted(QUICK | {"num_round": "7"}))
    rounds = MetricPoint.objects.filter(job=job, name="validation:logloss")
    console.watch(job, lambda _: rounds.count() == 7)
    assert [point.step for point in rounds] == list(range(7))
    assert job.headline_value == min(point.value for point in rounds)
    numbers = list(LogLine.objects.filter(job=job).values_list("number", flat=True))
    assert numbers == list(range(1, job.log_lines + 1))


def test_it_shows_metrics_while_the_job_trains(console):
    job = console.submitted(LONG)
    console.watch(job, lambda row: row.headline_value is not None)
    assert job.status == "InProgress"
    assert job.metrics["train:logloss"] > 0
    console.end(job)


def test_it_ends_reading_a_log_some_time_after_the_end(console):
    job = console.finished(console.submitted())
    console.watch(job, lambda row: row.log_lines > 0)
    assert not job.log_complete

    def later():
        console.look(later=SOON)
        return TrainingJob.objects.get(pk=job.pk).log_complete

    until(later, bool, 20)


def test_it_stores_a_page_of_log_once(console):
    job = console.submitted()
    other = TrainingJob.objects.get(pk=job.pk)
    page = logs.LogPage(
        (logs.cloudwatch_logs.LogEvent(timezone.now(), "[0]#011train-logloss:0.5"),), "token"
    )
    assert logs.keep(job, page)
    assert not logs.keep(other, page)
    assert LogLine.objects.filter(job=job).count() == 1


def test_it_keeps_a_failures_reason(console):
    job = console.wish()
    TrainingJob.objects.filter(pk=job.pk).update(
        hyperparameters=QUICK | {"objective": "binary:logistic", "base_score": "7"}
    )
    job.refresh_from_db()
    from jobs import training

    training.submit(job, now=timezone.now())
    console.finished(job)
    assert job.status == "Failed"
    assert "base_score" in job.failure_reason


def test_it_ignores_an_answer_older_than_the_row(console):
    job = console.finished(console.submitted())
    seen = describe(job)
    late = dataclasses.replace(
        seen, status="InProgress", modified=seen.modified - timedelta(seconds=3)
    )
    assert not sighting.apply(job, late, now=timezone.now())


def test_it_never_reopens_what_is_over(console):
    job = console.finished(console.submitted())
    seen = describe(job)
    newer = dataclasses.replace(
        seen, status="InProgress", modified=seen.modified + timedelta(seconds=3)
    )
    assert not sighting.apply(job, newer, now=timezone.now())
    job.refresh_from_db()
    assert job.status == "Completed"


def test_it_does_not_turn_stopping_back(console):
    job = console.submitted(LONG)
    TrainingJob.objects.filter(pk=job.pk).update(status="Stopping")
    job.refresh_from_db()
    seen = dataclasses.replace(describe(job), status="InProgress", secondary_status="Training")
    assert sighting.apply(job, seen, now=timezone.now())
    job.refresh_from_db()
    assert (job.status, job.secondary_status) == ("Stopping", "Training")
    console.end(job)


def test_it_shows_a_word_it_does_not_know_as_not_finished(console):
    job = console.submitted()
    seen = dataclasses.replace(describe(job), status="Pondering")
    assert sighting.apply(job, seen, now=timezone.now())
    job.refresh_from_db()
    assert (job.status, job.is_finished) == ("Pondering", False)
    assert console.finished(job).status == "Completed"


def test_it_lets_one_of_two_racing_answers_win(console):
    job = console.submitted()
    twin = TrainingJob.objects.get(pk=job.pk)
    seen = describe(job)
    newer = dataclasses.replace(
        seen, secondary_status="Training", modified=seen.modified + timedelta(seconds=5)
    )
    assert sighting.apply(job, newer, now=timezone.now())
    assert not sighting.apply(twin, seen, now=timezone.now())
    job.refresh_from_db()
    assert job.secondary_status == "Training"


def test_it_finds_what_others_launched(console):
    client = console.service.client("sagemaker")
    name = f"by-hand-{TrainingJob().uid}"
    client.create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        RoleArn=console.workspace.execution_role_arn,
        HyperParameters=QUICK,
        InputDataConfig=[channel("train", f"s3://{console.workspace.bucket}/cancer/train/")],
        OutputDataConfig={"S3OutputPath": f"s3://{console.workspace.bucket}/out/"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    console.look()
    job = TrainingJob.objects.get(aws_name=name)
    assert (job.created_by, job.preparation, job.algorithm) == (None, None, "xgboost")
    assert console.finished(job).status == "Completed"
    points = MetricPoint.objects.filter(job=job, name="train:logloss")
    console.watch(job, lambda _: points.count() == 5)


def test_it_does_not_bring_back_what_was_removed_here(console):
    job = console.finished(console.submitted())
    from jobs import delete

    delete.remove(console.actor, job, now=timezone.now())
    console.look()
    assert TrainingJob.objects.filter(aws_name=job.aws_name).count() == 1
    assert not TrainingJob.objects.present().filter(pk=job.pk).exists()


def test_it_calls_a_job_gone_only_after_two_answers(console):
    job = console.submitted()
    TrainingJob.objects.filter(pk=job.pk).update(
        aws_name=f"gone-{job.uid}", created_at=timezone.now() - timedelta(hours=1)
    )
    job.refresh_from_db()
    refresh(job)
    job.refresh_from_db()
    assert job.status == "InProgress"
    refresh(job)
    job.refresh_from_db()
    assert (job.status, job.failure_reason) == ("Failed", "The job is no longer at AWS.")


def test_it_waits_with_a_young_job_that_aws_does_not_show(console):
    job = console.submitted()
    TrainingJob.objects.filter(pk=job.pk).update(aws_name=f"young-{job.uid}")
    job.refresh_from_db()
    for _ in range(3):
        refresh(job)
    job.refresh_from_db()
    assert job.status == "InProgress"


def test_it_notes_that_aws_is_away_and_is_back(own_console):
    own_console.look()
    assert health_notes.aws_trouble(own_console.workspace) is None
    own_console.service.kill()
    own_console.look()
    trouble = health_notes.aws_trouble(own_console.workspace)
    assert trouble
    assert trouble.words == "AWS does not answer"
    own_console.service.start()
    own_console.look()
    assert health_notes.aws_trouble(own_console.workspace) is None


def test_it_misses_nothing_when_a_look_breaks_off(own_console):
    jobs = [own_console.submitted(name=f"n{number}") for number in range(3)]
    names = {job.aws_name for job in jobs}
    MetricPoint.objects.all().delete()
    TrainingJob.objects.all().delete()  # as if somebody else had launched them
    describe = {"service": "sagemaker", "operation": "DescribeTrainingJob", "kind": "throttle"}
    inject(own_console.service, describe | {"skip": 1})
    own_console.look()
    assert set(TrainingJob.objects.values_list("aws_name", flat=True)) == names
    described = TrainingJob.objects.exclude(image="")
    assert described.count() == 1
    inject(own_console.service)
    until(lambda: own_console.look() or described.count(), lambda count: count == 3, 10)


def test_it_forgets_a_refused_stop_when_the_job_ends_well(console):
    job = console.submitted()
    TrainingJob.objects.filter(pk=job.pk).update(failure_reason="Could not be stopped: No.")
    job.refresh_from_db()
    assert console.finished(job).failure_reason == ""


def test_it_goes_on_after_throttling(own_console):
    job = own_console.submitted()
    throttled = {"service": "sagemaker", "operation": "DescribeTrainingJob", "kind": "throttle"}
    inject(own_console.service, throttled)
    own_console.look()
    inject(own_console.service)
    assert own_console.finished(job).status == "Completed"


def test_it_is_not_fooled_by_stale_answers(own_console):
    for operation in ("DescribeTrainingJob", "ListTrainingJobs"):
        inject(
            own_console.service,
            {"service": "sagemaker", "operation": operation, "kind": "stale", "probability": 0.5},
        )
    job = own_console.submitted()
    seen = []
    own_console.watch(job, lambda row: seen.append(row.status) or row.is_finished)
    own_console.look()
    job.refresh_from_db()
    assert job.status == "Completed"
    assert set(seen) <= {"InProgress", "Completed"}


def test_it_looks_alone(console):
    name = "lease:" + health_notes.mirror_name(console.workspace, "jobs")
    Heartbeat.objects.create(name=name, at=timezone.now() + timedelta(seconds=30))
    console.look()
    assert not Heartbeat.objects.filter(name__startswith="mirror:").exists()
    console.look(later=timedelta(minutes=1))
    assert Heartbeat.objects.filter(name__startswith="mirror:").exists()
