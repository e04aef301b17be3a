"""CSV and libsvm text to matrices."""

import numpy as np
import pytest

from localaws.algorithms.xgboost.formats import csv_matrix, libsvm_matrix


def test_it_sniffs_the_delimiter_and_reads_empty_cells_as_missing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"1;2.5;3\n4;;6\n")
    table = csv_matrix(path)
    assert table.dtype == np.float32
    assert np.array_equal(table, [[1, 2.5, 3], [4, np.nan, 6]], equal_nan=True)


@pytest.mark.parametrize("text", [b"", b"a,b\n1,2", b"1,2\n1,2,3,4\n", b"\xff\xfe1,2"])
def test_it_refuses_what_is_no_table_of_numbers(text):
    with pytest.raises(ValueError):  # noqa: PT011  the reader words it in many ways
        csv_matrix(text)


def test_it_reads_labels_weights_and_sparse_features():
    rows = libsvm_matrix(["1:0.5 0:2 3:4", "", "0 1:7 # a remark"], labelled=True)
    assert rows.features.toarray().tolist() == [[2, 0, 0, 4], [0, 7, 0, 0]]
    assert (rows.labels.tolist(), rows.weights.tolist()) == ([1, 0], [0.5, 1])


def test_it_needs_no_label_to_predict():
    rows = libsvm_matrix(["0:2 3:4", "1 1:7"], labelled=False)
    assert rows.features.toarray().tolist() == [[2, 0, 0, 4], [0, 7, 0, 0]]


def test_it_refuses_what_is_no_libsvm():
    with pytest.raises(ValueError, match="could not convert"):
        libsvm_matrix(["1,2,3"], labelled=True)
