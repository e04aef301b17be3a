"""Who we are, and which role the jobs run under."""

import json

import pytest

from aws import errors, iam, sts
from aws.clients import client
from tests.aws.conftest import Reply


def test_it_says_who_we_are(account):
    identity = sts.caller_identity(account)
    assert len(identity.account_id) == 12
    assert identity.arn.startswith("arn:aws:")
    assert identity.account_id in identity.arn


def test_it_finds_a_role(moto, name):
    made = client(moto, "iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({}))
    assert iam.get_role(moto, name) == made["Role"]["Arn"]


def test_it_finds_a_role_locally(local):
    assert ":role/" in iam.get_role(local, "mlconsole-execution")


def test_it_misses_a_role(moto):
    with pytest.raises(errors.NotFound):
        iam.get_role(moto, "nobody")


def test_it_says_that_we_may_not_look(scripted):
    body = b"""<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>
      <Message>User x is not authorized to perform: iam:GetRole</Message></Error>
      <RequestId>r</RequestId></ErrorResponse>"""
    scripted.says(Reply(403, body))
    with pytest.raises(errors.Denied, match="iam:GetRole"):
        iam.get_role(scripted.account, "x")


def test_it_tags_and_untags_a_role(account, moto_url, name):
    if account.endpoint_url == moto_url:  # localaws has every role
        client(account, "iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    tags = {"team": "a", "localaws:scripts": "allowed"}
    iam.tag_role(account, name, tags)
    assert _tags(account, name) == tags
    iam.tag_role(account, name, {"team": "b"})
    iam.untag_role(account, name, ["localaws:scripts", "never there"])
    assert _tags(account, name) == {"team": "b"}


def _tags(account, name):
    tags = client(account, "iam").list_role_tags(RoleName=name)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}


def test_it_misses_a_role_to_tag(moto):
    with pytest.raises(errors.NotFound):
        iam.tag_role(moto, "nobody", {"team": "a"})
    with pytest.raises(errors.NotFound):
        iam.untag_role(moto, "nobody", ["team"])
