"""The inner layer: the protobuf message `Record` (package aialgs.data) and its tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEATURES, LABEL = 1, 2
_KEY, _VALUE = 1, 2
_VALUES, _KEYS, _SHAPE = 1, 2, 3
FLOAT32, FLOAT64, INT32, BYTES = 2, 3, 7, 9
_VARINT, _EIGHT, _BLOCK, _FOUR = 0, 1, 2, 5

Values = NDArray[Any]
"""float32, float64 or, for int32 tensors, int64."""


@dataclass(frozen=True)
class Tensor:
    """Dense: values only. Sparse: values at `keys` of `shape` columns."""

    values: Values
    keys: NDArray[np.int64] | None = None
    shape: int | None = None


@dataclass(frozen=True)
class Record:
    features: Mapping[str, Tensor] = field(default_factory=dict)
    label: Mapping[str, Tensor] = field(default_factory=dict)


def varint(number: int) -> bytes:
    """Negative numbers take ten bytes, as protobuf has it."""
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def block(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    return lead(number, len(content)) + content


def lead(number: int, length: int) -> bytes:
    return varint(number << 3 | _BLOCK) + varint(length)


def kind(values: Values) -> int:
    """The tensor that holds this dtype. Raises ValueError for what has none."""
    if values.dtype in (np.float32, np.float64):
        return FLOAT32 if values.dtype == np.float32 else FLOAT64
    if values.dtype.kind in "iu":
        if values.size and (values.min() < -(2**31) or values.max() >= 2**31):
            raise ValueError("integers beyond 32 bits do not fit an Int32Tensor")
        return INT32
    raise ValueError(f"Unsupported dtype {values.dtype}")


def encode(record: Record) -> bytes:
    """Raises ValueError for values of a dtype that no tensor holds."""
    entries = ((FEATURES, record.features), (LABEL, record.label))
    return b"".join(
        block(number, block(_KEY, name.encode()) + block(_VALUE, _encoded(tensor)))
        for number, tensors in entries
        for name, tensor in tensors.items()
    )


def _encoded(tensor: Tensor) -> bytes:
    number = kind(tensor.values)
    if number == INT32:
        packed = _varints(tensor.values)
    else:
        packed = tensor.values.astype(tensor.values.dtype.newbyteorder("<")).tobytes()
    parts = [block(_VALUES, packed)] if packed else []
    if tensor.keys is not None and len(tensor.keys):
        parts.append(block(_KEYS, _varints(tensor.keys)))
    if tensor.shape is not None:
        parts.append(block(_SHAPE, varint(tensor.shape)))
    return block(number, b"".join(parts))


def _varints(values: NDArray[Any]) -> bytes:
    return b"".join(map(varint, values.tolist()))


def decode(payload: memoryview) -> Record:
    """Unknown fields are skipped. Raises ValueError for what is no `Record`."""
    features: dict[str, Tensor] = {}
    label: dict[str, Tensor] = {}
    for number, content in _fields(payload):
        if number in {FEATURES, LABEL}:
            name, tensor = _entry(_bytes(content))
            (features if number == FEATURES else label)[name] = tensor
    return Record(features, label)


def _entry(content: memoryview) -> tuple[str, Tensor]:
    name, tensor = "", Tensor(np.zeros(0, np.float32))
    for number, value in _fields(content):
        if number == _KEY:
            name = bytes(_bytes(value)).decode()
        elif number == _VALUE:
            for inner, body in _fields(_bytes(value)):
                tensor = _tensor(inner, _bytes(body))
    return name, tensor


def _tensor(number: int, content: memoryview) -> Tensor:
    if number not in {FLOAT32, FLOAT64, INT32}:
        raise ValueError("a value is no tensor of numbers" if number == BYTES else "unknown value")
    found: dict[int, list[NDArray[Any]]] = {_VALUES: [], _KEYS: [], _SHAPE: []}
    for name, value in _fields(content):
        if name in found:
            found[name].append(_numbers(number if name == _VALUES else INT32, value))
    if not found[_KEYS] and not found[_SHAPE]:
        return Tensor(_joined(found[_VALUES], number))
    if len(found[_SHAPE]) != 1 or found[_SHAPE][0].size != 1:
        raise ValueError("a sparse tensor needs a shape of one number")
    shape = int(found[_SHAPE][0][0])
    return Tensor(_joined(found[_VALUES], number), _joined(found[_KEYS], INT32), shape)


def _numbers(number: int, value: memoryview | int) -> NDArray[Any]:
    """Of a repeated field, whether packed or one by one."""
    if isinstance(value, int):
        return np.array([value if value < 1 << 63 else value - (1 << 64)], np.int64)
    if number == INT32:
        return unpacked(value)
    return np.frombuffer(value, "<f4" if number == FLOAT32 else "<f8")


def _joined(parts: list[NDArray[Any]], number: int) -> NDArray[Any]:
    if len(parts) == 1:
        return parts[0]
    empty = np.zeros(0, {FLOAT32: np.float32, FLOAT64: np.float64}.get(number, np.int64))
    return np.concatenate([empty, *parts])


def unpacked(data: memoryview) -> NDArray[np.int64]:
    """Packed varints, all at once. Raises ValueError when the last one has no end."""
    raw = np.frombuffer(data, np.uint8)
    if not raw.size:
        return np.zeros(0, np.int64)
    ends = np.flatnonzero(raw < 0x80)
    if not ends.size or ends[-1] != raw.size - 1:
        raise ValueError("the data ends within a number")
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > 10:
        raise ValueError("a number is longer than 64 bits")
    places = np.arange(raw.size) - np.repeat(starts, lengths)
    parts = (raw & 0x7F).astype(np.uint64) << (7 * places).astype(np.uint64)
    return np.add.reduceat(parts, starts).view(np.int64)


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """(field number, content): a number for a varint, else bytes."""
    at = 0
    while at < len(data):
        tag, at = _number(data, at)
        wire = tag & 7
        if wire == _VARINT:
            number, at = _number(data, at)
            yield tag >> 3, number
            continue
        if wire == _BLOCK:
            length, at = _number(data, at)
        elif wire in {_FOUR, _EIGHT}:
            length = 4 if wire == _FOUR else 8
        else:
            raise ValueError(f"wire type {wire} is not protobuf's")
        if at + length > len(data):
            raise ValueError("the data ends within a field")
        yield tag >> 3, data[at : at + length]
        at += length


def _number(data: memoryview, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & ((1 << 64) - 1), at
        shift += 7
    raise ValueError("the data ends within a number")


def _bytes(content: memoryview | int) -> memoryview:
    if isinstance(content, int):
        raise ValueError("a number where a message belongs")  # noqa: TRY004  wrong data, not code
    return content
