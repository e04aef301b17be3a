"""AWS's many ways of saying no become few; the wordings are those real services gave."""

import pytest
from boto3.exceptions import Boto3Error, RetriesExceededError
from botocore import exceptions as boto
from botocore.exceptions import ClientError

from aws import errors

ARN = "arn:aws:sagemaker:us-east-1:123456789012"


def raised(code: str, message: str, status: int = 400) -> errors.AwsError:
    answer = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "req-7"},
    }
    with pytest.raises(errors.AwsError) as caught, errors.translated():
        raise ClientError(answer, "Something")  # type: ignore[arg-type]  # the rest is not read
    return caught.value


def raised_by(error: Exception) -> errors.AwsError:
    with pytest.raises(errors.AwsError) as caught, errors.translated():
        raise error
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ValidationException", "Requested resource not found."),
        ("ResourceNotFound", "Amazon SageMaker can't find a tuning job with the name X"),
        ("ValidationException", "Could not find requested job with name: X"),
        ("ValidationException", f'Could not find endpoint "{ARN}:endpoint/x".'),
        ("ValidationException", f'Could not find endpoint configuration "{ARN}:x".'),
        ("ValidationException", f'Could not find model "{ARN}:model/x".'),
        ("ValidationException", f"Could not find training job '{ARN}:x'"),  # moto's way
        ("ValidationError", "Endpoint X of account 123456789012 not found."),
        ("ResourceNotFoundException", "The specified log group does not exist."),
        ("NoSuchKey", "The specified key does not exist."),
        ("NoSuchBucket", "The specified bucket does not exist"),
        ("404", "Not Found"),
        ("NoSuchEntity", "The role with name x cannot be found."),
    ],
)
def test_it_knows_what_is_missing(code, message):
    assert type(raised(code, message)) is errors.NotFound


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ResourceInUse", "Training job names must be unique within an AWS account and region"),
        ("ValidationException", f'Cannot create already existing endpoint "{ARN}:endpoint/x".'),
        ("ValidationException", f'Cannot create already existing model "{ARN}:model/x".'),
    ],
)
def test_it_knows_what_is_there_already(code, message):
    assert type(raised(code, message)) is errors.AlreadyExists


@pytest.mark.parametrize(
    "message",
    [
        "1 validation error detected: Value 'a_b' at 'trainingJobName' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9]",
        "Could not assume role arn:aws:iam::123456789012:role/x. Please ensure that the role "
        "exists and allows principal 'sagemaker.amazonaws.com' to assume the role.",
        'No S3 objects found under S3 URL "s3://b/x" given in input data source.',
        "Could not find model data at s3://bucket/model.tar.gz.",
    ],
)
def test_it_calls_the_rest_of_the_validation_invalid(message):
    failure = raised("ValidationException", message)
    assert type(failure) is errors.Invalid
    assert failure.message == str(failure) == message


@pytest.mark.parametrize(
    "message",
    [
        f'Cannot update in-progress endpoint "{ARN}:endpoint/x".',
        "The request was rejected because the training job is in status Completed.",
    ],
)
def test_it_knows_the_wrong_moment(message):
    assert type(raised("ValidationException", message)) is errors.WrongState
    assert issubclass(errors.WrongState, errors.Invalid)


def test_it_knows_a_quota():
    message = "The account-level service limit 'ml.m5.large for training job usage' is 0 Instances"
    assert type(raised("ResourceLimitExceeded", message)) is errors.QuotaExceeded
    assert issubclass(errors.QuotaExceeded, errors.Invalid)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ThrottlingException", 400, errors.Throttled),
        ("SlowDown", 503, errors.Throttled),
        ("ServiceUnavailable", 503, errors.Unavailable),
        ("InternalFailure", 500, errors.Unavailable),
        ("SomethingNobodyHeardOf", 502, errors.Unavailable),
        ("ModelNotReadyException", 429, errors.Unavailable),
    ],
)
def test_it_says_what_is_worth_trying_again(code, status, kind):
    failure = raised(code, "Rate exceeded", status)
    assert type(failure) is kind
    assert failure.retryable


@pytest.mark.parametrize(
    "code",
    ["AccessDeniedException", "AccessDenied", "403", "ExpiredToken", "SignatureDoesNotMatch"],
)
def test_it_knows_a_refusal(code):
    failure = raised(code, "User is not authorized", 403)
    assert type(failure) is errors.Denied
    assert not failure.retryable


def test_it_keeps_what_support_asks_for():
    failure = raised("Novelty", "A text.")
    assert type(failure) is errors.Unknown
    assert (failure.code, failure.message, failure.request_id) == ("Novelty", "A text.", "req-7")


def test_it_says_the_code_when_aws_gives_no_reason():
    assert raised("Novelty", "").message == "Novelty"


@pytest.mark.parametrize(
    "error",
    [
        boto.EndpointConnectionError(endpoint_url="https://x"),
        boto.ConnectTimeoutError(endpoint_url="https://x"),
        boto.ReadTimeoutError(endpoint_url="https://x"),
        boto.ConnectionClosedError(endpoint_url="https://x"),
        boto.IncompleteReadError(actual_bytes=1, expected_bytes=2),
        RetriesExceededError(Boto3Error("broke off")),
    ],
)
def test_it_calls_a_broken_line_unavailable(error):
    failure = raised_by(error)
    assert type(failure) is errors.Unavailable
    assert failure.retryable


def test_it_says_that_credentials_are_missing():
    failure = raised_by(boto.NoCredentialsError())
    assert type(failure) is errors.Denied
    assert "credentials" in failure.message


def test_it_calls_a_wrong_parameter_invalid():
    failure = raised_by(boto.ParamValidationError(report="Missing required parameter"))
    assert type(failure) is errors.Invalid
    assert "Missing required parameter" in failure.message


def test_it_admits_what_it_does_not_know():
    assert type(raised_by(boto.UnknownServiceError(service_name="x", known_service_names="y"))) is (
        errors.Unknown
    )


def test_it_lets_our_own_bugs_through():
    with pytest.raises(ZeroDivisionError), errors.translated():
        raise ZeroDivisionError
