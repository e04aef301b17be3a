"""Refusals in the service's own words: clients tell them apart by code and text."""

import pytest

from tests.localaws.lab import ROLE, XGBOOST, Lab, channel, refusal, variant

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
URL = "s3://lab-bucket/out/for-wording/output/model.tar.gz"


@pytest.fixture(scope="module")
def lab(localaws) -> Lab:
    lab = Lab(localaws)
    lab.trained("for-wording")
    lab.model("wording", URL)
    lab.config("wording", wording=1)
    return lab


@pytest.mark.parametrize(
    ("operation", "member", "said"),
    [
        ("describe_training_job", "TrainingJobName", "Requested resource not found."),
        ("stop_training_job", "TrainingJobName", "Requested resource not found."),
        ("describe_model", "ModelName", f'Could not find model "{ARN}:model/absent".'),
        ("delete_model", "ModelName", f'Could not find model "{ARN}:model/absent".'),
        (
            "describe_endpoint_config",
            "EndpointConfigName",
            f'Could not find endpoint configuration "{ARN}:endpoint-config/absent".',
        ),
        ("delete_endpoint", "EndpointName", f'Could not find endpoint "{ARN}:endpoint/absent".'),
    ],
)
def test_it_cannot_find_what_is_absent(lab, operation, member, said):
    called = getattr(lab.sagemaker, operation)
    assert refusal(called, **{member: "Absent"}) == ("ValidationException", said)


def test_it_says_resource_in_use_for_a_second_job(lab):
    assert refusal(lab.start, name="for-wording") == (
        "ResourceInUse",
        "Training job names must be unique within an AWS account and region, and a training job "
        f"with this name already exists ({ARN}:training-job/for-wording)",
    )


def test_it_says_so_even_when_the_data_is_gone(lab):
    gone = channel("train", "s3://lab-bucket/gone/")
    assert refusal(lab.start, name="for-wording", InputDataConfig=[gone])[0] == "ResourceInUse"


def test_it_takes_names_that_differ_only_in_case_for_the_same(lab):
    assert refusal(lab.start, name="For-Wording")[0] == "ResourceInUse"
    assert refusal(lab.job, name="For-Wording")[1] == "Requested resource not found."


def test_it_says_validation_exception_for_a_second_model(lab):
    assert refusal(lab.model, name="wording", url=URL) == (
        "ValidationException",
        f'Cannot create already existing model "{ARN}:model/wording".',
    )


def test_it_says_validation_exception_for_a_second_configuration(lab):
    assert refusal(lab.config, name="wording", wording=1) == (
        "ValidationException",
        f'Cannot create already existing endpoint configuration "{ARN}:endpoint-config/wording".',
    )


def test_it_wants_the_model_data(lab):
    container = {"Image": XGBOOST, "ModelDataUrl": "s3://lab-bucket/none.tar.gz"}
    assert refusal(
        lab.sagemaker.create_model,
        ModelName="dataless",
        PrimaryContainer=container,
        ExecutionRoleArn=ROLE,
    ) == ("ValidationException", "Could not find model data at s3://lab-bucket/none.tar.gz.")


def test_it_wants_the_model_of_a_configuration(lab):
    assert refusal(
        lab.sagemaker.create_endpoint_config,
        EndpointConfigName="modelless",
        ProductionVariants=[variant("absent")],
    ) == ("ValidationException", f'Could not find model "{ARN}:model/absent".')


def test_it_wants_the_configuration_of_an_endpoint(lab):
    assert refusal(
        lab.sagemaker.create_endpoint, EndpointName="configless", EndpointConfigName="absent"
    ) == (
        "ValidationException",
        f'Could not find endpoint configuration "{ARN}:endpoint-config/absent".',
    )


def test_it_fills_in_what_describe_model_shows(lab):
    container = lab.sagemaker.describe_model(ModelName="wording")["PrimaryContainer"]
    assert container["Mode"] == "SingleModel"
    assert container["ModelDataSource"]["S3DataSource"]["S3Uri"] == URL


def test_it_leaves_out_what_was_not_asked_for(lab):
    described = lab.sagemaker.describe_endpoint_config(EndpointConfigName="wording")
    assert "DataCaptureConfig" not in described
    assert described["ProductionVariants"][0]["InitialVariantWeight"] == 1
