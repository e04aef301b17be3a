"""The requests that wait: rows, so that none is lost with the process."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from typing import Any

from localaws.app import App

SCHEMA = """
CREATE TABLE IF NOT EXISTS sagemaker_async_invocations (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, endpoint TEXT NOT NULL,
  received REAL NOT NULL, request TEXT NOT NULL, body BLOB
);
CREATE INDEX IF NOT EXISTS sagemaker_async_by_endpoint
  ON sagemaker_async_invocations (endpoint, number);
"""


@dataclass(frozen=True)
class Entry:
    """`request` holds Headers, OutputLocation, Timeout, TTL and, when given, InputLocation and
    FailureLocation; `body` is the payload that came with the request."""

    id: str
    endpoint: str
    received: float
    request: dict[str, Any]
    body: bytes | None = None


def add(app: App, entry: Entry) -> None:
    with app.store.transaction() as db:
        db.execute(
            "INSERT INTO sagemaker_async_invocations (id, endpoint, received, request, body)"
            " VALUES (?, ?, ?, ?, ?)",
            (entry.id, entry.endpoint, entry.received, json.dumps(entry.request), entry.body),
        )


def remove(app: App, entry: Entry) -> None:
    with app.store.transaction() as db:
        db.execute("DELETE FROM sagemaker_async_invocations WHERE id = ?", (entry.id,))


def forget(app: App, endpoint: str) -> None:
    """What still waits for an endpoint that goes."""
    with app.store.transaction() as db:
        db.execute("DELETE FROM sagemaker_async_invocations WHERE endpoint = ?", (endpoint,))


def counts(app: App) -> Counter[str]:
    """How many wait or are under way, by endpoint."""
    rows = app.store.connection().execute(
        "SELECT endpoint, count(*) AS number FROM sagemaker_async_invocations GROUP BY endpoint"
    )
    return Counter({row["endpoint"]: row["number"] for row in rows})


def first(app: App, endpoint: str, most: int) -> list[Entry]:
    """In the order in which they came."""
    rows = app.store.connection().execute(
        "SELECT * FROM sagemaker_async_invocations WHERE endpoint = ? ORDER BY number LIMIT ?",
        (endpoint, most),
    )
    return [_entry(row) for row in rows]


def _entry(row: sqlite3.Row) -> Entry:
    request = json.loads(row["request"])
    return Entry(row["id"], row["endpoint"], row["received"], request, row["body"])
