"""SQLite: one connection per thread, one writer at a time."""

import errno
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Store:
    """The database file. Each service installs and owns its tables."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.local()
        self._writer = threading.RLock()

    def connection(self) -> sqlite3.Connection:
        """This thread's connection: autocommit, rows by name, every commit on disk."""
        db: sqlite3.Connection | None = getattr(self._threads, "db", None)
        if db is None:
            db = sqlite3.connect(self._path, timeout=30, isolation_level=None)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            self._threads.db = db
        return db

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, writers one after the other; an inner transaction joins the outer one.

        Raises OSError ENOSPC when the disk has no room for it.
        """
        with self._writer:
            db = self.connection()
            if db.in_transaction:
                yield db
                return
            try:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            except BaseException as error:
                _roll_back(db)
                if isinstance(error, sqlite3.OperationalError) and _is_disk_trouble(error):
                    raise OSError(errno.ENOSPC, str(error)) from error
                raise

    def install(self, schema: str) -> None:
        """Run statements of the kind CREATE ... IF NOT EXISTS."""
        with self._writer:
            self.connection().executescript(schema)

    def release(self) -> None:
        """Close this thread's connection; a thread that ends calls it."""
        db: sqlite3.Connection | None = getattr(self._threads, "db", None)
        if db is not None:
            db.close()
            self._threads.db = None


def _roll_back(db: sqlite3.Connection) -> None:
    """A full disk makes SQLite roll back by itself."""
    if db.in_transaction:
        db.execute("ROLLBACK")


def _is_disk_trouble(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
