"""Tags: how a resource says whose it is."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws.clients import Account, client
from aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import TagTypeDef


def list_tags(account: Account, arn: str) -> dict[str, str]:
    """The resource's tags; `NotFound` or `Invalid` for an unknown ARN."""
    with translated():
        pages = client(account, "sagemaker").get_paginator("list_tags")
        return {
            tag["Key"]: tag["Value"]
            for page in pages.paginate(ResourceArn=arn)
            for tag in page["Tags"]
        }


def add_tags(account: Account, arn: str, tags: Mapping[str, str]) -> None:
    """Add `tags`, replacing values of keys that are there."""
    with translated():
        client(account, "sagemaker").add_tags(ResourceArn=arn, Tags=as_tags(tags))


def as_tags(tags: Mapping[str, str]) -> "list[TagTypeDef]":
    return [{"Key": key, "Value": value} for key, value in tags.items()]
