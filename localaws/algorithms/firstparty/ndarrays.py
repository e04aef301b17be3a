"""MXNet's parameter files, which the images' artifacts are: float32 arrays, with or without names.

Little endian: 0x112, 0, the arrays, the names; each array as NDArray version 2. Notebooks read
`model_algo-1` with `mxnet.ndarray.load`.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from localaws.algorithms.recordio.tables import Floats

_MAGIC, _ARRAY, _DENSE, _CPU, _FLOAT32 = 0x112, 0xF993FAC9, 0, 1, 0
_LONG, _HEAD = struct.Struct("<Q"), struct.Struct("<IiI")
_CONTEXT = struct.Struct("<iii")


def write(path: Path, arrays: Mapping[str, Floats]) -> None:
    """A single array under the name "" is written as a list without names."""
    names = [name.encode() for name in arrays if name]
    path.write_bytes(
        _LONG.pack(_MAGIC)
        + _LONG.pack(0)
        + _LONG.pack(len(arrays))
        + b"".join(map(_array, arrays.values()))
        + _LONG.pack(len(names))
        + b"".join(_LONG.pack(len(name)) + name for name in names)
    )


def _array(array: Floats) -> bytes:
    return (
        _HEAD.pack(_ARRAY, _DENSE, array.ndim)
        + struct.pack(f"<{array.ndim}q", *array.shape)
        + _CONTEXT.pack(_CPU, 0, _FLOAT32)
        + array.astype("<f4").tobytes()
    )


def read(path: Path) -> dict[str, Floats]:
    """Arrays by name; without names by their number. Raises ValueError for other files."""
    reader = _Reader(path.read_bytes())
    if (reader.long(), reader.long()) != (_MAGIC, 0):
        raise ValueError(f"{path.name} is no MXNet parameter file")
    arrays = [reader.array() for _ in range(reader.long())]
    names = [reader.take(reader.long()).decode() for _ in range(reader.long())]
    return dict(zip(names or map(str, range(len(arrays))), arrays, strict=True))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, length: int) -> bytes:
        self._at += length
        if self._at > len(self._data):
            raise ValueError("the parameter file ends early")
        return self._data[self._at - length : self._at]

    def long(self) -> int:
        return int.from_bytes(self.take(8), "little")

    def array(self) -> Floats:
        magic, storage, dimensions = _HEAD.unpack(self.take(_HEAD.size))
        if magic != _ARRAY or storage != _DENSE or dimensions > 2:
            raise ValueError("the parameter file holds another kind of array")
        shape = struct.unpack(f"<{dimensions}q", self.take(8 * dimensions))
        _, _, kind = _CONTEXT.unpack(self.take(_CONTEXT.size))
        if kind != _FLOAT32 or min(shape, default=0) < 0:
            raise ValueError("the parameter file holds other numbers than float32")
        count = int(np.prod(shape, dtype=np.int64))
        return np.frombuffer(self.take(4 * count), "<f4").reshape(shape)
