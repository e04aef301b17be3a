"""STS: who is calling, and temporary credentials that the signature check then honours."""

import secrets
from datetime import UTC, datetime
from typing import Any

from localaws.app import App
from localaws.auth import CALLER, Key
from localaws.wire import operation

HOUR = 3600


@operation("sts", "GetCallerIdentity")
def get_caller_identity(app: App, request: dict[str, Any]) -> dict[str, Any]:
    key = CALLER.get()
    return {"UserId": key.user_id, "Account": app.account_id, "Arn": key.arn}


@operation("sts", "AssumeRole")
def assume_role(app: App, request: dict[str, Any]) -> dict[str, Any]:
    """Any role may be assumed, with any external id: trust policies are not modelled."""
    role = request["RoleArn"].rpartition("/")[2]
    session = request["RoleSessionName"]
    arn = f"arn:aws:sts::{app.account_id}:assumed-role/{role}/{session}"
    user_id = f"AROA{secrets.token_hex(8).upper()}:{session}"
    seconds = request.get("DurationSeconds", HOUR)
    key = app.credentials.issue(arn, user_id, now=app.clock.now(), seconds=seconds)
    return {"Credentials": _credentials(key), "AssumedRoleUser": _user(user_id, arn)}


def _credentials(key: Key) -> dict[str, Any]:
    return {
        "AccessKeyId": key.access_key_id,
        "SecretAccessKey": key.secret,
        "SessionToken": key.token,
        "Expiration": datetime.fromtimestamp(key.expires or 0, UTC),
    }


def _user(user_id: str, arn: str) -> dict[str, str]:
    return {"AssumedRoleId": user_id, "Arn": arn}
