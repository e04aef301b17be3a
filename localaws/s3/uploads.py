"""Multipart uploads: parts are contents of their own; completing one moves no data."""

import hashlib
import json
import secrets
import sqlite3
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from localaws.errors import AwsError
from localaws.s3 import contents
from localaws.s3.objects import Draft, Objects, Precondition, Stored
from localaws.s3.receive import Received
from localaws.wire.http import CHUNK

SMALLEST_PART = 5 << 20


@dataclass(frozen=True)
class Upload:
    id: str
    key: str
    headers: dict[str, str]
    created: datetime


@dataclass(frozen=True)
class Part:
    n: int
    size: int
    etag: str
    checksums: dict[str, str]
    modified: datetime
    content: int


class Uploads:
    """Every method raises AwsError NoSuchUpload for an id that is not this object's."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._store = objects.store

    def create(self, bucket: str, key: str, headers: dict[str, str]) -> str:
        self._objects.need_bucket(bucket)
        upload = secrets.token_urlsafe(32)
        now = self._objects.clock.now().timestamp()
        with self._store.transaction() as db:
            db.execute(
                "INSERT INTO uploads VALUES (?, ?, ?, ?, ?)",
                (upload, bucket, key, json.dumps(headers), now),
            )
        return upload

    def find(self, bucket: str, key: str, upload: str) -> Upload:
        row = (
            self._store.connection()
            .execute(
                "SELECT * FROM uploads WHERE id = ? AND bucket = ? AND key = ?",
                (upload, bucket, key),
            )
            .fetchone()
        )
        if row is None:
            self._objects.need_bucket(bucket)
            text = (
                "The specified upload does not exist. The upload ID may be invalid, or the upload"
                " may have been aborted or completed."
            )
            raise AwsError("NoSuchUpload", text, 404, UploadId=upload)
        return _upload(row)

    def running(self, bucket: str, prefix: str) -> list[Upload]:
        self._objects.need_bucket(bucket)
        rows = self._store.connection().execute(
            "SELECT * FROM uploads WHERE bucket = ? AND substr(key, 1, ?) = ?"
            " ORDER BY key, created",
            (bucket, len(prefix), prefix),
        )
        return [_upload(row) for row in rows]

    def parts(self, upload: str, after: int = 0) -> list[Part]:
        rows = self._store.connection().execute(
            "SELECT * FROM parts WHERE upload = ? AND n > ? ORDER BY n", (upload, after)
        )
        return [_part(row) for row in rows]

    def add_part(self, bucket: str, key: str, upload: str, n: int, received: Received) -> None:
        """Store a part; the same number again replaces it."""
        try:
            with self._store.transaction() as db:
                self.find(bucket, key, upload)
                garbage = self._write_part(db, upload, n, received)
        except BaseException:
            self._objects.drop_unnamed(received.segments)
            raise
        self._objects.blobs.drop(garbage)

    def _write_part(
        self, db: sqlite3.Connection, upload: str, n: int, received: Received
    ) -> set[str]:
        old = db.execute(
            "SELECT content FROM parts WHERE upload = ? AND n = ?", (upload, n)
        ).fetchone()
        db.execute(
            "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                upload,
                n,
                received.size,
                received.etag,
                json.dumps(received.checksums),
                self._objects.clock.now().timestamp(),
                contents.add(db, received.segments),
            ),
        )
        return contents.remove(db, [old["content"]]) if old else set()

    def copy_part(self, source: Stored, start: int, end: int) -> Received:
        """The bytes [start, end) of an object as a part: the blobs are shared, only hashed here."""
        segments = contents.cut(self._objects.segments(source), start, end)
        digest, crc = hashlib.md5(usedforsecurity=False), 0
        for part in contents.open_all(self._objects.blobs, segments):
            with part.file as file:
                file.seek(part.start)
                left = part.size
                while left and (block := file.read(min(CHUNK, left))):
                    digest.update(block)
                    crc, left = zlib.crc32(block, crc), left - len(block)
        checksums = {"crc32": b64encode(crc.to_bytes(4)).decode()}
        return Received(segments, end - start, digest.hexdigest(), checksums)

    def complete(
        self,
        bucket: str,
        key: str,
        upload: str,
        wanted: list[tuple[int, str]],
        precondition: Precondition,
    ) -> Stored:
        """Join the parts (number, ETag), in this order, into the object."""
        with self._store.transaction() as db:
            found = self.find(bucket, key, upload)
            have = {part.n: part for part in self.parts(upload)}
            chosen = _choose(wanted, have)
            segments = [s for part in chosen for s in contents.segments(db, part.content)]
            draft = Draft(segments, _etag(chosen), found.headers, _composite_checksum(chosen))
            stored, garbage = self._objects.write_row(db, bucket, key, draft, precondition)
            garbage |= self._forget(db, upload)
        self._objects.blobs.drop(garbage)
        return stored

    def abort(self, bucket: str, key: str, upload: str) -> None:
        with self._store.transaction() as db:
            self.find(bucket, key, upload)
            garbage = self._forget(db, upload)
        self._objects.blobs.drop(garbage)

    def _forget(self, db: sqlite3.Connection, upload: str) -> set[str]:
        gone = db.execute("DELETE FROM parts WHERE upload = ? RETURNING content", (upload,))
        garbage = contents.remove(db, [row["content"] for row in gone.fetchall()])
        db.execute("DELETE FROM uploads WHERE id = ?", (upload,))
        return garbage


def _choose(wanted: list[tuple[int, str]], have: dict[int, Part]) -> list[Part]:
    if [n for n, _ in wanted] != sorted({n for n, _ in wanted}):
        raise AwsError("InvalidPartOrder", "The list of parts was not in ascending order.")
    if not wanted or any(n not in have or have[n].etag != etag for n, etag in wanted):
        text = "One or more of the specified parts could not be found or did not match its ETag."
        raise AwsError("InvalidPart", text)
    chosen = [have[n] for n, _ in wanted]
    if any(part.size < SMALLEST_PART for part in chosen[:-1]):
        text = "Your proposed upload is smaller than the minimum allowed size"
        raise AwsError("EntityTooSmall", text)
    return chosen


def _etag(parts: list[Part]) -> str:
    joined = b"".join(bytes.fromhex(part.etag) for part in parts)
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(parts)}"


def _composite_checksum(parts: list[Part]) -> dict[str, str]:
    joined = b"".join(b64decode(part.checksums["crc32"]) for part in parts)
    return {"crc32": f"{b64encode(zlib.crc32(joined).to_bytes(4)).decode()}-{len(parts)}"}


def _upload(row: sqlite3.Row) -> Upload:
    created = datetime.fromtimestamp(row["created"], UTC)
    return Upload(row["id"], row["key"], json.loads(row["headers"]), created)


def _part(row: sqlite3.Row) -> Part:
    return Part(
        row["n"],
        row["size"],
        row["etag"],
        json.loads(row["checksums"]),
        datetime.fromtimestamp(row["modified"], UTC),
        row["content"],
    )
