"""CloudWatch Logs: groups, streams, events."""

import re
import sqlite3
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

from localaws.app import App
from localaws.clock import Clock
from localaws.errors import AwsError
from localaws.store import Store
from localaws.wire import operation

PAGE = 10_000
STREAMS_PAGE = 50

SCHEMA = """
CREATE TABLE IF NOT EXISTS log_groups (
  name TEXT PRIMARY KEY, created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS log_streams (
  id INTEGER PRIMARY KEY, group_name TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL,
  first INTEGER, last INTEGER, ingested INTEGER, bytes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (group_name, name)
);
CREATE TABLE IF NOT EXISTS log_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL REFERENCES log_streams (id),
  at INTEGER NOT NULL, message TEXT NOT NULL, ingested INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS log_events_by_time ON log_events (stream, at, id);
"""


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


class Logs:
    """In-process door for the engine; the operations below are the door for clients."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self._clock = clock
        store.install(SCHEMA)

    def now(self) -> int:
        """Milliseconds since the epoch."""
        return milliseconds(self._clock.now())

    def create_group(self, group: str) -> bool:
        """False when it was there already."""
        with self.store.transaction() as db:
            made = db.execute("INSERT OR IGNORE INTO log_groups VALUES (?, ?)", (group, self.now()))
            return made.rowcount == 1

    def create_stream(self, group: str, stream: str) -> bool:
        """False when it was there already."""
        with self.store.transaction() as db:
            made = db.execute(
                "INSERT OR IGNORE INTO log_streams (group_name, name, created) VALUES (?, ?, ?)",
                (group, stream, self.now()),
            )
            return made.rowcount == 1

    def need_group(self, group: str) -> None:
        rows = self.store.connection().execute("SELECT 1 FROM log_groups WHERE name = ?", (group,))
        if rows.fetchone() is None:
            raise missing("log group")

    def stream(self, group: str, stream: str) -> int:
        """Its row id. Raises AwsError ResourceNotFoundException, as CloudWatch words it."""
        self.need_group(group)
        row = (
            self.store.connection()
            .execute(
                "SELECT id FROM log_streams WHERE group_name = ? AND name = ?", (group, stream)
            )
            .fetchone()
        )
        if row is None:
            raise missing("log stream")
        return int(row["id"])

    def put(self, group: str, stream: str, events: list[tuple[int, str]]) -> None:
        """Append (milliseconds since the epoch, line); group and stream are made when missing."""
        with self.store.transaction():
            self.create_group(group)
            self.create_stream(group, stream)
            self.append(self.stream(group, stream), events)

    def append(self, stream: int, events: list[tuple[int, str]]) -> None:
        if not events:
            return
        now = self.now()
        with self.store.transaction() as db:
            db.executemany(
                "INSERT INTO log_events (stream, at, message, ingested) VALUES (?, ?, ?, ?)",
                [(stream, at, message, now) for at, message in events],
            )
            times = [at for at, _ in events]
            size = sum(len(message.encode()) + 26 for _, message in events)
            db.execute(
                "UPDATE log_streams SET first = min(coalesce(first, ?1), ?1),"
                " last = max(coalesce(last, ?2), ?2), ingested = ?3, bytes = bytes + ?4"
                " WHERE id = ?5",
                (min(times), max(times), now, size, stream),
            )


def missing(kind: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"The specified {kind} does not exist.")


def exists(kind: str) -> AwsError:
    return AwsError("ResourceAlreadyExistsException", f"The specified {kind} already exists")


@operation("logs", "CreateLogGroup")
def create_log_group(app: App, request: dict[str, Any]) -> None:
    if not app.logs.create_group(request["logGroupName"]):
        raise exists("log group")


@operation("logs", "CreateLogStream")
def create_log_stream(app: App, request: dict[str, Any]) -> None:
    group, stream = request["logGroupName"], request["logStreamName"]
    app.logs.need_group(group)
    if not app.logs.create_stream(group, stream):
        raise exists("log stream")


@operation("logs", "PutLogEvents")
def put_log_events(app: App, request: dict[str, Any]) -> dict[str, Any]:
    stream = app.logs.stream(_group(request), request["logStreamName"])
    events = [(event["timestamp"], event["message"]) for event in request["logEvents"]]
    app.logs.append(stream, sorted(events, key=lambda event: event[0]))
    return {"nextSequenceToken": "ignored"}


@operation("logs", "DescribeLogGroups")
def describe_log_groups(app: App, request: dict[str, Any]) -> dict[str, Any]:
    prefix, pattern = request.get("logGroupNamePrefix", ""), request.get("logGroupNamePattern", "")
    limit, after = request.get("limit", STREAMS_PAGE), _decode(request.get("nextToken"))
    rows = (
        app.store.connection()
        .execute(
            "SELECT name, created FROM log_groups WHERE substr(name, 1, ?) = ?"
            " AND instr(name, ?) > 0 AND name > ? ORDER BY name LIMIT ?",
            (len(prefix), prefix, pattern, after, limit + 1),
        )
        .fetchall()
    )
    groups = [_describe_group(app, row) for row in rows[:limit]]
    return {"logGroups": groups} | _next(rows, limit, "name")


def _describe_group(app: App, row: sqlite3.Row) -> dict[str, Any]:
    arn = f"arn:aws:logs:{app.region}:{app.account_id}:log-group:{row['name']}"
    size = (
        app.store.connection()
        .execute("SELECT sum(bytes) FROM log_streams WHERE group_name = ?", (row["name"],))
        .fetchone()[0]
    )
    return {
        "logGroupName": row["name"],
        "creationTime": row["created"],
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "storedBytes": size or 0,
    }


@operation("logs", "DescribeLogStreams")
def describe_log_streams(app: App, request: dict[str, Any]) -> dict[str, Any]:
    """Never a token when the matches fit the limit: the SageMaker SDK would ask for ever.

    Nor when all that is left is the data log of a transform job, which the SDK does not expect.
    """
    group, prefix = _group(request), request.get("logStreamNamePrefix", "")
    app.logs.need_group(group)
    by_time = request.get("orderBy") == "LastEventTime"
    if by_time and prefix:
        text = "Cannot order by LastEventTime with a logStreamNamePrefix."
        raise AwsError("InvalidParameterException", text)
    limit, skip = request.get("limit", STREAMS_PAGE), int(_decode(request.get("nextToken")) or "0")
    order = "coalesce(last, 0)" if by_time else "name"
    direction = "DESC" if request.get("descending") else "ASC"
    rows = (
        app.store.connection()
        .execute(
            "SELECT * FROM log_streams WHERE group_name = ? AND substr(name, 1, ?) = ?"  # noqa: S608  order and direction are ours
            f" ORDER BY {order} {direction}, id LIMIT ? OFFSET ?",
            (group, len(prefix), prefix, limit + 1, skip),
        )
        .fetchall()
    )
    more = len(rows) > limit and not _is_data_log(prefix, rows[-1]["name"])
    token = {"nextToken": _encode(str(skip + limit))} if more else {}
    return {"logStreams": [_describe_stream(app, group, row) for row in rows[:limit]]} | token


def _is_data_log(prefix: str, stream: str) -> bool:
    return prefix.endswith("/") and stream.endswith("/data-log")


def _describe_stream(app: App, group: str, row: sqlite3.Row) -> dict[str, Any]:
    arn = f"arn:aws:logs:{app.region}:{app.account_id}:log-group:{group}"
    return {
        "logStreamName": row["name"],
        "creationTime": row["created"],
        "firstEventTimestamp": row["first"],
        "lastEventTimestamp": row["last"],
        "lastIngestionTime": row["ingested"],
        "uploadSequenceToken": "ignored",
        "arn": f"{arn}:log-stream:{row['name']}",
        "storedBytes": 0,
    }


@operation("logs", "GetLogEvents")
def get_log_events(app: App, request: dict[str, Any]) -> dict[str, Any]:
    """Pages forward or backward. At the end the token that came in goes out again, never none."""
    stream = app.logs.stream(_group(request), request["logStreamName"])
    limit = request.get("limit", PAGE)
    direction, at, row_id = _position(request)
    forward = direction == "f"
    rows = _events_after(app, request, stream, (at, row_id), forward=forward, limit=limit)
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    return {
        "events": [_event(row) for row in rows],
        "nextForwardToken": _token("f", last, (at, row_id)),
        "nextBackwardToken": _token("b", first, (at, row_id)),
    }


def _position(request: dict[str, Any]) -> tuple[str, int, int]:
    """Direction, and the event (time, id) to continue from, exclusive."""
    token = request.get("nextToken")
    if not token:
        return ("f", -1, 0) if request.get("startFromHead") else ("b", 1 << 62, 0)
    match = re.fullmatch(r"([fb])/(-?\d{1,19})/(\d{1,19})", token)
    if match is None:
        raise AwsError("InvalidParameterException", "The specified nextToken is invalid.")
    return match[1], int(match[2]), int(match[3])


def _events_after(
    app: App,
    request: dict[str, Any],
    stream: int,
    position: tuple[int, int],
    *,
    forward: bool,
    limit: int,
) -> list[sqlite3.Row]:
    comparison, direction = (">", "ASC") if forward else ("<", "DESC")
    rows = app.store.connection().execute(
        "SELECT * FROM log_events WHERE stream = ? AND at >= ? AND at < ?"  # noqa: S608  both words are ours
        f" AND (at, id) {comparison} (?, ?) ORDER BY at {direction}, id {direction} LIMIT ?",
        (stream, request.get("startTime", 0), request.get("endTime", 1 << 62), *position, limit),
    )
    found = rows.fetchall()
    return found if forward else found[::-1]


def _token(direction: str, row: sqlite3.Row | None, position: tuple[int, int]) -> str:
    at, row_id = (row["at"], row["id"]) if row is not None else position
    return f"{direction}/{at}/{row_id}"


def _event(row: sqlite3.Row) -> dict[str, Any]:
    return {"timestamp": row["at"], "message": row["message"], "ingestionTime": row["ingested"]}


@operation("logs", "FilterLogEvents")
def filter_log_events(app: App, request: dict[str, Any]) -> dict[str, Any]:
    """Of CloudWatch's pattern language: terms that must all occur, quoted or not."""
    group = _group(request)
    app.logs.need_group(group)
    limit = request.get("limit", PAGE)
    terms = _terms(request.get("filterPattern", ""))
    prefix, names = request.get("logStreamNamePrefix", ""), request.get("logStreamNames", [])
    at, row_id = _after(request.get("nextToken"))
    rows = app.store.connection().execute(
        "SELECT e.*, s.name AS stream_name FROM log_events e JOIN log_streams s ON s.id = e.stream"
        " WHERE s.group_name = ? AND substr(s.name, 1, ?) = ? AND e.at >= ? AND e.at < ?"
        " AND (e.at, e.id) > (?, ?) ORDER BY e.at, e.id",
        (
            group,
            len(prefix),
            prefix,
            request.get("startTime", 0),
            request.get("endTime", 1 << 62),
            at,
            row_id,
        ),
    )
    matching = (
        row
        for row in rows
        if (not names or row["stream_name"] in names) and all(t in row["message"] for t in terms)
    )
    found = [row for row, _ in zip(matching, range(limit + 1), strict=False)]
    events = [
        _event(row) | {"logStreamName": row["stream_name"], "eventId": str(row["id"])}
        for row in found[:limit]
    ]
    last = found[limit - 1] if len(found) > limit else None
    token = {"nextToken": _encode(f"{last['at']}/{last['id']}")} if last else {}
    return {"events": events, "searchedLogStreams": []} | token


def _after(token: str | None) -> tuple[int, int]:
    at, _, row_id = _decode(token).partition("/")
    return (int(at), int(row_id)) if row_id else (-1, 0)


def _terms(pattern: str) -> list[str]:
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', pattern)]


def _group(request: dict[str, Any]) -> str:
    """By name, or by ARN as newer clients send it."""
    if name := request.get("logGroupName"):
        return str(name)
    identifier = str(request.get("logGroupIdentifier", ""))
    return identifier.rpartition(":log-group:")[2].removesuffix(":*")


def _encode(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


def _decode(token: str | None) -> str:
    """Raises AwsError InvalidParameterException."""
    try:
        return urlsafe_b64decode(token or "").decode()
    except ValueError:
        text = "The specified nextToken is invalid."
        raise AwsError("InvalidParameterException", text) from None


def _next(rows: list[sqlite3.Row], limit: int, column: str) -> dict[str, str]:
    return {"nextToken": _encode(rows[limit - 1][column])} if len(rows) > limit else {}
