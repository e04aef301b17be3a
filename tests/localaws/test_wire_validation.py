"""What boto3 lets through, the service refuses, in Amazon's words."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/SageMaker"


@pytest.fixture
def sagemaker(localaws):
    return localaws.client("sagemaker", parameter_validation=False)


def training_job(**changes: Any) -> dict[str, Any]:
    request: dict[str, Any] = {
        "TrainingJobName": "a-good-name",
        "AlgorithmSpecification": {"TrainingImage": "xgboost:1", "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 10,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    request.update(changes)
    return {name: value for name, value in request.items() if value is not None}


def refusal(call, **request):
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return error["Code"], error["Message"]


def test_it_names_the_pattern_that_a_name_misses(sagemaker):
    request = training_job(TrainingJobName="bad_name")
    assert refusal(sagemaker.create_training_job, **request) == (
        "ValidationException",
        "1 validation error detected: Value 'bad_name' at 'trainingJobName' failed to satisfy"
        " constraint: Member must satisfy regular expression pattern:"
        " ^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
    )


def test_it_names_the_longest_length(sagemaker):
    code, message = refusal(sagemaker.create_training_job, **training_job(TrainingJobName="a" * 64))
    assert code == "ValidationException"
    assert message.endswith(
        "at 'trainingJobName' failed to satisfy constraint:"
        " Member must have length less than or equal to 63"
    )


def test_it_names_a_missing_member(sagemaker):
    _, message = refusal(sagemaker.create_training_job, **training_job(RoleArn=None))
    assert message == (
        "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint:"
        " Member must not be null"
    )


def test_it_lists_the_values_of_an_enum_and_says_where(sagemaker):
    algorithm = {"TrainingImage": "xgboost:1", "TrainingInputMode": "Carrier pigeon"}
    _, message = refusal(
        sagemaker.create_training_job, **training_job(AlgorithmSpecification=algorithm)
    )
    assert message == (
        "1 validation error detected: Value 'Carrier pigeon' at"
        " 'algorithmSpecification.trainingInputMode' failed to satisfy constraint:"
        " Member must satisfy enum value set: [Pipe, File, FastFile]"
    )


def test_it_counts_every_error(sagemaker):
    channels = [{"ChannelName": "bad name", "DataSource": {}}]
    request = training_job(InputDataConfig=channels, RoleArn=None)
    _, message = refusal(sagemaker.create_training_job, **request)
    assert message.startswith("2 validation errors detected: Value null at 'roleArn'")
    assert "; Value 'bad name' at 'inputDataConfig.1.member.channelName'" in message


def test_it_checks_the_values_of_a_map(sagemaker):
    request = training_job(HyperParameters={"eta": "x" * 2501})
    _, message = refusal(sagemaker.create_training_job, **request)
    assert "at 'hyperParameters' failed to satisfy constraint: Map value must satisfy" in message
    assert "[Member must have length less than or equal to 2500]" in message


def test_it_checks_numbers(sagemaker):
    _, message = refusal(sagemaker.list_training_jobs, MaxResults=101)
    assert message == (
        "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint:"
        " Member must have value less than or equal to 100"
    )


def test_it_checks_tags_of_any_alphabet(sagemaker):
    arn = "arn:aws:sagemaker:us-east-1:123456789012:training-job/x"
    _, message = refusal(
        sagemaker.add_tags, ResourceArn=arn, Tags=[{"Key": "Größe 1", "Value": "a\x00b"}]
    )
    assert message.startswith("1 validation error detected")
    assert "'tags.1.member.value'" in message


def test_it_refuses_a_value_of_the_wrong_type(localaws):
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "SageMaker.ListTrainingJobs",
    }
    for body in (b'{"MaxResults": "many"}', b"[1]", b"{not json", b'{"MaxResults": 1.5}'):
        status, _, answer = localaws.call("POST", "/", body, headers, service="sagemaker")
        assert status == 400
        assert b"SerializationException" in answer


def test_it_says_which_operation_is_not_implemented(localaws):
    client = localaws.client("sagemaker")
    code, message = refusal(client.list_workteams)
    assert code == "NotImplementedException"
    assert "ListWorkteams is not implemented" in message


def test_it_refuses_an_operation_that_does_not_exist(localaws):
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.Nonsense"}
    status, _, answer = localaws.call("POST", "/", b"{}", headers, service="sagemaker")
    assert status == 400
    assert b"UnknownOperationException" in answer


def test_it_refuses_a_document_that_is_too_large(localaws):
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "SageMaker.ListTrainingJobs",
    }
    status, _, answer = localaws.call("POST", "/", b" " * (9 << 20), headers, service="sagemaker")
    assert status == 413
    assert b"RequestEntityTooLarge" in answer


def test_it_gives_every_answer_a_request_id(localaws):
    answer = localaws.client("sagemaker").list_models()
    assert len(answer["ResponseMetadata"]["RequestId"]) == 36
