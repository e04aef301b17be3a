"""Blocks of Parquet, NPZ and IDX files: numbers without a detour by their text, and the same."""

import io
import struct

import numpy as np
import polars as pl
import pytest

from datasets.formats import registry
from datasets.formats.block import numbers_of
from datasets.formats.sniff import Dialect

MANY = 12_000


def parquet(**columns):
    file = io.BytesIO()
    pl.DataFrame(columns, strict=False).write_parquet(file)
    return file.getvalue(), "parquet"


def npz(features, label):
    file = io.BytesIO()
    np.savez(file, X=features, y=label)
    return file.getvalue(), "npz"


def idx(array, code):
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes(), "idx"


RANDOM = np.random.default_rng(0)
FILES = {
    "parquet": lambda: parquet(
        whole=RANDOM.integers(-(2**60), 2**60, MANY),
        half=pl.Series(RANDOM.normal(size=MANY)).set(pl.Series(np.arange(MANY) % 7 == 0), None),
        short=RANDOM.normal(size=MANY).astype(np.float32),
        odd=[1.0, float("nan"), None] * (MANY // 3),
        endless=[1.0, float("inf")] * (MANY // 2),
        yes=[True, False] * (MANY // 2),
        word=["a", " 5 "] * (MANY // 2),
    ),
    "npz": lambda: npz(RANDOM.normal(size=(MANY, 3)), RANDOM.integers(0, 9, MANY)),
    "npz of short floats": lambda: npz(RANDOM.random((MANY, 3), np.float32), np.arange(MANY) % 2),
    "npz with texts": lambda: npz(RANDOM.random((50, 3)), np.array(["cat", "dog"] * 25)),
    "npz with endless": lambda: npz(np.array([[1, np.inf], [np.nan, 2]]), np.arange(2)),
    "idx": lambda: idx(RANDOM.integers(0, 256, (300, 8, 8)).astype(np.uint8), 0x08),
    "idx of floats": lambda: idx(RANDOM.normal(size=(300, 4)), 0x0E),
    "idx of short floats": lambda: idx(RANDOM.random((300, 4), np.float32), 0x0D),
}


@pytest.mark.parametrize("case", FILES)
def test_it_gives_the_numbers_that_their_text_gives(case):
    data, kind = FILES[case]()
    dialect = Dialect("", "", format=kind)
    with registry.opened(io.BytesIO(data), dialect) as table:
        names, rows = table.names, [row for block in table for row in block]
    wanted = {name: [row[n].strip() for row in rows] for n, name in enumerate(names)}
    texts = list(registry.blocks(io.BytesIO(data), dialect))
    found = list(registry.blocks(io.BytesIO(data), dialect, numbers=set(names)))
    assert sum(map(len, texts)) == sum(map(len, found)) == len(rows)
    assert found[-1].packed_bytes == pytest.approx(len(data), rel=0.01)
    for name, cells in wanted.items():
        assert [cell for block in texts for cell in block.texts(name)] == cells
        start = 0
        for block in found:
            numbers = numbers_of(cells[start : start + len(block)])
            start += len(block)
            given = block.numbers(name)
            assert (given is None) == (numbers is None)
            assert given is None or np.array_equal(given, numbers, equal_nan=True)


@pytest.mark.parametrize("case", FILES)
def test_it_reads_some_columns_or_none(case):
    data, kind = FILES[case]()
    dialect = Dialect("", "", format=kind)
    whole = list(registry.blocks(io.BytesIO(data), dialect))
    last = whole[0].names[-1]
    some = list(registry.blocks(io.BytesIO(data), dialect, columns={last}))
    none = list(registry.blocks(io.BytesIO(data), dialect, columns=set()))
    assert [len(b) for b in some] == [len(b) for b in none] == [len(b) for b in whole]
    assert [b.texts(last) for b in some] == [b.texts(last) for b in whole]


def test_it_reads_whole_numbers_of_parquet_at_once():
    data, _ = parquet(n=list(range(100)), word=["x"] * 100)
    dialect = Dialect("", "", format="parquet")
    block = next(registry.blocks(io.BytesIO(data), dialect, numbers={"n"}))
    assert (block.is_parsed("n"), block.is_parsed("word")) == (True, False)
