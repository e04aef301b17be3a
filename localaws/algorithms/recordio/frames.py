"""The outer layer: MXNet's RecordIO. Each record is magic, length, payload, padding to 4 bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterator

MAGIC = 0xCED7230A
_START = MAGIC.to_bytes(4, "little")
_HEAD = struct.Struct("<II")
_LENGTH_BITS = 29
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)


def head(length: int) -> bytes:
    """The 8 bytes before a payload. Raises ValueError from 512 MB on."""
    if length >> _LENGTH_BITS:
        raise ValueError(f"a record of {length} bytes is too long: the limit is 512 MB")
    return _HEAD.pack(MAGIC, length)


def framed(payload: bytes) -> bytes:
    return head(len(payload)) + payload + bytes(-len(payload) % 4)


def payloads(data: memoryview) -> Iterator[memoryview]:
    """Payload after payload. Raises ValueError, naming the offset, where the data is no RecordIO.

    A writer splits a payload that holds the magic number; its parts join around that number.
    """
    parts: list[bytes] = []
    for flag, payload, at in _frames(data):
        if (flag in {_MIDDLE, _LAST}) != bool(parts):
            raise ValueError(f"the parts of a record are out of order at byte {at}")
        if flag == _WHOLE:
            yield payload
            continue
        parts.append(bytes(payload))
        if flag == _LAST:
            yield memoryview(_START.join(parts))
            parts = []
    if parts:
        raise ValueError("the data ends within a record of several parts")


def _frames(data: memoryview) -> Iterator[tuple[int, memoryview, int]]:
    """(part flag, payload, offset)."""
    at = 0
    while at < len(data):
        if not _START.startswith(data[at : at + 4]):
            raise ValueError(f"no RecordIO record at byte {at}: the magic number is missing")
        if len(data) - at < _HEAD.size:
            raise ValueError(f"the data ends within the head of the record at byte {at}")
        _, word = _HEAD.unpack_from(data, at)
        flag, length = word >> _LENGTH_BITS, word & ((1 << _LENGTH_BITS) - 1)
        start = at + _HEAD.size
        if flag > _LAST or start + length > len(data):
            raise ValueError(f"the data ends within the record at byte {at}")
        yield flag, data[start : start + length], at
        at = start + length + -length % 4
