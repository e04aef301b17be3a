"""CloudWatch Logs: groups, streams, events."""

from datetime import datetime

from localaws.clock import Clock
from localaws.errors import AwsError
from localaws.store import Store

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
            made = db.execute(
                "INSERT OR IGNORE INTO log_groups VALUES (?, ?)", (group, self.now())
            )
            return made.rowcount == 1

    def create_stream(self, group: str, stream: str) -> bool:
        """False when it was there already."""
        with self.store.transaction() as db:
            made = db.execute(
                "INSERT OR IGNORE INTO log_streams (group_name, name, created) VALUES (?, ?, ?)",
                (group, stream, self.now()),
            )
            return made.rowcount == 1

    def stream(self, group: str, stream: str) -> int:
        """Its row id. Raises AwsError ResourceNotFoundException, as CloudWatch words it."""
        db = self.store.connection()
        if not db.execute("SELECT 1 FROM log_groups WHERE name = ?", (group,)).fetchone():
            raise missing("log group")
        row = db.execute(
            "SELECT id FROM log_streams WHERE group_name = ? AND name = ?", (group, stream)
        ).fetchone()
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
    return AwsError(
        "ResourceAlreadyExistsException", f"The specified {kind} already exists"
    )
