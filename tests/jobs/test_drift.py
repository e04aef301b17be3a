"""A finished job that AWS contradicts keeps its row and says so, until AWS agrees again."""

import dataclasses
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from aws.types import TrainingJob as Seen
from bench.mirror import seed
from jobs import mirror, sighting
from jobs.models import TrainingJob
from tests.jobs.conftest import inject
from tests.jobs.test_outside import launch

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


@pytest.fixture
def past(own_console):
    """Three jobs that ended, all known."""
    seed(own_console.service.data, active=0, finished=3)
    own_console.look()
    jobs = list(TrainingJob.objects.order_by("aws_name"))
    assert [(job.status, job.artifact != "") for job in jobs] == [("Completed", True)] * 3
    return jobs


def look(console, jobs, *, hours):
    mirror.look(console.workspace, now=timezone.now() + hours * HOUR)
    for job in jobs:
        job.refresh_from_db()


def test_a_round_finds_what_is_gone_or_was_reused(own_console, past):
    client = own_console.service.client("sagemaker")
    gone, reused, kept = past
    for job in (gone, reused):
        client.delete_training_job(TrainingJobName=job.aws_name)
    look(own_console, past, hours=1)
    assert gone.drift == reused.drift == "The job is no longer at AWS."
    assert (gone.status, kept.drift) == ("Completed", "")

    launch(own_console, reused.aws_name)
    look(own_console, past, hours=2)
    assert "another job of this name" in reused.drift
    assert reused.status == "Completed"
    client.stop_training_job(TrainingJobName=reused.aws_name)


def test_a_round_finds_a_row_that_is_wrong_though_nothing_changed_at_aws(own_console, past):
    """As after a database was put back from a backup."""
    job = past[0]
    TrainingJob.objects.filter(pk=job.pk).update(status="Failed")
    look(own_console, past, hours=1)
    assert job.drift == "AWS says Completed, this console saw it end as Failed."
    TrainingJob.objects.filter(pk=job.pk).update(status="Completed")
    look(own_console, past, hours=2)
    assert job.drift == ""
    artifact = job.artifact
    TrainingJob.objects.update(artifact="s3://other/model.tar.gz")
    look(own_console, past, hours=3)  # one of the three, by chance
    [told] = {job.drift for job in past} - {""}
    assert told.startswith("AWS names another artifact: s3://bench/out/past-")
    assert artifact.startswith("s3://bench/out/past-0")


def test_an_answer_that_there_is_nothing_is_believed_only_of_two_calls(own_console, past):
    """One stale or denied call is no drift: the list must miss the job, too."""
    gone = {"kind": "error", "code": "ValidationException", "status": 400}
    gone |= {"message": "Requested resource not found.", "operation": "DescribeTrainingJob"}
    inject(own_console.service, gone)
    for hours in range(1, 4):
        look(own_console, past, hours=hours)
    assert {job.drift for job in past} == {""}
