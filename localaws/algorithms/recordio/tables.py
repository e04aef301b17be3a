"""A whole file or payload as one table of features and labels."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from localaws.algorithms.recordio import dense, frames, messages
from localaws.algorithms.recordio.messages import Record, Tensor

Floats = NDArray[np.float32]
Features: TypeAlias = "Floats | csr_matrix"


@dataclass(frozen=True)
class Table:
    """Features as (n, width) float32, dense or sparse; labels as (n,) when every row has one."""

    features: Features
    labels: Floats | None


def read(source: Path | bytes) -> Table:
    """Float32 rows that are all alike are a view of the file, others are parsed one by one.

    Float64 and integers are cast. Raises ValueError when there is no record, or a broken one, or
    rows differ in width or in having a label.
    """
    raw = _raw(source)
    if not raw.size:
        raise ValueError("there is no record")
    if (found := dense.read(raw)) is not None:
        features, labels = found
        return Table(_floats(features), None if labels is None else _floats(labels))
    rows = list(records(raw.data))
    return Table(_features([_values(row, at) for at, row in enumerate(rows)]), _labels(rows))


def records(data: memoryview) -> Iterator[Record]:
    """Raises ValueError."""
    for payload in frames.payloads(data):
        yield messages.decode(payload)


def write_dense(file: BinaryIO, rows: NDArray[Any], labels: NDArray[Any] | None = None) -> None:
    """Append (n, width) rows, float32, float64 or integers of 32 bits, each as its own tensor.

    Raises ValueError for other shapes and dtypes.
    """
    if rows.ndim != 2 or (labels is not None and labels.shape != (len(rows),)):
        raise ValueError("a table of rows is needed, and one label per row")
    numbers = [rows] if labels is None else [rows, labels]
    if all(messages.kind(array) != messages.INT32 for array in numbers):
        dense.write(file, rows, labels)
        return
    for at, row in enumerate(rows):
        file.write(frames.framed(messages.encode(_record(Tensor(row), labels, at))))


def write_sparse(file: BinaryIO, rows: csr_matrix, labels: NDArray[Any] | None = None) -> None:
    """Append each row as its non-zero values, their columns and the width."""
    width = rows.shape[1]
    for at, (start, end) in enumerate(zip(rows.indptr, rows.indptr[1:], strict=False)):
        tensor = Tensor(rows.data[start:end], rows.indices[start:end].astype(np.int64), width)
        file.write(frames.framed(messages.encode(_record(tensor, labels, at))))


def _record(features: Tensor, labels: NDArray[Any] | None, at: int) -> Record:
    label = {} if labels is None else {"values": Tensor(labels[at : at + 1])}
    return Record({"values": features}, label)


def _raw(source: Path | bytes) -> NDArray[np.uint8]:
    if isinstance(source, bytes):
        return np.frombuffer(source, np.uint8)
    if not source.stat().st_size:
        return np.zeros(0, np.uint8)
    with source.open("rb") as file:
        return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)


def _floats(values: NDArray[Any]) -> Floats:
    return values.astype(np.float32, copy=False)


def _values(row: Record, at: int) -> Tensor:
    try:
        tensor = row.features["values"]
    except KeyError:
        raise ValueError(f"record {at} has no features under the key 'values'") from None
    keyless = tensor.keys is None or not tensor.keys.size
    if keyless and tensor.values.size == tensor.shape:
        return Tensor(tensor.values)  # dense after all, with its shape spelt out
    return tensor


def _features(tensors: list[Tensor]) -> Features:
    width = _width(tensors[0])
    for at, tensor in enumerate(tensors):
        if _width(tensor) != width:
            raise ValueError(
                f"record {at} has {_width(tensor)} features, the first record has {width}"
            )
    if all(tensor.shape is None for tensor in tensors):
        return np.stack([_floats(tensor.values) for tensor in tensors])
    return sparse(tensors, width)


def sparse(tensors: list[Tensor], width: int) -> csr_matrix:
    """Rows of one width; dense ones may be among them. Raises ValueError for a bad key."""
    keys = [_keys(tensor) for tensor in tensors]
    for at, (tensor, places) in enumerate(zip(tensors, keys, strict=True)):
        inside = not places.size or (places.min() >= 0 and places.max() < width)
        if places.size != tensor.values.size or not inside:
            raise ValueError(f"the keys of record {at} do not fit its values and shape")
    ends = np.concatenate([[0], np.cumsum([places.size for places in keys])])
    values = np.concatenate([_floats(tensor.values) for tensor in tensors])
    return csr_matrix((values, np.concatenate(keys), ends), shape=(len(tensors), width))


def _keys(tensor: Tensor) -> NDArray[np.int64]:
    if tensor.shape is None:
        return np.arange(tensor.values.size)
    return np.zeros(0, np.int64) if tensor.keys is None else tensor.keys


def _width(tensor: Tensor) -> int:
    return tensor.values.size if tensor.shape is None else tensor.shape


def _labels(rows: list[Record]) -> Floats | None:
    found = [row.label.get("values") for row in rows]
    if all(label is None for label in found):
        return None
    labels = np.zeros(len(rows), np.float32)
    for at, label in enumerate(found):
        if label is None or label.values.size != 1:
            raise ValueError(f"record {at} has not one label, as others have")
        labels[at] = label.values[0]
    return labels
