"""Who we are at AWS: the cheapest proof that credentials and region work."""

from aws.clients import Account, client
from aws.errors import translated
from aws.types import Identity


def caller_identity(account: Account) -> Identity:
    """The account and principal that calls are made as (the assumed role's, when there is one)."""
    with translated():
        answer = client(account, "sts").get_caller_identity()
    return Identity(account_id=answer["Account"], arn=answer["Arn"])
