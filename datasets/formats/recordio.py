"""RecordIO-protobuf, as SageMaker's algorithms read it: dense or sparse rows with labels.

A record is the magic, its length (little endian), a protobuf message `Record`, and zeros up to a
multiple of four; the schema is `aialgs.data` of Amazon's Python SDK.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from datasets.formats import figures
from datasets.formats.sniff import MAX_COLUMNS, BadTable, Dialect
from datasets.formats.stream import Plain, Row, block_rows, buffered, damage_told

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[Any]

MAGIC = b"\x0a\x23\xd7\xce"
MAX_RECORD = 2**20
FEATURES, LABEL = 1, 2  # fields of Record
KEY, VALUE = 1, 2  # fields of a map's entry
FLOAT32, FLOAT64, INT32 = 2, 3, 7  # fields of Value
VALUES, KEYS, SHAPE = 1, 2, 3  # fields of a tensor
DTYPES = {FLOAT32: "<f4", FLOAT64: "<f8", INT32: "<i4"}
VARINT, FIXED64, SIZED, FIXED32 = 0, 1, 2, 5  # wire types


class DamagedError(Exception):
    """Not the bytes of a message."""


class Tensor(NamedTuple):
    kind: int
    values: Numbers
    keys: list[int]
    width: int | None  # of a sparse row

    def dense(self, width: int) -> Numbers | None:
        """The row with all its columns; None unless it has `width` of them."""
        import numpy as np

        if self.width is None:
            return self.values if len(self.values) == width and not self.keys else None
        fits = self.width == width and len(self.keys) == len(self.values)
        if not fits or any(key >= width for key in self.keys):
            return None
        row = np.zeros(width, self.values.dtype)
        row[self.keys] = self.values
        return row


Parsed = tuple[Tensor, Tensor | None]  # features, label


class Reader:
    """The records of `plain` as a `stream.Table`: `label` (when there is one), then f0, f1, …

    The first record says which columns there are, and of which type; `most` how many there may be.
    """

    most = MAX_COLUMNS

    def __init__(self, plain: Plain, _dialect: Dialect, _kept: ExitStack) -> None:
        self._plain = plain
        self._records = enumerate(self._framed(), start=1)
        self._first = next(self._records)
        features, label = _parsed(*self._first)
        self._kinds = (features.kind, label.kind if label else 0)
        self._width = len(features.values) if features.width is None else features.width
        count = self._width + bool(label)
        if count > self.most:
            raise BadTable(f"Record 1 has {count:,} columns; at most {self.most:,} are possible.")
        self.names = ["label"] * bool(label) + [f"f{n}" for n in range(self._width)]
        if not self._width:
            raise BadTable("Record 1 has no features.")

    @property
    def packed_bytes(self) -> int:
        return self._plain.packed_bytes

    def __iter__(self) -> Iterator[list[Row]]:
        most = block_rows(self._width)
        features: list[Numbers] = []
        labels: list[Numbers] = []
        for number, payload in chain([self._first], self._records):
            row, label = self._row(number, payload)
            features.append(row)
            labels += [] if label is None else [label]
            if len(features) == most:
                yield _texts(features, labels)
                features, labels = [], []
        if features:
            yield _texts(features, labels)

    def _row(self, number: int, payload: bytes) -> tuple[Numbers, Numbers | None]:
        found, label = _parsed(number, payload)
        if (found.kind, label.kind if label else 0) != self._kinds:
            raise BadTable(
                f"Record {number:,} has other types than the first, or a label where that has none."
            )
        row = found.dense(self._width)
        if row is None:
            count = len(found.values) if found.width is None else found.width
            raise BadTable(f"Record {number:,} has {count:,} columns; expected {self._width:,}.")
        answer = label.dense(1) if label else None
        if label and answer is None:
            raise BadTable(f"Record {number:,} has {len(label.values)} labels; expected 1.")
        return row, answer

    def _framed(self) -> Iterator[bytes]:
        file = buffered(self._plain)
        number = 0
        with damage_told():
            while head := file.read(8):
                number += 1
                if len(head) < 8 or head[:4] != MAGIC:
                    raise BadTable(
                        f"Record {number:,} does not begin as a record does.",
                        "The file is damaged, or something else follows the records.",
                    )
                (size,) = struct.unpack("<4xI", head)
                if size > MAX_RECORD:
                    raise BadTable(f"Record {number:,} is longer than {MAX_RECORD:,} bytes.")
                payload = file.read(size)
                if len(payload) < size or len(file.read(-size % 4)) < -size % 4:
                    raise BadTable(f"The file ends in record {number:,}.", "Write it again.")
                yield payload


def _texts(features: list[Numbers], labels: list[Numbers]) -> list[Row]:
    import numpy as np

    rows = figures.texts(np.stack(features))
    if not labels:
        return rows
    return [
        [*label, *row] for label, row in zip(figures.texts(np.stack(labels)), rows, strict=True)
    ]


def _parsed(number: int, payload: bytes) -> Parsed:
    found: dict[int, Tensor] = {}
    try:
        for field, data in _fields(payload):
            if field in (FEATURES, LABEL):
                if field in found:
                    raise BadTable(
                        f"Record {number:,} has more than one tensor.", "Keep “values” only."
                    )
                found[field] = _tensor(dict(_fields(data)).get(VALUE, b""))
    except (DamagedError, ValueError, OverflowError) as error:
        if isinstance(error, BadTable):
            raise
        raise BadTable(f"Record {number:,} is damaged, or of an unknown kind.") from error
    if FEATURES not in found:
        raise BadTable(f"Record {number:,} has no features.")
    return found[FEATURES], found.get(LABEL)


def _tensor(value: bytes) -> Tensor:
    import numpy as np

    kind, data = next(_fields(value), (0, b""))
    if kind not in DTYPES:
        raise DamagedError
    parts = {VALUES: b"", KEYS: b"", SHAPE: b""}
    for field, part in _fields(data):
        parts[field] = parts.get(field, b"") + part
    if kind == INT32:
        whole = [_signed(number) for number in _varints(parts[VALUES])]
        values: Numbers = np.array(whole, dtype="<i4")
    else:
        values = np.frombuffer(parts[VALUES], DTYPES[kind])
    shape = list(_varints(parts[SHAPE]))
    is_sparse = bool(parts[KEYS]) or (bool(shape) and not len(values))
    if is_sparse and not shape:
        raise DamagedError
    return Tensor(kind, values, list(_varints(parts[KEYS])), shape[-1] if is_sparse else None)


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each field: of a packed one without, of a varint with its own length."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        wire, start = tag & 7, place
        if wire == VARINT:
            _, place = _varint(message, place)
        elif wire == SIZED:
            size, start = _varint(message, place)
            place = start + size
        elif wire in (FIXED32, FIXED64):
            place += 4 if wire == FIXED32 else 8
        else:
            raise DamagedError
        if place > len(message):
            raise DamagedError
        yield tag >> 3, message[start:place]


def _varints(data: bytes) -> Iterator[int]:
    place = 0
    while place < len(data):
        number, place = _varint(data, place)
        yield number


def _varint(data: bytes, place: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise DamagedError
        byte = data[place]
        place += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, place
    raise DamagedError


def _signed(number: int) -> int:
    """A negative int32 is written as 64 bits."""
    return number - 2**64 if number >= 2**63 else number
