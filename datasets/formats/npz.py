"""NPY and NPZ files without pickles: arrays X and y, or one array."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from itertools import chain
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING, Any

from datasets.formats import figures
from datasets.formats.archive import LOCAL, check_directory, peeked
from datasets.formats.block import Block, FrameBlock
from datasets.formats.sniff import BadTable, Dialect, check_names
from datasets.formats.stream import (
    BLOCK_BYTES,
    UNPACK_BYTES,
    Plain,
    Row,
    block_rows,
    buffered,
    check_ratio,
    check_text,
    damage_told,
    spooled,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

MAGIC = b"\x93NUMPY"
FEATURES = {"x", "data", "features", "images"}
LABELS = {"y", "label", "labels", "target", "targets"}
# What numpy raises for a header that Python's own tokenizer and parser stumble over.
DAMAGED = (ValueError, OSError, EOFError, OverflowError, TypeError, SyntaxError, TokenError)
OBJECTS = re.compile(rb"\x93NUMPY[\x00-\xff]{4,6}\{'descr': '\|?O'")
PICKLED = (
    "The array holds Python objects: a pickle, which can run code when it is read.",
    "Convert it first, for example array.astype(float) or array.astype(str), and save it again.",
)


def check_head(head: bytes) -> None:
    """BadTable for an NPY or NPZ file that begins with `head` and says it holds Python objects."""
    if head.startswith(LOCAL):
        _, head, _ = peeked(head)
    if OBJECTS.match(head):
        raise BadTable(*PICKLED)


def pixel_names(height: int, width: int) -> list[str]:
    return [f"pixel_{row}_{column}" for row in range(height) for column in range(width)]


def column_names(shape: tuple[int, ...]) -> list[str]:
    """The columns of an array whose rows have `shape`: f0, f1, …, or pixel_row_column."""
    return pixel_names(*shape) if len(shape) == 2 else [f"f{n}" for n in range(prod(shape))]


class Reader:
    """The arrays of `plain` as a `stream.Table`: the label first, when there is one."""

    def __init__(self, plain: Plain, dialect: Dialect, kept: ExitStack) -> None:
        path = spooled(buffered(plain), kept)
        self._size = plain.packed_bytes
        self._done = 0
        if _head(path).startswith(LOCAL):
            features, label = _chosen(_members(path))
        else:
            features, label = _mapped(path, "The array"), None
        if label is not None and len(label) != len(features):
            raise BadTable(f"X has {len(features):,} rows and y has {len(label):,}.")
        shape = features.shape[1:]
        if prod(shape) > 100_000:
            raise BadTable(f"The array has {prod(shape):,} values a row.", "Leave columns out.")
        is_label_alone = features.ndim == 1 and features.dtype.kind not in "f"
        self.names = ["label"] if is_label_alone else column_names(shape or (1,))
        if label is not None:
            self.names = ["label", *self.names]
        check_names(self.names, "The array")
        self._parts = [features] if label is None else [label, features]
        self._rows = len(features)

    @property
    def packed_bytes(self) -> int:
        return self._size * self._done // max(1, self._rows)

    def __iter__(self) -> Iterator[list[Row]]:
        for chosen in self._slices():
            flat = [figures.texts(part) for part in chosen]
            block = [list(chain(*cells)) for cells in zip(*flat, strict=True)]
            if any(part.dtype.kind in "US" for part in chosen):
                for number, row in enumerate(block, start=self._done - len(block) + 1):
                    check_text(row, f"Row {number}")
            yield block

    def blocks(
        self, numbers: Collection[str], columns: Collection[str] | None = None
    ) -> Iterator[Block]:
        """The rows of iterating, as blocks; see `registry.blocks`."""
        import polars as pl

        if any(part.dtype.kind in "US" for part in self._parts):
            yield from (Block(self.names, rows) for rows in self)
            return
        for chosen in self._slices():
            found: list[pl.Series] = []
            for part in chosen:
                names = self.names[len(found) : len(found) + part.shape[1]]
                found += figures.series(part, names, numbers, columns)
            yield FrameBlock(self.names, pl.DataFrame(found), stripped=True)

    def _slices(self) -> Iterator[list[Array]]:
        """Some rows of each array, as tables."""
        row_bytes = sum(part[:1].nbytes for part in self._parts)
        step = max(1, min(block_rows(len(self.names)), BLOCK_BYTES // row_bytes))
        for start in range(0, self._rows, step):
            chosen = [part[start : start + step] for part in self._parts]
            self._done = start + len(chosen[0])
            yield [part.reshape(len(part), -1) for part in chosen]


def _members(path: Path) -> dict[str, Array]:
    """The arrays of an NPZ file by name, each out of a file of its own."""
    check_directory(path)
    with damage_told(), zipfile.ZipFile(path) as file:
        listed = file.infolist()
        check_ratio(sum(member.file_size for member in listed), path.stat().st_size)
        names = [member.filename.removesuffix(".npy") for member in listed]
        if len(listed) > 2 or not all(member.filename.endswith(".npy") for member in listed):
            raise _unclear(names)
        found: dict[str, Array] = {}
        for number, (member, name) in enumerate(zip(listed, names, strict=True)):
            if member.flag_bits & 1:
                raise BadTable("The NPZ file is encrypted.")
            unpacked = path.with_name(f"array-{number}")
            with file.open(member) as source, unpacked.open("wb") as target:
                shutil.copyfileobj(source, target, UNPACK_BYTES)
            found[name] = _mapped(unpacked, f"The array “{name[:80]}”")
        return found


def _chosen(found: dict[str, Array]) -> tuple[Array, Array | None]:
    """Features and labels."""
    if len(found) == 1:
        return next(iter(found.values())), None
    by_role = {
        role: array
        for name, array in found.items()
        for role, names in (("x", FEATURES), ("y", LABELS))
        if name.lower() in names
    }
    if by_role.keys() != {"x", "y"}:
        raise _unclear(list(found))
    label = by_role["y"]
    if label.ndim != 1 and label.shape[1:] != (1,):
        raise BadTable(f"y has the shape {label.shape}.", "Give it one value a row.")
    return by_role["x"], label


def _unclear(names: list[str]) -> BadTable:
    listed = ", ".join(f"“{name[:80]}”" for name in names[:6]) + (", …" if len(names) > 6 else "")
    return BadTable(
        f"The NPZ file holds {listed or 'nothing'}; which are the features and the labels?",
        "Save it with numpy.savez(file, X=features, y=labels), or with one array.",
    )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(128)


def _mapped(path: Path, what: str) -> Array:
    import numpy as np

    head = _head(path)
    if not head.startswith(MAGIC):
        raise BadTable(f"{what} is not in the NPY format.")
    check_head(head)
    try:
        array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except DAMAGED as error:
        if "object" in str(error).lower():
            raise BadTable(*PICKLED) from error
        raise BadTable(f"{what} is damaged or cut off.", "Save it again.") from error
    if array.dtype.kind not in figures.KINDS or array.dtype.itemsize > 2**20:
        raise BadTable(f"{what} holds {array.dtype}.", "Save numbers, booleans or texts.")
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        raise BadTable(f"{what} holds {array.dtype}.", "Save it as float64.")
    if not array.ndim or not array.size:
        raise BadTable(f"{what} holds no rows.")
    return array
