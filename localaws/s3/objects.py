"""Buckets and objects, for the HTTP side and, in process, for the engine."""

import hashlib
import io
import json
import os
import sqlite3
import tempfile
import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from localaws.clock import Clock
from localaws.errors import AwsError
from localaws.s3 import contents
from localaws.s3.blobs import Blobs
from localaws.s3.contents import Segment
from localaws.s3.schema import SCHEMA
from localaws.store import Store
from localaws.wire.http import CHUNK, Slice


@dataclass(frozen=True)
class ObjectInfo:
    key: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True)
class Stored:
    """An object's row. `headers` are to be sent back: content type, user metadata and the like."""

    size: int
    etag: str
    modified: datetime
    headers: dict[str, str]
    checksums: dict[str, str]
    content: int


@dataclass(frozen=True)
class Draft:
    """An object about to be written: its bytes are already in blobs."""

    segments: list[Segment]
    etag: str
    headers: dict[str, str] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(segment.size for segment in self.segments)


Precondition = Callable[[Stored | None], None]


def no_condition(_: Stored | None) -> None:
    return None


def no_such_key(key: str) -> AwsError:
    return AwsError("NoSuchKey", "The specified key does not exist.", 404, Key=key)


class Objects:
    """Every method raises AwsError NoSuchBucket or NoSuchKey where that applies."""

    def __init__(self, store: Store, blobs: Blobs, clock: Clock) -> None:
        self.store, self.blobs, self.clock = store, blobs, clock
        store.install(SCHEMA)

    def ensure_bucket(self, name: str) -> bool:
        """False when it was there already."""
        with self.store.transaction() as db:
            made = db.execute(
                "INSERT OR IGNORE INTO buckets VALUES (?, ?)", (name, self.clock.now().timestamp())
            )
            return made.rowcount == 1

    def need_bucket(self, name: str) -> None:
        row = self.store.connection().execute("SELECT 1 FROM buckets WHERE name = ?", (name,))
        if row.fetchone() is None:
            text = "The specified bucket does not exist"
            raise AwsError("NoSuchBucket", text, 404, BucketName=name)

    def delete_bucket(self, name: str) -> None:
        with self.store.transaction() as db:
            self.need_bucket(name)
            if db.execute("SELECT 1 FROM objects WHERE bucket = ? LIMIT 1", (name,)).fetchone():
                text = "The bucket you tried to delete is not empty"
                raise AwsError("BucketNotEmpty", text, 409, BucketName=name)
            db.execute("DELETE FROM cors WHERE bucket = ?", (name,))
            db.execute("DELETE FROM buckets WHERE name = ?", (name,))

    def get(self, bucket: str, key: str) -> Stored:
        found = _find(self.store.connection(), bucket, key)
        if found is None:
            self.need_bucket(bucket)
            raise no_such_key(key)
        return found

    def segments(self, stored: Stored) -> list[Segment]:
        return contents.segments(self.store.connection(), stored.content)

    def slices(self, bucket: str, key: str, start: int, end: int, etag: str) -> list[Slice]:
        """Open files for the bytes [start, end) of the object as it is now.

        Raises FileNotFoundError when it is being replaced: read its row again.
        """
        stored = self.get(bucket, key)
        if stored.etag != etag:
            raise FileNotFoundError(key)
        wanted = contents.cut(self.segments(stored), start, end)
        if sum(one.size for one in wanted) != end - start:  # its row went in between
            raise FileNotFoundError(key)
        return contents.open_all(self.blobs, wanted)

    def put(
        self, bucket: str, key: str, draft: Draft, precondition: Precondition = no_condition
    ) -> Stored:
        """Replace the object in one commit. `precondition` sees the old one and may raise."""
        try:
            with self.store.transaction() as db:
                self.need_bucket(bucket)
                stored, garbage = self.write_row(db, bucket, key, draft, precondition)
        except BaseException:
            self.drop_unnamed(draft.segments)
            raise
        self.blobs.drop(garbage)
        return stored

    def write_row(
        self,
        db: sqlite3.Connection,
        bucket: str,
        key: str,
        draft: Draft,
        precondition: Precondition,
    ) -> tuple[Stored, set[str]]:
        """Part of a transaction; also returns the blobs to drop after its commit."""
        old = _find(db, bucket, key)
        precondition(old)
        content = contents.add(db, draft.segments)
        now = self.clock.now()
        db.execute(
            "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                bucket,
                key,
                draft.size,
                draft.etag,
                now.timestamp(),
                json.dumps(draft.headers),
                json.dumps(draft.checksums),
                content,
            ),
        )
        garbage = contents.remove(db, [old.content]) if old else set()
        return (
            Stored(draft.size, draft.etag, now, draft.headers, draft.checksums, content),
            garbage,
        )

    def drop_unnamed(self, segments: list[Segment]) -> None:
        """Drop the blobs of a write that failed, unless an older object shares them."""
        db = self.store.connection()
        for blob in {segment.blob for segment in segments}:
            if not db.execute("SELECT 1 FROM segments WHERE blob = ?", (blob,)).fetchone():
                self.blobs.drop([blob])

    def copy(
        self,
        source: tuple[str, str],
        target: tuple[str, str],
        headers: dict[str, str] | None,
        conditions: tuple[Precondition, Precondition] = (no_condition, no_condition),
    ) -> Stored:
        """A new row over the same blobs; `headers` None keeps the source's.

        `conditions` are for the source and for the target.
        """
        with self.store.transaction() as db:
            origin = self.get(*source)
            conditions[0](origin)
            self.need_bucket(target[0])
            draft = Draft(
                self.segments(origin),
                origin.etag,
                origin.headers if headers is None else headers,
                origin.checksums,
            )
            stored, garbage = self.write_row(db, *target, draft, conditions[1])
        self.blobs.drop(garbage)
        return stored

    def delete(self, bucket: str, key: str) -> None:
        """Deleting what is not there succeeds, as in S3."""
        with self.store.transaction():
            self.need_bucket(bucket)
            garbage = self.forget(bucket, key)
        self.blobs.drop(garbage)

    def forget(self, bucket: str, key: str) -> set[str]:
        """Part of a transaction: delete the row; returns the blobs to drop after the commit."""
        with self.store.transaction() as db:
            row = db.execute(
                "DELETE FROM objects WHERE bucket = ? AND key = ? RETURNING content", (bucket, key)
            ).fetchone()
            return contents.remove(db, [row["content"]]) if row else set()

    def list(self, bucket: str, prefix: str = "") -> list[ObjectInfo]:
        """Every object below the prefix, in the order of keys (UTF-8 bytes)."""
        self.need_bucket(bucket)
        rows = self.store.connection().execute(
            "SELECT key, size, etag, modified FROM objects"
            " WHERE bucket = ? AND key >= ? AND substr(key, 1, ?) = ? ORDER BY key",
            (bucket, prefix, len(prefix), prefix),
        )
        return [
            ObjectInfo(row["key"], row["size"], row["etag"], _utc(row["modified"])) for row in rows
        ]

    def open(self, bucket: str, key: str) -> BinaryIO:
        """The whole object as a file; a multipart one is joined into a temporary copy."""
        for _ in range(20):
            stored = self.get(bucket, key)
            try:
                slices = self.slices(bucket, key, 0, stored.size, stored.etag)
            except FileNotFoundError:
                continue
            return _as_file(slices)
        raise no_such_key(key)

    def put_bytes(self, bucket: str, key: str, content: bytes, content_type: str = "") -> Stored:
        return self._put_stream(bucket, key, io.BytesIO(content), content_type)

    def put_file(self, bucket: str, key: str, path: Path, content_type: str = "") -> Stored:
        with path.open("rb") as file:
            return self._put_stream(bucket, key, file, content_type)

    def _put_stream(self, bucket: str, key: str, source: BinaryIO, content_type: str) -> Stored:
        self.need_bucket(bucket)
        blob, file = self.blobs.create()
        digest, crc, size = hashlib.md5(usedforsecurity=False), 0, 0
        with file:
            while block := source.read(CHUNK):
                file.write(block)
                digest.update(block)
                crc, size = zlib.crc32(block, crc), size + len(block)
            self.blobs.settle(file)
        headers = {"content-type": content_type} if content_type else {}
        checksums = {"crc32": b64encode(crc.to_bytes(4)).decode()}
        draft = Draft([Segment(blob, 0, size)], digest.hexdigest(), headers, checksums)
        if size == 0:
            self.blobs.drop([blob])
        return self.put(bucket, key, draft)


def _find(db: sqlite3.Connection, bucket: str, key: str) -> Stored | None:
    row = db.execute("SELECT * FROM objects WHERE bucket = ? AND key = ?", (bucket, key)).fetchone()
    if row is None:
        return None
    return Stored(
        row["size"],
        row["etag"],
        _utc(row["modified"]),
        json.loads(row["headers"]),
        json.loads(row["checksums"]),
        row["content"],
    )


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _as_file(slices: list[Slice]) -> BinaryIO:
    if len(slices) == 1 and slices[0].start == 0:
        whole = slices[0]
        if whole.size == os.fstat(whole.file.fileno()).st_size:
            return whole.file
    joined = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    for part in slices:
        with part.file as file:
            file.seek(part.start)
            left = part.size
            while left and (block := file.read(min(CHUNK, left))):
                joined.write(block)
                left -= len(block)
    joined.seek(0)
    return joined
