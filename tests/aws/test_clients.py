"""Clients: one per account and service, with limits, from the account's own address and role."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from aws import errors, s3, sagemaker, sts
from aws.clients import Account, client
from tests.aws.conftest import REGION, Reply
from tests.localaws.conftest import free_port


def test_it_makes_one_client_for_all_threads(scripted):
    barrier = threading.Barrier(4)

    def make(_: int):
        barrier.wait()
        return client(scripted.account, "sts")

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(make, range(4)))
    assert len({id(one) for one in made}) == 1


def test_it_keeps_accounts_apart(scripted):
    other = replace(scripted.account, region="eu-west-1")
    assert client(scripted.account, "sts") is not client(other, "sts")
    assert client(other, "sts").meta.region_name == "eu-west-1"


def test_it_follows_boto3s_environment_when_no_address_is_given(scripted, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", scripted.url)
    account = Account(region="ap-south-2")
    assert client(account, "sagemaker").meta.endpoint_url == scripted.url


def test_it_goes_to_amazon_otherwise(credentials, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    account = Account(region="ap-south-1")
    assert client(account, "sagemaker").meta.endpoint_url == (
        "https://api.sagemaker.ap-south-1.amazonaws.com"
    )


def test_it_tries_three_times(scripted):
    scripted.fails("InternalFailure", status=500)
    with pytest.raises(errors.Unavailable):
        sagemaker.describe_training_job(scripted.account, "x")
    assert len(scripted.requests) == 3


def test_it_leaves_the_body_unsigned_on_loopback(scripted):
    scripted.says(Reply(body=b"", headers={"ETag": '"e"'}))
    s3.put_object(scripted.account, "bucket", "key", b"body")
    assert scripted.requests[-1].headers["X-Amz-Content-SHA256"] == "UNSIGNED-PAYLOAD"
    assert "x-amz-checksum-crc32" in {name.lower() for name in scripted.requests[-1].headers}


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("http://127.0.0.1:9000", {"payload_signing_enabled": False}),
        ("http://[::1]:9000", {"payload_signing_enabled": False}),
        ("http://localhost:9000", {"payload_signing_enabled": False}),
        ("https://127.0.0.1:9000", None),
        ("http://192.0.2.1:9000", None),
        ("http://storage:9000", None),
        ("", {"addressing_style": "virtual"}),
    ],
)
def test_it_signs_the_body_on_every_other_way(credentials, url, settings):
    made: Any = client(Account(region=REGION, endpoint_url=url), "s3")
    assert made.meta.config.s3 == settings
    assert made.meta.config.signature_version == "s3v4"


def test_it_says_that_nobody_is_there(credentials):
    nobody = Account(region=REGION, endpoint_url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(errors.Unavailable):
        sts.caller_identity(nobody)


def test_it_says_that_credentials_are_missing(scripted, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for account in (scripted.account, replace(scripted.account, role_arn="arn:aws:iam::1:role/r")):
        with pytest.raises(errors.Denied, match="No usable AWS credentials"):
            sts.caller_identity(account)
    assert scripted.requests == []


def test_it_says_that_the_secret_is_wrong(local, name, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    stranger = replace(local, region="eu-west-3")  # so that no client is there yet
    with pytest.raises(errors.Denied):
        s3.put_object(stranger, name, "k", b"")
    with pytest.raises(errors.Denied):
        s3.head_bucket(stranger, name)
    with pytest.raises(errors.Denied):
        sagemaker.describe_training_job(stranger, name)


def test_it_assumes_the_accounts_role(moto):
    role = "arn:aws:iam::210987654321:role/console"
    account = replace(moto, role_arn=role, external_id="ext-1")
    identity = sts.caller_identity(account)
    assert identity.account_id == "210987654321"
    assert identity.arn == "arn:aws:sts::210987654321:assumed-role/console/mlconsole"


def test_it_names_the_session_and_hands_over_the_external_id(scripted):
    scripted.says(Reply(403, b"<ErrorResponse/>"))
    account = replace(scripted.account, role_arn="arn:aws:iam::1:role/console", external_id="ext-1")
    with pytest.raises(errors.AwsError):
        sts.caller_identity(account)
    asked = scripted.requests[0].body.decode()
    assert "RoleSessionName=mlconsole" in asked
    assert "ExternalId=ext-1" in asked


def test_it_shows_no_secret_when_printed(moto):
    assert "not-a-secret" not in repr(moto)
