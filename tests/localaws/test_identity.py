"""STS and IAM: who is calling, in whose role."""

import boto3
import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/team/Reader"


def assume(localaws, **changes):
    request = {"RoleArn": ROLE, "RoleSessionName": "mlconsole", "ExternalId": "secret"} | changes
    return localaws.client("sts").assume_role(**request)


def session(credentials, **changes):
    names = {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }
    return boto3.Session(region_name="us-east-1", **(names | changes))


def test_it_says_who_is_calling(localaws):
    identity = localaws.client("sts").get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"] == "arn:aws:iam::123456789012:root"


def test_it_gives_temporary_credentials_that_work_everywhere(localaws, bucket):
    answer = assume(localaws)
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    assumed = session(answer["Credentials"])
    expected = "arn:aws:sts::123456789012:assumed-role/Reader/mlconsole"
    identity = assumed.client("sts", endpoint_url=localaws.url).get_caller_identity()
    assert identity["Arn"] == expected == answer["AssumedRoleUser"]["Arn"]
    s3 = assumed.client("s3", endpoint_url=localaws.url)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assumed.client("sagemaker", endpoint_url=localaws.url).list_models()
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert localaws.access_key not in url


def test_it_refuses_temporary_credentials_without_their_token(localaws):
    credentials = assume(localaws)["Credentials"]
    for token in (None, "forged"):
        forged = session(credentials, aws_session_token=token)
        with pytest.raises(ClientError, match="InvalidToken"):
            forged.client("s3", endpoint_url=localaws.url).list_buckets()
        with pytest.raises(ClientError, match="UnrecognizedClientException"):
            forged.client("sagemaker", endpoint_url=localaws.url).list_models()


def test_it_validates_the_request_to_assume(localaws):
    with pytest.raises(ClientError, match="'durationSeconds' failed to satisfy constraint"):
        assume(localaws, DurationSeconds=50_000)


def test_it_forgets_no_temporary_credentials_over_a_restart(own_localaws):
    assumed = session(assume(own_localaws)["Credentials"])
    own_localaws.restart()
    sts = assumed.client("sts", endpoint_url=own_localaws.url)
    assert "assumed-role/Reader" in sts.get_caller_identity()["Arn"]


def test_it_knows_every_role(localaws):
    role = localaws.client("iam").get_role(RoleName="AnyRole")["Role"]
    assert role["Arn"] == "arn:aws:iam::123456789012:role/AnyRole"
    principal = role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    assert principal == {"Service": "sagemaker.amazonaws.com"}


def test_it_allows_every_action_when_asked(localaws):
    answer = localaws.client("iam").simulate_principal_policy(
        PolicySourceArn=ROLE, ActionNames=["s3:GetObject", "s3:PutObject"]
    )
    decisions = {r["EvalActionName"]: r["EvalDecision"] for r in answer["EvaluationResults"]}
    assert decisions == {"s3:GetObject": "allowed", "s3:PutObject": "allowed"}
