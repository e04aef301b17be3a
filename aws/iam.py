"""The execution role that jobs and models run under."""

from aws.clients import Account, client
from aws.errors import translated


def get_role(account: Account, role_name: str) -> str:
    """The role's ARN; `NotFound`, or `Denied` when we may not look."""
    with translated():
        return client(account, "iam").get_role(RoleName=role_name)["Role"]["Arn"]
