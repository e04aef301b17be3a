"""Tags of any resource, by its ARN."""

from __future__ import annotations

from typing import Any

from localaws.app import App
from localaws.errors import validation
from localaws.sagemaker import records
from localaws.wire import operation

Members = dict[str, Any]

_LIMIT = 50


@operation("sagemaker", "AddTags")
def add(app: App, request: Members) -> Members:
    """Answers the complete list."""
    with app.store.transaction() as db:
        arn = _known(app, request["ResourceArn"])
        records.put_tags(db, arn, request["Tags"])
        tags = of(app, arn)
        if len(tags) > _LIMIT:
            raise validation(f"Tag limit exceeded: a resource has at most {_LIMIT} tags.")
    return {"Tags": tags}


@operation("sagemaker", "ListTags")
def list_all(app: App, request: Members) -> Members:
    """Never a second page: MaxResults is at least the 50 tags a resource can have."""
    return {"Tags": of(app, _known(app, request["ResourceArn"]))}


@operation("sagemaker", "DeleteTags")
def delete(app: App, request: Members) -> Members:
    with app.store.transaction() as db:
        arn = _known(app, request["ResourceArn"])
        db.executemany(
            "DELETE FROM sagemaker_tags WHERE arn = ? AND key = ?",
            [(arn, key) for key in request["TagKeys"]],
        )
    return {}


def _known(app: App, arn: str) -> str:
    row = app.store.connection().execute(
        "SELECT arn FROM sagemaker_resources WHERE arn = ?", (arn.lower(),)
    )
    if row.fetchone() is None:
        raise validation(f'Could not find resource "{arn}".')
    return arn.lower()


def of(app: App, arn: str) -> list[dict[str, str]]:
    rows = app.store.connection().execute(
        "SELECT key, value FROM sagemaker_tags WHERE arn = ? ORDER BY key", (arn,)
    )
    return [{"Key": row["key"], "Value": row["value"]} for row in rows]
