"""Jobs that others launched in the account: seen whole, and only seen."""

import pytest
from django.urls import reverse

from aws import sagemaker
from jobs.models import TrainingJob, TuningJob
from tests.jobs.conftest import LONG
from tests.localaws.lab import XGBOOST, channel

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def launch(console, name):
    """As a notebook does, with what the console's own form does not ask for."""
    client = console.service.client("sagemaker")
    client.create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        RoleArn=console.workspace.execution_role_arn,
        HyperParameters=LONG,
        InputDataConfig=[channel("train", f"s3://{console.workspace.bucket}/cancer/train/")],
        OutputDataConfig={"S3OutputPath": f"s3://{console.workspace.bucket}/out/"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 17},
        StoppingCondition={"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 900},
        EnableManagedSpotTraining=True,
        Environment={"STAGE": "lab", "DB_PASSWORD": "hidden-from-viewers"},
    )


@pytest.fixture
def outside(console):
    name = f"by-hand-{TrainingJob().uid}"
    launch(console, name)
    console.look()
    yield TrainingJob.objects.get(aws_name=name)
    sagemaker.stop_training_job(console.workspace.account, name)


def test_it_shows_what_they_asked_for_and_changes_nothing(console, outside, signed_in, member, api):
    assert outside.is_outside
    assert outside.inputs["train"] == {
        "uri": f"s3://{console.workspace.bucket}/cancer/train/",
        "content_type": "text/csv",
    }
    assert outside.environment == {"STAGE": "lab", "DB_PASSWORD": "…"}
    assert (outside.use_spot, outside.max_wait_seconds) == (True, 900)
    assert (outside.max_runtime_seconds, outside.volume_gb) == (600, 17)

    browser, page = signed_in(member), reverse("jobs:detail", args=[outside.uid])
    text = browser.get(page).content.decode()
    assert "outside" in text
    assert reverse("jobs:stop", args=[outside.uid]) not in text
    assert browser.post(reverse("jobs:stop", args=[outside.uid])).status_code == 409
    answer = api(member).post(f"/api/v1/jobs/{outside.uid}/stop")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert "launched outside" in answer.json()["error"]["message"]
    assert api(member).get(f"/api/v1/jobs/{outside.uid}").json()["owner"] == "outside"
    seen = sagemaker.describe_training_job(console.workspace.account, outside.aws_name)
    assert seen.status == "InProgress"

    TrainingJob.objects.filter(pk=outside.pk).update(status="Completed")
    assert reverse("jobs:delete", args=[outside.uid]) not in browser.get(page).content.decode()
    assert browser.post(reverse("jobs:delete", args=[outside.uid])).status_code == 409
    assert TrainingJob.objects.present().filter(pk=outside.pk).exists()


def test_it_knows_ours_from_theirs(workspace, prepared, member):
    ours = TrainingJob(workspace=workspace, preparation=prepared, aws_name="trees-003-ab12")
    assert not ours.is_outside  # a trial of a tuning job of ours
    left = TrainingJob(workspace=workspace)
    assert not left.is_outside  # never sent
    left.aws_name = f"trees-{left.uid}"
    assert not left.is_outside  # whoever launched it has left
    for kind in (TrainingJob, TuningJob):
        assert kind(workspace=workspace, aws_name="trees").is_outside
        assert not kind(workspace=workspace, aws_name="trees", created_by=member).is_outside
