"""From an input object to requests: records by SplitType, packed by BatchStrategy."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

_RECORDIO_MAGIC = 0xCED7230A
_BLOCK = 1 << 20


class BadInput(Exception):
    """An input object cannot be sent; the text says where and why."""


def records(file: BinaryIO, split: str) -> Iterator[bytes]:
    """Lines without their end; RecordIO and TFRecord records with their frame. Raises BadInput."""
    if split == "Line":
        for line in file:
            if text := line.rstrip(b"\r\n"):
                yield text
    elif split == "RecordIO":
        yield from _recordio(file)
    elif split == "TFRecord":
        yield from _tfrecord(file)
    elif whole := file.read():
        yield whole


def _recordio(file: BinaryIO) -> Iterator[bytes]:
    while head := file.read(8):
        if len(head) < 8 or struct.unpack("<I", head[:4])[0] != _RECORDIO_MAGIC:
            raise BadInput("The data is no RecordIO: a record lacks its magic number.")
        size = struct.unpack("<I", head[4:])[0] & ((1 << 29) - 1)
        yield head + _exactly(file, size + -size % 4)


def _tfrecord(file: BinaryIO) -> Iterator[bytes]:
    """Length, its checksum, the data, its checksum."""
    while head := file.read(12):
        if len(head) < 12:
            raise BadInput("The data is no TFRecord: it ends within a record.")
        yield head + _exactly(file, struct.unpack("<Q", head[:8])[0] + 4)


def _exactly(file: BinaryIO, size: int) -> bytes:
    """In blocks: a size that is not true must not reserve memory."""
    parts, missing = [], size
    while missing:
        block = file.read(min(missing, _BLOCK))
        if not block:
            raise BadInput("The data ends within a record.")
        parts.append(block)
        missing -= len(block)
    return b"".join(parts)


def packed(found: Iterable[bytes], *, single: bool, limit: float) -> Iterator[list[bytes]]:
    """As many records per request as `limit` bytes hold, or one. Raises BadInput for a giant."""
    waiting: list[bytes] = []
    size = 0
    for record in found:
        if len(record) > limit:
            raise BadInput(
                f"A record of {len(record)} bytes is larger than MaxPayloadInMB allows "
                f"({limit:.0f} bytes)."
            )
        if waiting and (single or size + len(record) + 1 > limit):
            yield waiting
            waiting, size = [], 0
        waiting.append(record)
        size += len(record) + 1
    if waiting:
        yield waiting


def payload(batch: list[bytes], split: str) -> bytes:
    return (b"\n" if split == "Line" else b"").join(batch)
