"""A finished job that AWS contradicts keeps its row and says so, until AWS agrees again."""

import dataclasses
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from aws import sagemaker
from aws.types import TrainingJob as Seen
from jobs import mirror, sighting, training
from jobs.models import TrainingJob
from tests.jobs.conftest import QUICK, inject

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
HOUR = timedelta(hours=1)


@pytest.fixture
def over(workspace, prepared):
    """A finished row and AWS's answer that agrees with it; no AWS involved."""
    now = timezone.now()
    began = now - HOUR
    job = TrainingJob.objects.create(
        workspace=workspace,
        preparation=prepared,
        name="over",
        aws_name="over-1",
        status="Completed",
        artifact="s3://lab-bucket/a.tar.gz",
        created_at=began,
        ended_at=now,
        aws_modified_at=now,
    )
    seen = Seen(
        name="over-1",
        arn="arn",
        status="Completed",
        secondary_status="Completed",
        transitions=(),
        failure_reason="",
        artifact=job.artifact,
        metrics={},
        hyperparameters={},
        image="",
        instance_type="ml.m5.large",
        instance_count=1,
        created=began,
        started=began,
        ended=now,
        modified=now,
        training_seconds=60,
        billable_seconds=60,
    )
    return job, seen


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"status": "Failed"}, "AWS says Failed, this console saw it end as Completed."),
        ({"status": "InProgress"}, "AWS says InProgress"),
        ({"artifact": "s3://elsewhere/b.tar.gz"}, "another artifact: s3://elsewhere/b.tar.gz"),
        ({"artifact": ""}, "another artifact: none"),
        ({"created": timezone.now() + HOUR}, "another job of this name now"),
    ],
)
def test_it_notes_the_contradiction_and_keeps_what_it_saw(over, changes, told):
    job, seen = over
    assert not sighting.apply(job, dataclasses.replace(seen, **changes), now=timezone.now())
    job.refresh_from_db()
    assert told in job.drift
    assert (job.status, job.artifact) == ("Completed", "s3://lab-bucket/a.tar.gz")


def test_it_forgets_it_when_aws_agrees_again(over):
    job, seen = over
    sighting.apply(job, dataclasses.replace(seen, status="Failed"), now=timezone.now())
    assert job.drift
    assert sighting.apply(job, seen, now=timezone.now())
    job.refresh_from_db()
    assert job.drift == ""


def test_an_older_answer_contradicts_nothing(over):
    job, seen = over
    late = dataclasses.replace(seen, status="InProgress", modified=seen.modified - HOUR)
    assert not sighting.apply(job, late, now=timezone.now())
    job.refresh_from_db()
    assert job.drift == ""


def test_it_stands_on_the_jobs_page_and_in_the_api(over, signed_in, viewer, api):
    job, seen = over
    sighting.apply(job, dataclasses.replace(seen, status="Failed"), now=timezone.now())
    page = signed_in(viewer).get(reverse("jobs:detail", args=[job.uid])).content.decode()
    assert "AWS says Failed" in page
    assert "AWS contradicts" in signed_in(viewer).get(reverse("jobs:list")).content.decode()
    assert "AWS says Failed" in api(viewer).get(f"/api/v1/jobs/{job.uid}").json()["drift"]


def test_a_round_finds_what_is_gone_or_was_reused(own_console):
    jobs = [own_console.submitted(name=f"n{number}") for number in range(3)]
    for job in jobs:
        own_console.finished(job)
    client = own_console.service.client("sagemaker")
    gone, reused, kept = jobs
    for job in (gone, reused):
        client.delete_training_job(TrainingJobName=job.aws_name)
    later = timezone.now() + HOUR
    TrainingJob.objects.update(created_at=timezone.now() - HOUR)
    mirror.look(own_console.workspace, now=later)
    for job in jobs:
        job.refresh_from_db()
    assert gone.drift == reused.drift == "The job is no longer at AWS."
    assert (gone.status, kept.drift) == ("Completed", "")

    sagemaker.create_training_job(own_console.workspace.account, training._spec(reused))
    own_console.watch(reused, lambda row: "another job of this name" in row.drift)
    assert reused.status == "Completed"


def test_a_round_finds_a_row_that_is_wrong_though_nothing_changed_at_aws(own_console):
    """As after a database was put back from a backup."""
    job = own_console.finished(own_console.submitted(QUICK))
    TrainingJob.objects.filter(pk=job.pk).update(status="Failed")
    mirror.look(own_console.workspace, now=timezone.now() + HOUR)
    job.refresh_from_db()
    assert job.drift == "AWS says Completed, this console saw it end as Failed."
    TrainingJob.objects.filter(pk=job.pk).update(status="Completed")
    mirror.look(own_console.workspace, now=timezone.now() + 2 * HOUR)
    job.refresh_from_db()
    assert job.drift == ""
    artifact = job.artifact
    TrainingJob.objects.filter(pk=job.pk).update(artifact="s3://other/model.tar.gz")
    mirror.look(own_console.workspace, now=timezone.now() + 3 * HOUR)  # the sample
    job.refresh_from_db()
    assert job.drift == f"AWS names another artifact: {artifact}"[:255]


def test_an_answer_that_there_is_nothing_is_believed_only_of_two_calls(own_console):
    """One stale or denied call is no drift: the list must miss the job, too."""
    job = own_console.finished(own_console.submitted(QUICK))
    gone = {"kind": "error", "code": "ValidationException", "status": 400}
    gone |= {"message": "Requested resource not found.", "operation": "DescribeTrainingJob"}
    inject(own_console.service, gone)
    for hour in range(1, 4):
        mirror.look(own_console.workspace, now=timezone.now() + hour * HOUR)
    job.refresh_from_db()
    assert job.drift == ""
