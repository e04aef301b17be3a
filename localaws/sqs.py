"""SQS, standard queues: send, receive with long polling, delete. Enough for events to be read.

A message that was received is invisible for a while and comes again unless it is deleted. Nothing
in localaws sends messages by itself: EventBridge is not part of it.
"""

import hashlib
import secrets
import sqlite3
import time
import uuid
from typing import Any

from localaws.app import App
from localaws.errors import AwsError
from localaws.wire import operation

VISIBILITY = 30  # seconds
MOST, LONGEST = 10, 20  # messages and seconds of one receive
POLL = 0.05
SCHEMA = """
CREATE TABLE IF NOT EXISTS sqs_queues (name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS sqs_messages (
  id TEXT PRIMARY KEY, queue TEXT NOT NULL, body TEXT NOT NULL, visible REAL NOT NULL,
  received INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS sqs_by_visibility ON sqs_messages (queue, visible);
"""


@operation("sqs", "CreateQueue")
def create_queue(app: App, request: dict[str, Any]) -> dict[str, Any]:
    """Its attributes are accepted and not honoured; a queue of the name is given back."""
    name = request["QueueName"]
    if name.endswith(".fifo"):
        raise AwsError("InvalidParameterValue", "Only standard queues are available in localaws.")
    with app.store.transaction() as db:
        db.execute("INSERT OR IGNORE INTO sqs_queues VALUES (?)", (name,))
    return {"QueueUrl": _url(app, name)}


@operation("sqs", "GetQueueUrl")
def get_queue_url(app: App, request: dict[str, Any]) -> dict[str, Any]:
    return {"QueueUrl": _url(app, _queue(app, request["QueueName"]))}


@operation("sqs", "SendMessage")
def send_message(app: App, request: dict[str, Any]) -> dict[str, Any]:
    queue, body = _queue(app, request["QueueUrl"]), request["MessageBody"]
    visible = app.clock.now().timestamp() + request.get("DelaySeconds", 0)
    row = (str(uuid.uuid4()), queue, body, visible)
    with app.store.transaction() as db:
        db.execute("INSERT INTO sqs_messages (id, queue, body, visible) VALUES (?, ?, ?, ?)", row)
    return {"MessageId": row[0], "MD5OfMessageBody": _md5(body)}


@operation("sqs", "ReceiveMessage")
def receive_message(app: App, request: dict[str, Any]) -> dict[str, Any]:
    queue, most = _queue(app, request["QueueUrl"]), request.get("MaxNumberOfMessages", 1)
    wait, hidden = request.get("WaitTimeSeconds", 0), request.get("VisibilityTimeout", VISIBILITY)
    if not 1 <= most <= MOST or not 0 <= wait <= LONGEST:
        raise AwsError("InvalidParameterValue", "A parameter is out of its range.")
    until = time.monotonic() + wait
    while not (found := _taken(app, queue, most, hidden)) and time.monotonic() < until:
        time.sleep(POLL)
    return {"Messages": [_message(row) for row in found]} if found else {}


@operation("sqs", "DeleteMessage")
def delete_message(app: App, request: dict[str, Any]) -> dict[str, Any]:
    """Also twice, and also after the message became visible again."""
    queue, handle = _queue(app, request["QueueUrl"]), request["ReceiptHandle"]
    identifier, _, mark = handle.partition("/")
    if not mark:
        raise AwsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
    with app.store.transaction() as db:
        db.execute("DELETE FROM sqs_messages WHERE queue = ? AND id = ?", (queue, identifier))
    return {}


def _taken(app: App, queue: str, most: int, hidden: int) -> list[sqlite3.Row]:
    now = app.clock.now().timestamp()
    visible = "SELECT * FROM sqs_messages WHERE queue = ? AND visible <= ? ORDER BY visible LIMIT ?"
    if app.store.connection().execute(visible, (queue, now, 1)).fetchone() is None:
        return []
    with app.store.transaction() as db:
        rows = db.execute(visible, (queue, now, most)).fetchall()
        db.executemany(
            "UPDATE sqs_messages SET visible = ?, received = received + 1 WHERE id = ?",
            [(now + hidden, row["id"]) for row in rows],
        )
    return rows


def _message(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "MessageId": row["id"],
        "ReceiptHandle": f"{row['id']}/{secrets.token_hex(8)}",
        "MD5OfBody": _md5(row["body"]),
        "Body": row["body"],
        "Attributes": {"ApproximateReceiveCount": str(row["received"] + 1)},
    }


def _md5(body: str) -> str:
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def _queue(app: App, named: str) -> str:
    """The queue's name, from its name or address. Raises AwsError when there is none."""
    name = named.rpartition("/")[2]
    db = app.store.connection()
    if db.execute("SELECT 1 FROM sqs_queues WHERE name = ?", (name,)).fetchone() is None:
        code = "AWS.SimpleQueueService.NonExistentQueue"
        raise AwsError(code, "The specified queue does not exist.")
    return name


def _url(app: App, name: str) -> str:
    return f"{app.url}/{app.account_id}/{name}"
