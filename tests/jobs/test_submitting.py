"""A row becomes exactly one job at AWS, whatever happens on the way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aws import naming, sagemaker
from jobs import training
from jobs.models import TrainingJob
from tests.jobs.conftest import QUICK, inject

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def submit(job, *, later=timedelta(0)):
    row = TrainingJob.objects.get(pk=job.pk)
    training.submit(row, now=timezone.now() + later)
    job.refresh_from_db()


def create(**more):
    return {"service": "sagemaker", "operation": "CreateTrainingJob", **more}


def test_it_creates_the_job_with_our_tag(console):
    job = console.submitted(QUICK, name="Über trees!")
    assert (job.status, job.secondary_status) == ("InProgress", "Starting")
    assert job.aws_name == f"uber-trees-{job.uid}"
    seen = sagemaker.describe_training_job(job.workspace.account, job.aws_name)
    assert seen.arn == job.arn
    assert seen.hyperparameters == QUICK
    assert [channel.name for channel in seen.channels] == ["train", "validation"]
    assert seen.output_s3_uri == f"s3://{job.workspace.bucket}/jobs/{job.uid}/"
    assert sagemaker.list_tags(job.workspace.account, job.arn) == {"mlconsole:id": job.uid}


def test_it_submits_once_when_told_twice(console):
    job = console.submitted()
    submit(job)
    assert console.names_at_aws().count(job.aws_name) == 1


def test_it_leaves_a_row_alone_that_another_worker_holds(console):
    job = console.wish()
    held = TrainingJob.objects.get(pk=job.pk)
    submit(job)
    training.submit(held, now=timezone.now())
    assert held.status == "Requested"
    job.refresh_from_db()
    assert job.status == "InProgress"


def test_it_adopts_what_an_earlier_attempt_created(console):
    job = console.wish()
    name = naming.training_job(job.name, job.uid)
    job.aws_name = name
    arn = sagemaker.create_training_job(job.workspace.account, training.spec(job))
    submit(job)
    assert (job.status, job.arn) == ("InProgress", arn)
    assert console.names_at_aws().count(name) == 1


def test_it_refuses_a_foreign_job_of_the_same_name(console):
    job = console.wish()
    job.aws_name = naming.training_job(job.name, job.uid)
    spec = training.spec(job)
    sagemaker.create_training_job(
        job.workspace.account, type(spec)(**{**vars(spec), "tags": {"mlconsole:id": "other"}})
    )
    submit(job)
    assert job.status == "Rejected"
    assert "already has this name" in job.failure_reason
    console.look()
    assert TrainingJob.objects.get(aws_name=spec.name).created_by is None


def test_it_refuses_a_name_that_the_mirror_found_first(console):
    job = console.wish()
    name = naming.training_job(job.name, job.uid)
    TrainingJob.objects.create(workspace=console.workspace, name=name, aws_name=name, status="X")
    submit(job)
    assert job.status == "Rejected"
    assert "already has this name" in job.failure_reason


def test_it_rejects_with_a_reason_what_aws_refuses(console):
    console.workspace.execution_role_arn = "arn:aws:iam::123456789012:role/?"
    console.workspace.save()
    job = console.wish()
    submit(job)
    assert job.status == "Rejected"
    assert job.failure_reason.startswith("ValidationException: ")
    assert job.aws_name == ""


def test_it_waits_while_aws_throttles_and_then_runs_once(own_console):
    inject(own_console.service, create(kind="throttle", count=3))
    job = own_console.wish()
    submit(job)
    assert (job.status, job.attempts) == ("Requested", 1)
    training.submit(
        TrainingJob.objects.get(pk=job.pk), now=job.next_check_at - timedelta(milliseconds=1)
    )
    assert own_console.names_at_aws() == []
    submit(job, later=timedelta(minutes=3))
    assert job.status == "InProgress"
    assert own_console.names_at_aws() == [job.aws_name]


@pytest.mark.parametrize("lost", [1, 3])
def test_it_adopts_a_job_whose_answer_was_lost(own_console, lost):
    inject(own_console.service, create(kind="lost_response", count=lost))
    job = own_console.wish()
    submit(job)
    submit(job, later=timedelta(minutes=3))
    assert job.status == "InProgress"
    assert own_console.names_at_aws() == [job.aws_name]


def test_it_waits_while_aws_is_down(own_console):
    job = own_console.wish()
    own_console.service.kill()
    submit(job)
    assert (job.status, job.attempts) == ("Requested", 1)
    own_console.service.start()
    submit(job, later=timedelta(minutes=3))
    assert job.status == "InProgress"


def test_it_fails_with_a_reference_on_what_it_does_not_understand(own_console):
    fault = create(kind="error", code="Strange", message="?", status=418)
    inject(own_console.service, fault)
    job = own_console.wish()
    with pytest.raises(Exception, match=r"\?"):
        submit(job)
    job.refresh_from_db()
    assert job.status == "Failed"
    assert "reference" in job.failure_reason
