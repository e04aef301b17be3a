"""IAM: tags of a role."""

import pytest
from botocore.exceptions import ClientError

from tests.localaws.lab import refusal


@pytest.fixture
def iam(localaws):
    return localaws.client("iam")


def tags(iam, role):
    return {tag["Key"]: tag["Value"] for tag in iam.list_role_tags(RoleName=role)["Tags"]}


def test_a_role_has_no_tags_at_first(iam):
    assert iam.list_role_tags(RoleName="plain") | {"ResponseMetadata": 0} == {
        "Tags": [],
        "IsTruncated": False,
        "ResponseMetadata": 0,
    }
    assert "Tags" not in iam.get_role(RoleName="plain")["Role"]


def test_it_adds_and_replaces_and_removes_tags(iam):
    iam.tag_role(RoleName="tagged", Tags=[{"Key": "team", "Value": "a"}, {"Key": "b", "Value": ""}])
    iam.tag_role(RoleName="tagged", Tags=[{"Key": "team", "Value": "c + d"}])
    assert tags(iam, "tagged") == {"team": "c + d", "b": ""}
    role = iam.get_role(RoleName="tagged")["Role"]
    assert {tag["Key"] for tag in role["Tags"]} == {"team", "b"}
    iam.untag_role(RoleName="tagged", TagKeys=["b", "never there"])
    assert tags(iam, "tagged") == {"team": "c + d"}
    assert tags(iam, "another") == {}


def test_keys_that_differ_in_case_are_one_tag(iam):
    iam.tag_role(RoleName="cased", Tags=[{"Key": "Team", "Value": "a"}])
    iam.tag_role(RoleName="cased", Tags=[{"Key": "team", "Value": "b"}])
    assert tags(iam, "cased") == {"team": "b"}
    iam.untag_role(RoleName="cased", TagKeys=["TEAM"])
    assert tags(iam, "cased") == {}


def test_a_role_has_at_most_fifty_tags(iam):
    iam.tag_role(RoleName="full", Tags=[{"Key": str(n), "Value": "x"} for n in range(50)])
    with pytest.raises(iam.exceptions.LimitExceededException, match="TagsPerRole: 50"):
        iam.tag_role(RoleName="full", Tags=[{"Key": "one more", "Value": "x"}])
    assert len(tags(iam, "full")) == 50


def test_it_refuses_what_is_no_tag(iam):
    code, message = refusal(iam.tag_role, RoleName="refused", Tags=[{"Key": "a*b", "Value": "x"}])
    assert code in {"ValidationError", "ValidationException"}
    assert "tags.1.member.key" in message
    with pytest.raises(ClientError, match="roleName"):
        iam.tag_role(RoleName="no/slash", Tags=[])


def test_tags_survive_a_kill(own_localaws):
    iam = own_localaws.client("iam")
    iam.tag_role(RoleName="kept", Tags=[{"Key": "team", "Value": "a"}])
    own_localaws.kill()
    own_localaws.restart()
    assert tags(own_localaws.client("iam"), "kept") == {"team": "a"}
