"""IAM, as far as SageMaker clients ask: every role exists and may do everything; tags are kept."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from localaws.app import App
from localaws.errors import AwsError
from localaws.store import Store
from localaws.wire import operation

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
MOST_TAGS = 50
# Keys that differ only in case are one tag.
SCHEMA = """
CREATE TABLE IF NOT EXISTS role_tags (
  role TEXT NOT NULL, key TEXT NOT NULL COLLATE NOCASE, value TEXT NOT NULL,
  PRIMARY KEY (role, key)
);
"""


class Roles:
    """What is kept of a role: its tags, by its name."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.install(SCHEMA)

    def tags(self, role: str) -> dict[str, str]:
        rows = self._store.connection().execute(
            "SELECT key, value FROM role_tags WHERE role = ? ORDER BY key", (role,)
        )
        return {row["key"]: row["value"] for row in rows}

    def tag(self, role: str, tags: dict[str, str]) -> None:
        """All of them or, with AwsError when there would be too many, none."""
        with self._store.transaction() as db:
            rows = [(role, key, value) for key, value in tags.items()]
            db.executemany("INSERT OR REPLACE INTO role_tags VALUES (?, ?, ?)", rows)
            if len(self.tags(role)) > MOST_TAGS:
                message = f"Cannot exceed quota for TagsPerRole: {MOST_TAGS}"
                raise AwsError("LimitExceeded", message, 409)

    def untag(self, role: str, keys: list[str]) -> None:
        """Keys that are not there are no error."""
        with self._store.transaction() as db:
            rows = [(role, key) for key in keys]
            db.executemany("DELETE FROM role_tags WHERE role = ? AND key = ?", rows)


@operation("iam", "GetRole")
def get_role(app: App, request: dict[str, Any]) -> dict[str, Any]:
    name = request["RoleName"]
    digest = hashlib.sha256(name.encode()).hexdigest()[:17].upper()
    role = {
        "Path": "/",
        "RoleName": name,
        "RoleId": f"AROA{digest}",
        "Arn": f"arn:aws:iam::{app.account_id}:role/{name}",
        "CreateDate": EPOCH,
        "AssumeRolePolicyDocument": quote(json.dumps(TRUST)),
        "MaxSessionDuration": 3600,
    }
    tags = _tags(app, name)
    return {"Role": role | {"Tags": tags} if tags else role}


@operation("iam", "TagRole")
def tag_role(app: App, request: dict[str, Any]) -> dict[str, Any]:
    app.roles.tag(request["RoleName"], {tag["Key"]: tag["Value"] for tag in request["Tags"]})
    return {}


@operation("iam", "UntagRole")
def untag_role(app: App, request: dict[str, Any]) -> dict[str, Any]:
    app.roles.untag(request["RoleName"], request["TagKeys"])
    return {}


@operation("iam", "ListRoleTags")
def list_role_tags(app: App, request: dict[str, Any]) -> dict[str, Any]:
    """Always one page: a role has at most 50 tags."""
    return {"Tags": _tags(app, request["RoleName"]), "IsTruncated": False}


def _tags(app: App, role: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in app.roles.tags(role).items()]


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(app: App, request: dict[str, Any]) -> dict[str, Any]:
    resources = request.get("ResourceArns") or ["*"]
    results = [
        {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": "allowed"}
        for action in request["ActionNames"]
        for resource in resources
    ]
    return {"EvaluationResults": results, "IsTruncated": False}
