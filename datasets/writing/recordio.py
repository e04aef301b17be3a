"""RecordIO-protobuf in float32, as SageMaker's own algorithms read it: dense or sparse rows.

The bytes are those of Amazon's Python SDK. A record is the magic, its length, a protobuf message
`Record` and zeros up to a multiple of four. Dense rows of one width have the same bytes around
their numbers, so a block of them is a matrix of bytes whose constant columns are written once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from datasets.writing.rows import Sparse, as_floats, as_labels, check_finite

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from datasets.writing.rows import Numbers, Take

HEAD = struct.Struct("<II")
MAGIC = 0xCED7230A
FEATURES, LABEL = 1, 2  # fields of Record
NAME, VALUE = 1, 2  # fields of a map's entry
FLOAT32 = 2  # field of Value
VALUES, KEYS, SHAPE = 1, 2, 3  # fields of a tensor
# Filled, checked and passed on while it is in the processor's cache. It is used again, because
# touching new memory costs several times the work of filling it.
CHUNK_BYTES = 2**20


def dense(labels: Numbers | None, rows: Numbers) -> bytes:
    """A record for each row of a 2-D array. Unwritable for what is no finite float32."""
    whole = bytearray()
    write_dense(labels, rows, whole.extend)
    return bytes(whole)


def write_dense(labels: Numbers | None, rows: Numbers, take: Take) -> None:
    """What `dense` gives, to `take` in chunks of memory that is used again."""
    import numpy as np

    count, width = rows.shape
    answers = None if labels is None else as_labels(labels, count)
    record, places = _record(width, labelled=answers is not None)
    step = max(1, CHUNK_BYTES // len(record))
    chunk = np.tile(record, (min(step, count), 1))
    numbers = chunk.view(places)[:, 0]
    for start in range(0, count, step):
        floats = as_floats(rows[start : start + step])
        check_finite(floats, rows, first=start)
        numbers["features"][: len(floats)] = floats
        if answers is not None:
            numbers["label"][: len(floats)] = answers[start : start + step]
        take(chunk[: len(floats)].data.cast("B"))


def _record(width: int, *, labelled: bool) -> tuple[npt.NDArray[np.uint8], np.dtype[Any]]:
    """The bytes of a record of zeros, and where its numbers are. ValueError for no column."""
    import numpy as np

    if not width:
        raise ValueError("a record needs a feature")
    message = _before(FEATURES, 4 * width)
    places: Any = {"names": ["features"], "formats": [("<f4", (width,))]}
    offsets = [HEAD.size + len(message)]
    message += bytes(4 * width)
    if labelled:
        message += _before(LABEL, 4)
        places = {"names": ["features", "label"], "formats": [("<f4", (width,)), "<f4"]}
        offsets.append(HEAD.size + len(message))
        message += bytes(4)
    record = np.frombuffer(_framed(message), np.uint8)
    places |= {"offsets": offsets, "itemsize": len(record)}
    return record, np.dtype(places)


def sparse(labels: Numbers | None, rows: Any) -> bytes:
    """A record for each row of a SciPy sparse matrix, or of an array without its zeros."""
    from scipy.sparse import csr_matrix, issparse

    matrix = Sparse(rows if issparse(rows) else csr_matrix(rows))
    count = len(matrix.starts) - 1
    answers = [b""] * count
    if labels is not None:
        before = _before(LABEL, 4)
        numbers = as_labels(labels, count).astype("<f4").tobytes()
        answers = [before + numbers[4 * row : 4 * row + 4] for row in range(count)]
    return b"".join(
        _framed(features + label)
        for features, label in zip(_features(matrix), answers, strict=True)
    )


def _features(matrix: Sparse) -> Iterator[bytes]:
    shape = _sized(SHAPE, _varint(matrix.width))
    values = matrix.values.astype("<f4").tobytes()
    keys, ends = _varints(matrix.columns)
    for start, end in pairwise(matrix.starts.tolist()):
        tensor = shape
        if end > start:
            spelt = keys[ends[start] : ends[end]]
            tensor = _sized(VALUES, values[4 * start : 4 * end]) + _sized(KEYS, spelt) + shape
        entry = _sized(NAME, b"values") + _sized(VALUE, _sized(FLOAT32, tensor))
        yield _sized(FEATURES, entry)


def _before(field: int, size: int) -> bytes:
    """What stands before `size` bytes of dense numbers: four nested lengths."""
    before = b""
    for inner in (VALUES, FLOAT32, VALUE):
        before = _lead(inner, size + len(before)) + before
    before = _sized(NAME, b"values") + before
    return _lead(field, size + len(before)) + before


def _framed(message: bytes) -> bytes:
    return HEAD.pack(MAGIC, len(message)) + message + bytes(-len(message) % 4)


def _sized(field: int, content: bytes) -> bytes:
    return _lead(field, len(content)) + content


def _lead(field: int, size: int) -> bytes:
    return _varint(field << 3 | 2) + _varint(size)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _varints(numbers: Numbers) -> tuple[bytes, list[int]]:
    """All numbers as varints, and where each begins; one more place for the end."""
    import numpy as np

    sizes = np.ones(len(numbers), np.int64)
    for bits in range(7, 64, 7):
        sizes += numbers >> bits > 0
    ends = np.concatenate([[0], np.cumsum(sizes)])
    found = np.empty(ends[-1], np.uint8)
    for byte in range(int(sizes.max(initial=0))):
        longer = np.flatnonzero(sizes > byte)
        more = np.where(sizes[longer] > byte + 1, 0x80, 0)
        found[ends[longer] + byte] = numbers[longer] >> 7 * byte & 0x7F | more
    return found.tobytes(), ends.tolist()
