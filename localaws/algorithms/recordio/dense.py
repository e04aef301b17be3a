"""Dense rows of one width: every record has the same bytes around its numbers.

So a block of rows is a matrix of bytes whose constant columns are written, or checked, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from localaws.algorithms.recordio import frames, messages

Bytes = NDArray[np.uint8]

_BLOCK = 1 << 20
_NAME = b"values"


@dataclass(frozen=True)
class Layout:
    """One record: `template` with zeros for the numbers, `fields` saying where they are."""

    template: Bytes
    fields: np.dtype[Any]
    constant: NDArray[np.intp]

    def view(self, rows: Bytes) -> NDArray[Any]:
        """Rows of bytes as rows of `features` and, in a labelled layout, `label`."""
        view: NDArray[Any] = rows.view(self.fields)[:, 0]
        return view

    def fits(self, rows: Bytes) -> bool:
        want, step = self.template[self.constant], max(1, _BLOCK // len(self.template))
        return all(
            bool((rows[start : start + step, self.constant] == want).all())
            for start in range(0, len(rows), step)
        )


def layout(width: int, dtype: np.dtype[Any], label: np.dtype[Any] | None) -> Layout:
    """For float32 and float64. Raises ValueError for a width of 0."""
    if width < 1:
        raise ValueError("a dense record needs a feature")
    size = width * dtype.itemsize
    start = 8 + len(_around(messages.FEATURES, dtype, size))
    body = _around(messages.FEATURES, dtype, size) + bytes(size)
    names, offsets, spans = ["features"], [start], [(start, size)]
    formats: list[Any] = [(dtype.newbyteorder("<"), (width,))]
    if label is not None:
        body += _around(messages.LABEL, label, label.itemsize)
        names, formats = [*names, "label"], [*formats, label.newbyteorder("<")]
        offsets, spans = [*offsets, 8 + len(body)], [*spans, (8 + len(body), label.itemsize)]
        body += bytes(label.itemsize)
    template = np.frombuffer(frames.framed(body), np.uint8)
    fixed = np.ones(len(template), bool)
    for at, length in spans:
        fixed[at : at + length] = False
    fields = np.dtype(
        {"names": names, "formats": formats, "offsets": offsets, "itemsize": len(template)}
    )
    return Layout(template, fields, np.flatnonzero(fixed))


def _around(number: int, dtype: np.dtype[Any], size: int) -> bytes:
    """The bytes before `size` bytes of packed numbers: four nested lengths."""
    before = b""
    for field in (1, messages.FLOAT32 if dtype.itemsize == 4 else messages.FLOAT64, 2):
        before = messages.lead(field, len(before) + size) + before
    before = messages.block(1, _NAME) + before
    return messages.lead(number, len(before) + size) + before


def write(file: BinaryIO, rows: NDArray[Any], labels: NDArray[Any] | None = None) -> None:
    """Append float32 or float64 rows; memory stays at one block of 1 MB. Raises ValueError."""
    plan = layout(rows.shape[1], rows.dtype, None if labels is None else labels.dtype)
    step = max(1, min(len(rows), _BLOCK // len(plan.template)))
    buffer = np.tile(plan.template, (step, 1))
    cells = plan.view(buffer)
    for start in range(0, len(rows), step):
        count = min(step, len(rows) - start)
        cells["features"][:count] = rows[start : start + count]
        if labels is not None:
            cells["label"][:count] = labels[start : start + count]
        file.write(buffer[:count].data)


def read(raw: Bytes) -> tuple[NDArray[Any], NDArray[Any] | None] | None:
    """Views of the features and labels in `raw`; None when the records are not all alike.

    Raises ValueError when the first record is none.
    """
    first = messages.decode(next(frames.payloads(raw.data)))
    plan = _plan(first)
    if plan is None or raw.size % len(plan.template):
        return None
    rows = raw.reshape(-1, len(plan.template))
    if not plan.fits(rows):
        return None
    cells = plan.view(rows)
    return cells["features"], cells["label"] if first.label else None


def _plan(first: messages.Record) -> Layout | None:
    features, label = first.features.get("values"), first.label.get("values")
    if features is None or not _dense(features):
        return None
    if first.label and (label is None or not _dense(label) or label.values.size != 1):
        return None
    return layout(
        features.values.size, features.values.dtype, None if label is None else label.values.dtype
    )


def _dense(tensor: messages.Tensor) -> bool:
    return tensor.shape is None and tensor.values.dtype.kind == "f" and tensor.values.size > 0
