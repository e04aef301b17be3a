"""Only who holds the key is served: no web page, no other program of another user."""

import datetime as dt
from http import HTTPStatus

import boto3
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example"}
TARGET = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "SageMaker.ListTrainingJobs",
}


def fetch(localaws, url, method="GET", data=b""):
    status, _, answer = localaws.call(method, url.removeprefix(localaws.url), data)
    return status, answer


def test_it_refuses_a_form_posted_by_a_web_page(localaws):
    body = b"Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/x&RoleSessionName=evil"
    status, headers, answer = localaws.call("POST", "/", body, FORM)
    assert status == HTTPStatus.FORBIDDEN
    assert b"MissingAuthenticationToken" in answer
    assert "access-control-allow-origin" not in headers


def test_it_refuses_an_unsigned_put_and_stores_nothing(localaws, bucket, s3):
    status, _, answer = localaws.call("PUT", f"/{bucket}/planted", b"x", {"Origin": "http://evil"})
    assert status == HTTPStatus.FORBIDDEN
    assert b"<Code>AccessDenied</Code>" in answer
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_it_does_not_answer_a_browser_that_asks_first(localaws):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}
    status, headers, _ = localaws.call("OPTIONS", "/_localaws/faults", b"", asked)
    assert status == HTTPStatus.FORBIDDEN
    assert not [name for name in headers if name.startswith("access-control")]


def test_it_answers_the_health_check_without_a_signature(localaws):
    status, _, answer = localaws.call("GET", "/_localaws/health")
    assert status == HTTPStatus.OK
    assert b'"ok"' in answer


def test_it_refuses_a_wrong_secret(localaws):
    stranger = boto3.Session(localaws.access_key, "wrong", region_name="us-east-1")
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        stranger.client("s3", endpoint_url=localaws.url).list_buckets()
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        stranger.client("logs", endpoint_url=localaws.url).describe_log_groups()


def test_it_refuses_an_unknown_key(localaws):
    stranger = boto3.Session("AKIAUNKNOWN", "wrong", region_name="us-east-1")
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        stranger.client("s3", endpoint_url=localaws.url).list_buckets()
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        stranger.client("sagemaker", endpoint_url=localaws.url).list_models()


def test_it_refuses_a_body_that_was_changed_after_signing(localaws):
    request = AWSRequest("POST", f"{localaws.url}/", data=b"{}", headers=TARGET)
    key = Credentials(localaws.access_key, localaws.secret)
    SigV4Auth(key, "sagemaker", "us-east-1").add_auth(request)
    headers = dict(request.headers.items())
    assert localaws.call("POST", "/", b"{}", headers)[0] == HTTPStatus.OK
    status, _, answer = localaws.call("POST", "/", b'{"MaxResults": 1}', headers)
    assert status == HTTPStatus.FORBIDDEN
    assert b"InvalidSignatureException" in answer


def test_it_refuses_a_signature_of_yesterday(localaws, monkeypatch):
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: yesterday)
    status, _, answer = localaws.call("POST", "/", b"{}", TARGET, service="sagemaker")
    assert status == HTTPStatus.FORBIDDEN
    assert b"RequestTimeTooSkewed" in answer


def test_it_serves_a_presigned_download_and_refuses_a_changed_one(localaws, bucket, s3):
    s3.put_object(Bucket=bucket, Key="a b+é.txt", Body=b"content")
    wish = {
        "Bucket": bucket,
        "Key": "a b+é.txt",
        "ResponseContentDisposition": 'attachment; filename="x.txt"',
    }
    url = s3.generate_presigned_url("get_object", Params=wish, ExpiresIn=60)
    assert fetch(localaws, url) == (HTTPStatus.OK, b"content")
    assert fetch(localaws, url.replace("a%20b", "other"))[0] == HTTPStatus.FORBIDDEN
    assert fetch(localaws, url[:-4] + "0000")[0] == HTTPStatus.FORBIDDEN
    assert fetch(localaws, url.replace("Expires=60", "Expires=6000"))[0] == HTTPStatus.FORBIDDEN


def test_it_accepts_a_presigned_upload(localaws, bucket, s3):
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "up"})
    assert fetch(localaws, url, "PUT", b"uploaded")[0] == HTTPStatus.OK
    assert s3.get_object(Bucket=bucket, Key="up")["Body"].read() == b"uploaded"


def test_it_refuses_a_presigned_url_that_expired(localaws, bucket, monkeypatch):
    an_hour_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: an_hour_ago)
    request = AWSRequest("GET", f"{localaws.url}/{bucket}")
    key = Credentials(localaws.access_key, localaws.secret)
    SigV4QueryAuth(key, "s3", "us-east-1", expires=600).add_auth(request)
    status, answer = fetch(localaws, request.url)
    assert status == HTTPStatus.FORBIDDEN
    assert b"Request has expired" in answer


def test_it_keeps_the_credentials_private(localaws):
    assert (localaws.data / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert localaws.data.stat().st_mode & 0o077 == 0
