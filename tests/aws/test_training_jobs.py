"""Training jobs: what is sent, and how AWS's description reads."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aws import errors, s3, sagemaker
from aws.images import image_uri
from aws.types import ChannelSpec, TrainingJobSpec, Transition
from tests.aws.conftest import REGION, ROLE, Reply

DAY = 86_400.0


@pytest.fixture
def spec(account, name):
    s3.ensure_bucket(account, name)
    s3.put_object(account, name, "in/train.csv", b"1,0.5\n0,0.1\n1,0.7\n0,0.2\n")
    return TrainingJobSpec(
        name=name,
        image=image_uri("sagemaker-xgboost", "1.7-1", REGION),
        role_arn=ROLE,
        hyperparameters={"num_round": "1", "objective": "binary:logistic"},
        channels=(ChannelSpec("train", f"s3://{name}/in/", "text/csv"),),
        output_s3_uri=f"s3://{name}/out",
        instance_type="ml.m5.large",
        max_runtime_seconds=300,
        tags={"mlconsole:id": "7"},
        environment={"PLAIN": "yes"},
    )


def test_it_starts_a_job_and_finds_it(account, spec):
    before = datetime.now(UTC)
    arn = sagemaker.create_training_job(account, spec)
    job = sagemaker.describe_training_job(account, spec.name)
    assert (job.name, job.arn, job.image) == (spec.name, arn, spec.image)
    assert job.status in {"InProgress", "Completed"}
    assert job.hyperparameters == spec.hyperparameters
    assert job.channels == spec.channels
    assert (job.instance_type, job.instance_count) == ("ml.m5.large", 1)
    assert (job.role_arn, job.output_s3_uri) == (ROLE, spec.output_s3_uri)
    assert job.created.tzinfo is UTC
    assert before - timedelta(seconds=2) <= job.created <= datetime.now(UTC)
    assert job.transitions[0].status == "Starting"


def test_it_tags_a_job(account, spec):
    arn = sagemaker.create_training_job(account, spec)
    assert sagemaker.list_tags(account, arn) == {"mlconsole:id": "7"}
    sagemaker.add_tags(account, arn, {"team": "risk", "mlconsole:id": "8"})
    assert sagemaker.list_tags(account, arn) == {"mlconsole:id": "8", "team": "risk"}


def test_it_lists_jobs(account, spec):
    arn = sagemaker.create_training_job(account, spec)
    [found] = [job for job in sagemaker.list_training_jobs(account) if job.name == spec.name]
    assert found.arn == arn
    assert found.status in {"InProgress", "Completed"}
    assert found.modified >= found.created


def test_it_lists_what_changed_after_a_moment(account, spec):
    sagemaker.create_training_job(account, spec)
    since = datetime.now(UTC) - timedelta(minutes=1)
    changed = sagemaker.list_training_jobs(account, modified_after=since)
    assert spec.name in {job.name for job in changed}
    later = datetime.now(UTC) + timedelta(hours=1)
    assert list(sagemaker.list_training_jobs(account, modified_after=later)) == []


def test_it_misses_a_job(account):
    with pytest.raises(errors.NotFound):
        sagemaker.describe_training_job(account, "nobodys")


def test_it_misses_a_job_to_stop(local):
    with pytest.raises(errors.NotFound):
        sagemaker.stop_training_job(local, "nobodys")


@pytest.mark.parametrize("account", ["local"], indirect=True)
def test_it_says_that_a_name_is_taken(account, spec):
    sagemaker.create_training_job(account, spec)
    with pytest.raises(errors.AlreadyExists):
        sagemaker.create_training_job(account, spec)


@pytest.mark.parametrize("account", ["local"], indirect=True)
def test_it_says_what_is_wrong_with_a_name(account, spec):
    with pytest.raises(errors.Invalid, match="trainingJobName"):
        sagemaker.create_training_job(account, replace(spec, name="a_b"))


def test_it_sends_no_empty_extras(scripted):
    scripted.says(Reply(body=b'{"TrainingJobArn": "arn"}'))
    sagemaker.create_training_job(
        scripted.account,
        TrainingJobSpec(
            name="j",
            image="i",
            role_arn=ROLE,
            hyperparameters={},
            channels=(ChannelSpec("train", "s3://b/in/"),),
            output_s3_uri="s3://b/out",
            instance_type="ml.m5.large",
        ),
    )
    sent = json.loads(scripted.requests[0].body)
    assert "Tags" not in sent
    assert "Environment" not in sent
    assert "ContentType" not in sent["InputDataConfig"][0]
    assert sent["AlgorithmSpecification"]["TrainingInputMode"] == "File"


def described(status, **more):
    return {
        "TrainingJobName": "j",
        "TrainingJobArn": "arn",
        "TrainingJobStatus": status,
        "SecondaryStatus": status,
        "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "File"},
        "ModelArtifacts": {"S3ModelArtifacts": "s3://b/out/j/output/model.tar.gz"},
        "CreationTime": DAY,
        "LastModifiedTime": 2 * DAY,
    } | more


def describe(scripted, **answer):
    scripted.says(Reply(body=json.dumps(answer).encode()))
    return sagemaker.describe_training_job(scripted.account, "j")


def test_it_reads_a_finished_job(scripted):
    job = describe(
        scripted,
        **described(
            "Completed",
            SecondaryStatusTransitions=[
                {"Status": "Starting", "StartTime": DAY, "EndTime": 2 * DAY, "StatusMessage": "s"},
                {"Status": "Training", "StartTime": 2 * DAY},
            ],
            FinalMetricDataList=[{"MetricName": "validation:auc", "Value": 0.5, "Timestamp": DAY}],
            TrainingTimeInSeconds=61,
            BillableTimeInSeconds=60,
        ),
    )
    first, second, third = (datetime(1970, 1, day, tzinfo=UTC) for day in (2, 3, 4))
    assert job.transitions == (
        Transition("Starting", first, second, "s"),
        Transition("Training", second, None, ""),
    )
    assert job.metrics == {"validation:auc": 0.5}
    assert job.artifact == "s3://b/out/j/output/model.tar.gz"
    assert (job.training_seconds, job.billable_seconds) == (61, 60)
    assert third > job.modified == second


@pytest.mark.parametrize("status", ["InProgress", "Failed", "Stopping", "SomethingNew"])
def test_it_promises_no_artifact_that_is_not_there(scripted, status):
    job = describe(scripted, **described(status))
    assert (job.status, job.artifact) == (status, "")


def test_it_reads_a_job_of_somebody_else(scripted):
    other = described("Failed", FailureReason="ClientError: no")
    del other["SecondaryStatus"], other["ModelArtifacts"]
    other["AlgorithmSpecification"] = {"AlgorithmName": "mine", "TrainingInputMode": "Pipe"}
    other["InputDataConfig"] = [
        {"ChannelName": "train", "DataSource": {"FileSystemDataSource": {"FileSystemId": "fs"}}}
    ]
    job = describe(scripted, **other)
    assert (job.image, job.failure_reason) == ("", "ClientError: no")
    assert job.channels == (ChannelSpec("train", ""),)


def test_it_follows_the_list_through_its_pages(scripted):
    def page(name, **more):
        summary = {
            "TrainingJobName": name,
            "TrainingJobArn": "arn",
            "CreationTime": DAY,
            "TrainingJobStatus": "InProgress",
        }
        return Reply(body=json.dumps({"TrainingJobSummaries": [summary]} | more).encode())

    scripted.says(page("one", NextToken="t"), page("two"))
    jobs = list(sagemaker.list_training_jobs(scripted.account))
    assert [job.name for job in jobs] == ["one", "two"]
    assert jobs[0].modified == jobs[0].created
    assert json.loads(scripted.requests[0].body)["MaxResults"] == 100
    assert json.loads(scripted.requests[1].body)["NextToken"] == "t"
