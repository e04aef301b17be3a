"""The sample experiment builds itself by the ordinary steps, once, and goes without a trace."""

import time

import pytest
from django.core.management import call_command
from django.utils import timezone

import datasets.tasks
import endpoints.tasks
import jobs.tasks
import results.tasks
from aws import s3
from core import access
from core.errors import NotAllowed, NotFound
from core.models import Workspace
from datasets.models import Dataset
from endpoints.models import Endpoint
from jobs.models import TrainingJob
from results import sample, share
from results.models import Evaluation, Sample, Share

SECONDS = 90


def jobs_round():
    """What the jobs' sweeps send messages for."""
    now = timezone.now()
    for job in TrainingJob.objects.to_submit().due(now):
        jobs.tasks.submit_training_job(job.pk)
    for job in TrainingJob.objects.to_halt().due(now):
        jobs.tasks.halt_training_job(job.pk)
    for workspace in Workspace.objects.all():
        jobs.tasks.mirror_workspace_jobs(workspace.pk)


ROUND = (
    datasets.tasks.sweep_datasets,
    jobs_round,
    endpoints.tasks.sweep_endpoints,
    endpoints.tasks.mirror_endpoints,
    results.tasks.sweep_evaluations,
)


@pytest.fixture
def own_bucket(aws_workspace, lab):
    """Nobody else's objects are in it."""
    aws_workspace.bucket = "sample-only"
    aws_workspace.save()
    lab.s3.create_bucket(Bucket="sample-only")
    return aws_workspace


def work_until(done):
    """What beat and worker do, until `done()`."""
    deadline = time.monotonic() + SECONDS
    while not done():
        for task in ROUND:
            task()
        found = Sample.objects.get()
        stages = [str(stage.row and stage.row.status) for stage in sample.stages(found.workspace)]
        assert time.monotonic() < deadline, stages
        assert found.status != "Failed", (found.failure_reason, stages)
        time.sleep(0.1)


def status() -> str:
    return Sample.objects.get().status


@pytest.mark.slow
@pytest.mark.usefixtures("admin")
def test_it_builds_itself_once_and_is_removed_by_one_click(own_bucket, actor):
    assert sample.start(own_bucket)
    work_until(lambda: status() == "Ready")
    found = sample.state(own_bucket)
    assert found.done == len(found.stages) == 5
    assert sum(map(sum, found.evaluation.confusion)) == found.evaluation.rows == 57
    assert found.evaluation.metrics["accuracy"] >= 0.93
    for model in (Dataset, TrainingJob, Endpoint, Evaluation):
        assert model.objects.filter(is_sample=True).count() == 1
    link, _ = share.create(actor, found.evaluation, share.Terms(expires_in_days=1))

    sample.remove(actor, own_bucket)
    sample.remove(actor, own_bucket)
    work_until(lambda: status() == "Removed")
    assert sample.state(own_bucket) is None
    for model in (Dataset, TrainingJob, Endpoint, Evaluation):
        assert not model.objects.present().filter(is_sample=True).exists()
    assert Share.objects.get(pk=link.pk).status == "Revoked"
    assert list(s3.list_objects(own_bucket.account, own_bucket.bucket, "")) == []
    assert not sample.start(own_bucket)


@pytest.mark.slow
@pytest.mark.usefixtures("admin")
def test_it_can_be_removed_while_it_is_being_built(aws_workspace, actor):
    assert sample.start(aws_workspace)
    work_until(lambda: TrainingJob.objects.filter(is_sample=True, arn__gt="").exists())
    sample.remove(actor, aws_workspace)
    work_until(lambda: status() == "Removed")
    assert not Endpoint.objects.present().filter(is_sample=True).exists()
    assert TrainingJob.objects.get(is_sample=True).is_finished


def test_it_starts_once_and_only_in_an_empty_workspace(workspace):
    assert sample.start(workspace)
    assert not sample.start(workspace)
    assert status() == "Building"


def test_it_leaves_a_workspace_with_data_alone(workspace, preparation):
    assert not sample.start(workspace)
    assert sample.state(workspace) is None


@pytest.mark.django_db
def test_the_command_starts_it(capsys):
    call_command("start_sample")
    assert "sample experiment starts" in capsys.readouterr().out
    call_command("start_sample")
    assert capsys.readouterr().out == ""
    assert Sample.objects.get().workspace.slug == "local"


def test_only_one_worker_has_the_turn(workspace):
    sample.start(workspace)
    now = timezone.now()
    mine, yours = Sample.objects.get(), Sample.objects.get()
    from core import states

    assert states.claim(mine, now=now, lease=sample.TURN)
    sample.advance(yours, now)  # without a turn it builds nothing, not even a dataset
    assert not Dataset.objects.exists()


def test_a_stage_that_failed_fails_the_sample_with_its_reason(workspace, admin):
    sample.start(workspace)
    Dataset.objects.create(
        workspace=workspace,
        name="x",
        status="Failed",
        failure_reason="The bucket is full.",
        is_sample=True,
    )
    sample.advance(Sample.objects.get(), timezone.now())
    assert status() == "Failed"
    assert Sample.objects.get().failure_reason == "The bucket is full."


def test_a_viewer_cannot_remove_it(viewer, workspace):
    sample.start(workspace)
    with pytest.raises(NotAllowed):
        sample.remove(access.actor(viewer), workspace)


def test_there_is_nothing_to_remove_twice(actor, workspace):
    with pytest.raises(NotFound):
        sample.remove(actor, workspace)
