"""Contents: the sequences of blob segments behind objects and parts."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from localaws.s3.blobs import Blobs
from localaws.wire.http import Slice


@dataclass(frozen=True)
class Segment:
    blob: str
    start: int
    size: int


def add(db: sqlite3.Connection, segments: Iterable[Segment]) -> int:
    """Store a new content and return its id."""
    rows = [segment for segment in segments if segment.size > 0]
    size = sum(segment.size for segment in rows)
    content = db.execute("INSERT INTO contents (size) VALUES (?)", (size,)).lastrowid
    db.executemany(
        "INSERT INTO segments (content, n, blob, start, size) VALUES (?, ?, ?, ?, ?)",
        [(content, n, row.blob, row.start, row.size) for n, row in enumerate(rows)],
    )
    if content is None:
        raise sqlite3.DatabaseError("no row id")
    return content


def segments(db: sqlite3.Connection, content: int) -> list[Segment]:
    rows = db.execute(
        "SELECT blob, start, size FROM segments WHERE content = ? ORDER BY n", (content,)
    )
    return [Segment(*row) for row in rows]


def remove(db: sqlite3.Connection, contents: Iterable[int]) -> set[str]:
    """Delete contents; returns the blobs nobody names any more, to drop after the commit."""
    candidates: set[str] = set()
    for content in contents:
        gone = db.execute("DELETE FROM segments WHERE content = ? RETURNING blob", (content,))
        candidates |= {row["blob"] for row in gone.fetchall()}
        db.execute("DELETE FROM contents WHERE id = ?", (content,))
    return {blob for blob in candidates if not _is_named(db, blob)}


def _is_named(db: sqlite3.Connection, blob: str) -> bool:
    found = db.execute("SELECT 1 FROM segments WHERE blob = ? LIMIT 1", (blob,)).fetchone()
    return found is not None


def cut(parts: Iterable[Segment], start: int, end: int) -> list[Segment]:
    """The bytes [start, end) of a sequence of segments."""
    position, found = 0, []
    for part in parts:
        low, high = max(start - position, 0), min(end - position, part.size)
        position += part.size
        if low < high:
            found.append(Segment(part.blob, part.start + low, high - low))
    return found


def open_all(blobs: Blobs, parts: Iterable[Segment]) -> list[Slice]:
    """Raises FileNotFoundError, with nothing left open, when a blob was dropped meanwhile."""
    slices: list[Slice] = []
    try:
        for part in parts:
            slices.append(Slice(blobs.open(part.blob), part.start, part.size))  # noqa: PERF401  the opened ones must be closed
    except FileNotFoundError:
        for opened in slices:
            opened.file.close()
        raise
    return slices
