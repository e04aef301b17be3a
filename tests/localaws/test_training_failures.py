"""A job that cannot train says why, in words a person can act on."""

import pytest

from tests.localaws.lab import BASIC, BUCKET, Lab, channel, refusal


@pytest.fixture(scope="module")
def lab(localaws) -> Lab:
    return Lab(localaws)


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("extraneous", {"depth": "3"}, "Extraneous hyperparameter found: depth"),
        ("unparsed", {"max_depth": "5.0"}, "Hyperparameter max_depth: could not parse value"),
        ("outside", {"eta": "1.5"}, "Hyperparameter eta: value 1.5 not in range [0, 1]"),
    ],
)
def test_it_refuses_hyperparameters_as_the_container_does(lab, name, changes, reason):
    lab.start(name, BASIC | changes)
    job = lab.finished(name)
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    assert job["FailureReason"] == f"AlgorithmError: {reason}, exit code: 1"
    assert job["SecondaryStatusTransitions"][-1]["StatusMessage"] == job["FailureReason"]


def test_it_says_that_csv_without_content_type_is_not_libsvm(lab):
    plain = channel("train")
    del plain["ContentType"]
    lab.start("no-content-type", InputDataConfig=[plain])
    reason = lab.finished("no-content-type")["FailureReason"]
    assert reason.startswith("AlgorithmError: Failed to load libsvm data with exception:")


def test_it_names_the_text_in_a_header(lab):
    lab.put("header/a.csv", b"label,size\n1,2.5\n0,3.5\n")
    lab.start("header", InputDataConfig=[channel("train", f"s3://{BUCKET}/header/")])
    assert "could not convert string to float: 'label'" in lab.finished("header")["FailureReason"]


def test_it_names_what_is_available_for_an_unknown_image(lab):
    image = {"TrainingImage": "1.dkr.ecr.us-east-1.amazonaws.com/mystery:1"}
    lab.start("mystery", AlgorithmSpecification=image | {"TrainingInputMode": "File"})
    reason = lab.finished("mystery")["FailureReason"]
    assert "mystery:1" in reason
    assert "sagemaker-xgboost" in reason


def test_it_fails_when_the_output_bucket_is_missing(lab):
    lab.start("nowhere", OutputDataConfig={"S3OutputPath": "s3://not-a-bucket/out"})
    reason = lab.finished("nowhere")["FailureReason"]
    assert reason.startswith("ClientError: Artifact upload failed")
    assert "NoSuchBucket" in reason


def test_it_refuses_a_prefix_without_objects_at_once(lab):
    request = {"name": "empty", "InputDataConfig": [channel("train", f"s3://{BUCKET}/none/")]}
    code, message = refusal(lab.start, **request)
    assert code == "ValidationException"
    assert message.startswith(f'No S3 objects found under S3 URL "s3://{BUCKET}/none/" given in')
    assert refusal(lab.job, name="empty")[1] == "Requested resource not found."


def test_it_refuses_metric_definitions_for_a_built_in_image(lab):
    specification = lab.trained("measured")["AlgorithmSpecification"]
    code, message = refusal(lab.start, name="again", AlgorithmSpecification=specification)
    assert (code, message[:45]) == (
        "ValidationException",
        "You can't override the metric definitions for",
    )
