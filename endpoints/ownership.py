"""Whose is it? A thing at AWS is ours when its tag names the row that made it."""

from collections.abc import Callable

from aws import sagemaker
from aws.clients import Account
from aws.errors import AlreadyExists
from core.models import Owned

TAG = "mlconsole:id"


class ForeignName(Exception):
    """Something that this row did not make has its name; the text says what."""


def tags(row: Owned) -> dict[str, str]:
    return {TAG: row.uid, "mlconsole:workspace": row.workspace.slug}


def create_or_adopt(
    row: Owned, create: Callable[[], str], arn_of: Callable[[], str], *, what: str
) -> str:
    """The ARN of what `create` made now, or in an earlier attempt for the same row.

    `ForeignName` when the name is taken by something without the row's tag.
    """
    try:
        return create()
    except AlreadyExists:
        arn = arn_of()
    if not is_ours(row.workspace.account, arn, row):
        raise ForeignName(f"A foreign {what} has this name: {arn}. Nothing of it was touched.")
    return arn


def is_ours(account: Account, arn: str, row: Owned) -> bool:
    return sagemaker.list_tags(account, arn).get(TAG) == row.uid
