"""Our channels in RecordIO, byte by byte beside what the SDK's writers write."""

import io

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random

from datasets.writing.registry import FORMATS

WIDTHS = [1, 2, 3, 4, 5, 28, 29, 30, 31, 32, 33, 126, 127, 128, 784, 2_000, 4_095, 4_096, 5_000]


def theirs(writer, rows, labels):
    from sagemaker.amazon import common

    file = io.BytesIO()
    getattr(common, writer)(file, rows, labels)
    return file.getvalue()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("labelled", [True, False])
def test_dense_records_of_any_width(width, labelled):
    rows = np.random.default_rng(width).normal(size=(7, width)).astype(np.float32)
    labels = np.arange(7, dtype=np.float32) if labelled else None
    expected = theirs("write_numpy_to_dense_tensor", rows, labels)
    assert FORMATS["recordio"].encode(labels, rows) == expected


@pytest.mark.parametrize("count", [1, 257, 4_000])
def test_dense_records_of_any_number(count):
    rows = np.random.default_rng(count).random((count, 100), dtype=np.float32)
    labels = np.arange(count, dtype=np.float32)
    expected = theirs("write_numpy_to_dense_tensor", rows, labels)
    assert FORMATS["recordio"].encode(labels, rows) == expected


@pytest.mark.parametrize("dtype", ["u1", "i2", "i8", ">i4", "f2", "f4", "f8", ">f8", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_any_kind_are_written_as_float32(dtype, order):
    """The SDK writes the kind that it is given; Amazon's algorithms read float32 only."""
    rows = (np.random.default_rng(0).random((20, 9)) * 100).astype(dtype)
    labels = (np.arange(20) % 3).astype(dtype)
    expected = theirs(
        "write_numpy_to_dense_tensor", rows.astype(np.float32), labels.astype(np.float32)
    )
    assert FORMATS["recordio"].encode(labels, np.asarray(rows, order=order)) == expected


@pytest.mark.parametrize("width", [*WIDTHS, 20_000, 3_000_000])
@pytest.mark.parametrize("labelled", [True, False])
def test_sparse_records(width, labelled):
    rows = random(9, width, density=0.2 if width < 10_000 else 50 / width, format="csr", rng=width)
    rows = csr_matrix(rows.multiply((np.arange(9) != 3)[:, None]), dtype=np.float32)
    rows.eliminate_zeros()
    assert not rows[3].nnz
    labels = np.arange(9, dtype=np.float32) if labelled else None
    expected = theirs("write_spmatrix_to_sparse_tensor", rows, labels)
    assert FORMATS["recordio-sparse"].encode(labels, rows) == expected


def test_an_array_becomes_sparse_records():
    rows = (np.arange(60).reshape(6, 10) % 4 == 0).astype(np.float32)
    rows[2] = 0
    expected = theirs("write_spmatrix_to_sparse_tensor", csr_matrix(rows), None)
    assert FORMATS["recordio-sparse"].encode(None, rows) == expected
