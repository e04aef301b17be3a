"""The execution role that jobs and models run under."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aws.clients import Account, client
from aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import TagTypeDef


def get_role(account: Account, role_name: str) -> str:
    """The role's ARN; `NotFound`, or `Denied` when we may not look."""
    with translated():
        return client(account, "iam").get_role(RoleName=role_name)["Role"]["Arn"]


def tag_role(account: Account, role_name: str, tags: Mapping[str, str]) -> None:
    """Add tags, or give those of the same keys these values; `NotFound` without such a role."""
    listed: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in tags.items()]
    with translated():
        client(account, "iam").tag_role(RoleName=role_name, Tags=listed)


def untag_role(account: Account, role_name: str, keys: Sequence[str]) -> None:
    """Tags that are not there are no error; `NotFound` without such a role."""
    with translated():
        client(account, "iam").untag_role(RoleName=role_name, TagKeys=keys)
