"""Transform jobs: what is sent, how AWS's description reads, and how a missing one is told."""

import json
from datetime import UTC, datetime

import pytest

from aws import errors, sagemaker
from aws.types import TransformJobSpec
from tests.aws.conftest import Reply

SPEC = TransformJobSpec(
    name="j",
    model="m",
    input_uri="s3://b/in/",
    output_uri="s3://b/out/",
    content_type="text/csv",
    accept="text/csv",
    instance_type="ml.m5.large",
    instance_count=2,
    tags={"mlconsole:id": "7"},
)


@pytest.mark.parametrize("account", ["local"], indirect=True)  # moto knows no such job
def test_it_misses_a_job(account):
    with pytest.raises(errors.NotFound):
        sagemaker.describe_transform_job(account, "nobodys")
    with pytest.raises(errors.NotFound):
        sagemaker.stop_transform_job(account, "nobodys")


def test_it_sends_what_is_asked(scripted):
    scripted.says(Reply(body=b'{"TransformJobArn": "arn"}'))
    assert sagemaker.create_transform_job(scripted.account, SPEC) == "arn"
    sent = json.loads(scripted.requests[0].body)
    assert sent["TransformInput"] == {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in/"}},
        "ContentType": "text/csv",
        "SplitType": "Line",
    }
    assert sent["TransformOutput"] == {
        "S3OutputPath": "s3://b/out/",
        "Accept": "text/csv",
        "AssembleWith": "Line",
    }
    assert (sent["BatchStrategy"], sent["MaxPayloadInMB"]) == ("MultiRecord", 6)
    assert sent["TransformResources"] == {"InstanceType": "ml.m5.large", "InstanceCount": 2}
    assert sent["Tags"] == [{"Key": "mlconsole:id", "Value": "7"}]
    assert "MaxConcurrentTransforms" not in sent


def test_it_reads_a_failed_job(scripted):
    answer = {
        "TransformJobName": "j",
        "TransformJobArn": "arn",
        "TransformJobStatus": "Failed",
        "FailureReason": "ClientError: See job logs for more information",
        "ModelName": "m",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "x", "S3Uri": "y"}}},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 2},
        "CreationTime": 86_400.0,
        "TransformEndTime": 172_800.0,
    }
    scripted.says(Reply(body=json.dumps(answer).encode()))
    job = sagemaker.describe_transform_job(scripted.account, "j")
    assert (job.status, job.model, job.instance_count) == ("Failed", "m", 2)
    assert job.failure_reason == "ClientError: See job logs for more information"
    assert (job.started, job.ended) == (None, datetime(1970, 1, 3, tzinfo=UTC))
