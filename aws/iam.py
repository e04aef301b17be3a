"""The execution role that jobs and models run under."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aws.clients import Account, client
from aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import TagTypeDef


def get_role(account: Account, role_name: str) -> str:
    """The role's ARN; `NotFound`, or `Denied` when we may not look."""
    with translated():
        return client(account, "iam").get_role(RoleName=role_name)["Role"]["Arn"]


def trusted_services(
    account: Account, role_name: str, *, read_timeout: float = 0
) -> frozenset[str]:
    """Which services' principals may assume the role; raises as `get_role` does.

    Conditions are not judged: a principal that a condition may keep out counts.
    """
    with translated():
        answer = client(account, "iam", read_timeout=read_timeout).get_role(RoleName=role_name)
    # botocore hands the document out parsed, whatever its stubs say.
    document: Any = answer["Role"].get("AssumeRolePolicyDocument", {})
    found: set[str] = set()
    for statement in _listed(document.get("Statement", [])):
        actions = {action.lower() for action in _listed(statement.get("Action", []))}
        principal = statement.get("Principal", {})
        if statement.get("Effect") == "Allow" and actions & {"sts:assumerole", "sts:*", "*"}:
            services = {} if principal == "*" else principal
            found |= set(_listed(services.get("Service", [])))
    return frozenset(found)


def _listed(value: Any) -> list[Any]:
    """A policy writes one of something without a list around it."""
    return value if isinstance(value, list) else [value]


def tag_role(account: Account, role_name: str, tags: Mapping[str, str]) -> None:
    """Add tags, or give those of the same keys these values; `NotFound` without such a role."""
    listed: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in tags.items()]
    with translated():
        client(account, "iam").tag_role(RoleName=role_name, Tags=listed)


def untag_role(account: Account, role_name: str, keys: Sequence[str]) -> None:
    """Tags that are not there are no error; `NotFound` without such a role."""
    with translated():
        client(account, "iam").untag_role(RoleName=role_name, TagKeys=keys)
