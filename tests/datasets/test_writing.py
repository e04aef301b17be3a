"""What the writers write: read back by our own readers, put together from blocks, or refused."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.sparse import csr_matrix

from datasets.formats import registry
from datasets.formats.sniff import Dialect
from datasets.writing.registry import FORMATS
from datasets.writing.rows import LABEL, Unwritable

steady = settings(deadline=None)  # the first example imports SciPy
floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
tables = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=floats, fill=st.just(0)
)


def read(data, kind):
    with registry.opened(io.BytesIO(data), Dialect("", "utf-8", format=kind)) as table:
        return table.names, np.array([row for block in table for row in block]).astype(np.float32)


def same(found, labels, rows):
    expected = np.column_stack([labels, rows]).astype(np.float32)
    return np.array_equal(found, expected)


@pytest.mark.parametrize("name", ["recordio", "recordio-sparse"])
@steady
@given(tables)
def test_recordio_reads_back(name, rows):
    labels = np.arange(len(rows)) % 3
    names, found = read(FORMATS[name].encode(labels, rows), "recordio")
    assert names == ["label", *(f"f{n}" for n in range(rows.shape[1]))]
    assert same(found, labels, rows)
    names, found = read(FORMATS[name].encode(None, rows), "recordio")
    assert (names[0], np.array_equal(found, rows)) == ("f0", True)


@steady
@given(tables)
def test_libsvm_reads_back(rows):
    labels = np.arange(len(rows)) - 0.5
    names, found = read(FORMATS["libsvm"].encode(labels, rows), "libsvm")
    assert names == ["label", *(f"f{n}" for n in range(rows.shape[1]))]
    assert same(found, labels, rows)


@pytest.mark.parametrize("name", ["recordio", "recordio-sparse", "libsvm"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 1_999), (300, 1_999), (2_000, 1)])
def test_tables_of_any_shape(name, shape):
    rows = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    rows[rows < 0] = 0
    rows[:, -1] = 7
    labels = np.arange(shape[0]) % 2
    kind = name.partition("-")[0]
    names, found = read(FORMATS[name].encode(labels, rows), kind)
    assert len(names) == shape[1] + 1
    assert same(found, labels, rows)


@pytest.mark.parametrize("name", ["recordio", "recordio-sparse", "libsvm"])
def test_blocks_may_be_put_together(name):
    rows, labels = np.arange(80, dtype=np.float64).reshape(20, 4) / 7, np.arange(20)
    encode = FORMATS[name].encode
    parts = [encode(labels[i : i + 6], rows[i : i + 6]) for i in range(0, 20, 6)]
    assert b"".join(parts) == encode(labels, rows)
    assert encode(labels[:0], rows[:0]) == b""


@pytest.mark.parametrize("name", FORMATS)
def test_a_block_is_written_as_it_is_encoded(name):
    rows, labels = np.arange(999_000).reshape(999, 1_000) % 7, np.arange(999) % 3
    if FORMATS[name].rows == "texts":
        rows, labels = [["5"] * 1_000] * 999, ["1"] * 999
    elif FORMATS[name].rows == "sentences":
        rows, labels = ["some words"] * 999, ["good"] * 999
    written = bytearray()
    FORMATS[name].write(labels, rows, written.extend)
    assert written == FORMATS[name].encode(labels, rows)


def test_recordio_is_written_in_chunks_of_a_megabyte():
    sizes = []
    FORMATS["recordio"].write(None, np.ones((900, 1_000)), lambda data: sizes.append(len(data)))
    assert len(sizes) == 4
    assert max(sizes) <= 2**20


def test_a_chunk_tells_the_place_in_the_block():
    rows = np.ones((900, 1_000))
    rows[777, 5] = np.nan
    with pytest.raises(Unwritable, match="Row 778, column 6"):
        FORMATS["recordio"].write(None, rows, len)


@pytest.mark.parametrize("name", ["recordio-sparse", "libsvm"])
def test_sparse_rows_without_a_value(name):
    rows = csr_matrix(np.array([[0, 0, 0], [0, 2, 0], [0, 0, 0], [1, 0, 3]], np.float32))
    kind = name.partition("-")[0]
    _, found = read(FORMATS[name].encode(np.array([1, 0, 1, 0]), rows), kind)
    assert same(found, [1, 0, 1, 0], rows.toarray())
    _, found = read(FORMATS["recordio-sparse"].encode(None, rows[:1]), "recordio")
    assert found.tolist() == [[0, 0, 0]]


def test_sparse_rows_in_any_order_and_twice():
    """A matrix may hold its columns unsorted and more than once: they add up, and it stays so."""
    cells = (np.array([1.0, 2.0, 4.0]), np.array([2, 0, 2]), np.array([0, 3]))
    rows = csr_matrix(cells, shape=(1, 3))
    assert FORMATS["libsvm"].encode(np.array([1]), rows) == b"1 0:2 2:5\n"
    assert rows.nnz == 3


def test_libsvm_leaves_out_what_is_missing_and_writes_zeros():
    rows = np.array([[0, np.nan, 0.1], [np.nan, np.nan, np.nan], [1e-30, 16777216, -0.5]])
    written = FORMATS["libsvm"].encode(np.array([0, 1, 2]), rows)
    assert written == b"0 0:0 2:0.100000001\n1\n2 0:1e-30 1:16777216 2:-0.5\n"


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64, np.float16, np.float64, np.bool_])
def test_any_numbers_in_any_order_become_float32(dtype):
    rows = (np.arange(12) % 5).astype(dtype).reshape(3, 4)
    encode = FORMATS["recordio"].encode
    plain = encode(np.array([0.0, 1.0, 2.0], np.float32), rows.astype(np.float32))
    assert encode([0, 1, 2], rows) == plain
    assert encode(np.array([0, 1, 2], np.int64), np.asfortranarray(rows)) == plain


def refused(name, labels, rows):
    with pytest.raises(Unwritable) as caught:
        FORMATS[name].encode(labels, rows)
    return caught.value.row, caught.value.column, str(caught.value)


@pytest.mark.parametrize("name", ["recordio", "recordio-sparse", "libsvm"])
@pytest.mark.parametrize(
    ("value", "why"),
    [(np.nan, "not a number"), (-np.inf, "not a number"), (1e39, "too large for 32 bits")],
)
def test_what_is_no_number_is_refused_with_its_place(name, value, why):
    rows, labels = np.ones((5_000, 70)), np.zeros(5_000)
    rows[4_321, 67] = value
    if not (name == "libsvm" and np.isnan(value)):  # there it says that a value is missing
        row, column, text = refused(name, labels, rows)
        assert (row, column) == (4_321, 67)
        assert text.startswith("Row 4322, column 68: ")
        assert why in text
    rows[4_321, 67], labels[11] = 0, value
    assert refused(name, labels, rows)[:2] == (11, LABEL)


@pytest.mark.parametrize("name", ["recordio-sparse", "libsvm"])
def test_a_sparse_cell_is_refused_with_its_place(name):
    rows = csr_matrix(np.array([[0, 0, 0], [0, 2, np.inf], [1, 0, 0]]))
    assert refused(name, np.zeros(3), rows)[:2] == (1, 2)


def test_csv_keeps_the_spelling():
    rows = [("0.10", "", "1e5"), ("-0", "007", "x y é")]
    assert FORMATS["csv"].encode(["1", "b"], rows) == "1,0.10,,1e5\nb,-0,007,x y é\n".encode()
    assert FORMATS["csv-unlabelled"].encode(None, rows) == "0.10,,1e5\n-0,007,x y é\n".encode()
    assert FORMATS["csv"].encode([], []) == FORMATS["csv-unlabelled"].encode(None, []) == b""


@pytest.mark.parametrize("cell", ["1,5", '"', "a\nb", "a\rb", "a\r\nb"])
def test_csv_refuses_what_would_need_quotes(cell):
    rows = [("1", "2"), ("3", cell)]
    assert refused("csv", ["0", "1"], rows)[:2] == (1, 1)
    assert refused("csv-unlabelled", None, rows)[:2] == (1, 1)
    assert refused("csv", ["0", cell], [("1", "2"), ("3", "4")])[:2] == (1, LABEL)


def test_csv_refuses_rows_that_differ():
    with pytest.raises(ValueError, match="differ in length"):
        FORMATS["csv"].encode(["0", "1"], [("1", "2"), ("3",)])


def test_sentences():
    rows = ["good  film\n", "", "__label__bad film __label__ x", "tab\there\u2028there"]
    written = FORMATS["blazingtext"].encode(["pos", "neg", "3", "é"], rows).decode()
    assert written.split("\n") == [
        *("__label__pos good film", "__label__neg", "__label__3 bad film x"),
        *("__label__é tab here there", ""),
    ]
    plain = FORMATS["blazingtext"].encode(None, ["good  film", "x"])
    assert plain == b"good film\nx\n"


@pytest.mark.parametrize("label", ["very good", "", "a\n", "\u2003"])
def test_a_class_must_be_one_word(label):
    assert refused("blazingtext", ["fine", label], ["a", "b"])[:2] == (1, LABEL)


@pytest.mark.parametrize("name", ["recordio", "recordio-sparse", "libsvm"])
def test_labels_must_be_as_many_as_rows(name):
    with pytest.raises(ValueError, match="need as many labels"):
        FORMATS[name].encode(np.zeros(2), np.ones((3, 2)))
