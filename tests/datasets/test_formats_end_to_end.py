"""One file of every format, from the upload to the channels, through a real S3."""

import gzip
import json

import numpy as np
import pyarrow as pa
import pytest

from datasets import prepare
from tests.datasets import written
from tests.datasets.conftest import IRIS

pytestmark = pytest.mark.django_db
ROWS = [line.split(",") for line in IRIS.splitlines()[1:]]
KINDS = [row[2] for row in ROWS]
CODES = np.array([sorted(set(KINDS)).index(kind) for kind in KINDS], np.float32)
NUMBERS = np.array([[float(cell) for cell in row[:2]] for row in ROWS], np.float32)
PIXELS = (NUMBERS * 10).astype(np.uint8).reshape(-1, 2, 1)
TABLE = pa.table({"length": NUMBERS[:, 0], "width": NUMBERS[:, 1], "kind": KINDS})
LABELS = ["setosa", "versicolor", "virginica"]
PAIR = ["f0", "f1"]


def json_lines():
    names = ("length", "width", "kind")
    rows = zip(NUMBERS[:, 0].round(1).tolist(), NUMBERS[:, 1].tolist(), KINDS, strict=True)
    return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows).encode()


def libsvm():
    rows = zip(CODES, NUMBERS, strict=True)
    return "".join(f"{code:g} 1:{a:.7g} 2:{b:.7g}\n" for code, (a, b) in rows).encode()


def labelled():
    return "".join(f"__label__{kind} word{n % 4}\n" for n, kind in enumerate(KINDS)).encode()


CASES = {
    "parquet": (written.parquet(TABLE), "kind", ["length", "width"], LABELS),
    "jsonl": (json_lines(), "kind", ["length", "width"], LABELS),
    "libsvm": (libsvm(), "label", ["f1", "f2"], ["0", "1", "2"]),
    "npz": (written.npz(X=NUMBERS, y=np.array(KINDS)), "label", PAIR, LABELS),
    "idx": (written.idx(PIXELS, 8), "pixel_1_0", ["pixel_0_0"], list(map(str, range(0, 70, 10)))),
    "recordio": (written.recordio(NUMBERS, CODES), "label", PAIR, ["0", "1", "2"]),
    "labelled": (labelled(), "label", [f"text=word{n}" for n in range(4)], LABELS),
}


@pytest.mark.parametrize("pack", ["", "gzip", "zip"])
@pytest.mark.parametrize("kind", CASES)
def test_it_prepares_what_was_uploaded(ready, prepared, kind, pack):
    content, target, features, labels = CASES[kind]
    packed = {"gzip": gzip.compress, "zip": lambda data: written.zipped({"t": data})}
    dataset = ready(packed[pack](content) if pack else content, filename="table")
    assert dataset.status == "Ready", dataset.failure_reason
    assert (dataset.format, dataset.compression, dataset.rows) == (kind, pack, 60)
    preparation = prepared(dataset, target=target)
    assert preparation.status == "Ready", preparation.failure_reason
    assert preparation.features == features
    assert preparation.labels == labels
    lines = [line for name in preparation.channels for line in rows(preparation, name)]
    assert len(lines) == 60
    if kind in ("parquet", "jsonl", "libsvm", "npz", "recordio"):
        found = sorted(tuple(map(np.float32, line)) for line in lines)
        assert found == sorted((code, *row) for code, row in zip(CODES, NUMBERS, strict=True))


def test_it_fails_for_columns_without_rows(ready):
    dataset = ready(written.parquet(TABLE.slice(0, 0)))
    assert dataset.status == "Failed"
    assert dataset.failure_reason == "The file names its columns and has no rows."


def rows(preparation, name):
    return [line.decode().split(",") for line in prepare.split_lines(preparation, name)]
