"""Rows of every kind of resource: a few searchable columns and the resource's own members."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localaws.app import App
from localaws.sagemaker import arns

SCHEMA = """
CREATE TABLE IF NOT EXISTS sagemaker_resources (
  kind TEXT NOT NULL, name TEXT NOT NULL, arn TEXT NOT NULL UNIQUE, status TEXT NOT NULL,
  created REAL NOT NULL, modified REAL NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (kind, name)
);
CREATE INDEX IF NOT EXISTS sagemaker_by_creation ON sagemaker_resources (kind, created, name);
CREATE INDEX IF NOT EXISTS sagemaker_by_change ON sagemaker_resources (kind, modified);
CREATE TABLE IF NOT EXISTS sagemaker_tags (
  arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)
);
"""


@dataclass
class Record:
    """`body` holds the members of the request and of Describe; datetimes stay datetimes in it."""

    kind: str
    name: str
    arn: str
    status: str
    created: datetime
    modified: datetime
    body: dict[str, Any]


def create(app: App, record: Record, tags: list[dict[str, str]]) -> None:
    """Raises AwsError when the name, or one that differs only in case, is taken."""
    with app.store.transaction() as db:
        try:
            db.execute("INSERT INTO sagemaker_resources VALUES (?, ?, ?, ?, ?, ?, ?)", _row(record))
        except sqlite3.IntegrityError:
            raise arns.exists(record.kind, record.arn) from None
        put_tags(db, record.arn, tags)


def must_be_free(app: App, kind: str, name: str) -> None:
    """The first check of a create, so that one sent twice hears of its success.

    Raises AwsError when the name, or one that differs only in case, is taken.
    """
    arn = arns.arn(app, kind, name)
    found = app.store.connection().execute(
        "SELECT 1 FROM sagemaker_resources WHERE arn = ?", (arn,)
    )
    if found.fetchone():
        raise arns.exists(kind, arn)


def draft(app: App, kind: str, name: str, status: str, body: dict[str, Any]) -> Record:
    now = moment(app)
    return Record(kind, name, arns.arn(app, kind, name), status, now, now, body)


def moment(app: App) -> datetime:
    """Now, in the milliseconds that clients see: what they send back as a filter must match."""
    now = app.clock.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def find(app: App, kind: str, name: str) -> Record | None:
    """By the exact name."""
    row = (
        app.store.connection()
        .execute("SELECT * FROM sagemaker_resources WHERE kind = ? AND name = ?", (kind, name))
        .fetchone()
    )
    return from_row(row) if row else None


def get(app: App, kind: str, name: str) -> Record:
    """Raises AwsError in the kind's own words."""
    found = find(app, kind, name)
    if found is None:
        raise arns.not_found(app, kind, name)
    return found


def with_status(app: App, kind: str, *statuses: str) -> list[Record]:
    """Oldest first."""
    marks = ",".join("?" * len(statuses))
    rows = app.store.connection().execute(
        f"SELECT * FROM sagemaker_resources WHERE kind = ? AND status IN ({marks})"  # noqa: S608  question marks
        " ORDER BY created",
        (kind, *statuses),
    )
    return [from_row(row) for row in rows]


def update(
    app: App, kind: str, name: str, change: Callable[[Record], None], *, touch: bool = True
) -> Record:
    """Read, change and write in one transaction; `touch` moves LastModifiedTime.

    Raises AwsError when there is no such record, and whatever `change` raises.
    """
    with app.store.transaction() as db:
        record = get(app, kind, name)
        change(record)
        if touch:
            record.modified = moment(app)
        db.execute(
            "UPDATE sagemaker_resources SET status = ?, modified = ?, body = ?"
            " WHERE kind = ? AND name = ?",
            (record.status, record.modified.timestamp(), encoded(record.body), kind, name),
        )
    return record


def delete(app: App, kind: str, name: str) -> None:
    """With its tags. Raises AwsError when there is no such record."""
    with app.store.transaction() as db:
        record = get(app, kind, name)
        db.execute("DELETE FROM sagemaker_resources WHERE arn = ?", (record.arn,))
        db.execute("DELETE FROM sagemaker_tags WHERE arn = ?", (record.arn,))


def put_tags(db: sqlite3.Connection, arn: str, tags: list[dict[str, str]]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO sagemaker_tags VALUES (?, ?, ?)",
        [(arn, tag["Key"], tag["Value"]) for tag in tags],
    )


def encoded(body: dict[str, Any]) -> str:
    return json.dumps(body, default=_encode_time)


def _row(record: Record) -> tuple[object, ...]:
    return (
        *(record.kind, record.name, record.arn, record.status),
        *(record.created.timestamp(), record.modified.timestamp(), encoded(record.body)),
    )


def from_row(row: sqlite3.Row) -> Record:
    return Record(
        kind=row["kind"],
        name=row["name"],
        arn=row["arn"],
        status=row["status"],
        created=datetime.fromtimestamp(row["created"], UTC),
        modified=datetime.fromtimestamp(row["modified"], UTC),
        body=json.loads(row["body"], object_hook=_decode_time),
    )


def _encode_time(value: object) -> dict[str, float]:
    if isinstance(value, datetime):
        return {"$time": value.timestamp()}
    raise TypeError(f"{type(value).__name__} has no place in a record")


def _decode_time(value: dict[str, Any]) -> object:
    return datetime.fromtimestamp(value["$time"], UTC) if value.keys() == {"$time"} else value
