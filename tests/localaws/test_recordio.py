"""RecordIO-protobuf: the bytes of the reference, round trips, and what is broken."""

import io
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix

from localaws.algorithms.recordio import frames, messages, tables
from localaws.algorithms.recordio.messages import Record, Tensor

MAGIC = bytes.fromhex("0a23d7ce")
# The features 1.5, -2 and 3.25.
PLAIN = bytes.fromhex(
    "0a23d7ce 1c000000 0a1a 0a0676616c756573 1210 120e 0a0c 0000c03f 000000c0 00005040"
)
# The label 1.
LABEL = bytes.fromhex("1212 0a0676616c756573 1208 1206 0a04 0000803f")
ROW = np.array([[1.5, -2, 3.25]], np.float32)


def dense(rows, labels=None) -> bytes:
    file = io.BytesIO()
    tables.write_dense(file, rows, labels)
    return file.getvalue()


def sparse(rows, labels=None) -> bytes:
    file = io.BytesIO()
    tables.write_sparse(file, csr_matrix(rows), labels)
    return file.getvalue()


def labelled() -> bytes:
    return MAGIC + bytes.fromhex("30000000") + PLAIN[8:] + LABEL


def test_it_writes_the_bytes_of_the_sdk():
    assert dense(ROW) == PLAIN
    assert dense(ROW, np.ones(1, np.float32)) == labelled()


def test_it_reads_the_bytes_of_the_sdk():
    table = tables.read(labelled() * 3)
    assert table.features.tolist() == ROW.tolist() * 3
    assert table.labels is not None
    assert table.labels.tolist() == [1, 1, 1]
    assert tables.read(PLAIN).labels is None


def test_it_writes_a_sparse_row_as_values_keys_and_width():
    tensor = bytes.fromhex("0a08 0000a040 0000e040 1202 0204 1a01 05")
    assert tensor in sparse(np.array([[0, 0, 5, 0, 7]], np.float32))
    empty = sparse(np.zeros((1, 5), np.float32))
    assert empty.endswith(bytes.fromhex("1205 1203 1a01 05") + bytes(3))


def test_it_reads_negative_integers_from_ten_bytes():
    written = dense(np.array([[-1, 300]]), np.array([7]))
    assert bytes.fromhex("ff" * 9 + "01" + "ac02") in written
    table = tables.read(written)
    assert (table.features.tolist(), table.labels.tolist()) == ([[-1, 300]], [7])


def test_it_joins_the_parts_of_a_record_around_the_magic_number():
    row = np.frombuffer(MAGIC, "<f4").reshape(1, 1)
    whole = dense(row)
    payload = whole[8 : 8 + struct.unpack("<I", whole[4:8])[0]]
    first, last = payload.split(MAGIC)
    parts = [
        MAGIC + struct.pack("<I", flag << 29 | len(part)) + part + bytes(-len(part) % 4)
        for flag, part in ((1, first), (3, last))
    ]
    assert tables.read(b"".join(parts)).features.tobytes() == MAGIC
    assert tables.read(whole).features.tobytes() == MAGIC


def test_it_reads_a_file_in_place(tmp_path):
    rows = np.random.default_rng(0).random((5000, 70), np.float32)
    path = tmp_path / "part"
    path.write_bytes(dense(rows, np.arange(5000, dtype=np.float32)))
    table = tables.read(path)
    assert not table.features.flags.owndata
    assert np.array_equal(table.features, rows)
    assert np.array_equal(table.labels, np.arange(5000))


FLOATS = st.floats(width=32, allow_nan=False)
SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 200))


@given(st.data(), SHAPES, st.sampled_from(["f4", "f8", "i4", "i8", "u1"]), st.booleans())
def test_it_reads_back_every_dense_dtype(data, shape, dtype, with_labels):
    small = FLOATS if dtype.startswith("f") else st.integers(0, 200)
    rows = data.draw(arrays(dtype, shape, elements=small))
    labels = data.draw(arrays("f4", shape[0], elements=FLOATS)) if with_labels else None
    table = tables.read(dense(rows, labels))
    assert np.array_equal(table.features, rows.astype(np.float32))
    assert np.array_equal(table.labels, labels) if with_labels else table.labels is None


@given(arrays("f4", SHAPES, elements=st.one_of(st.just(0), FLOATS)))
def test_it_reads_back_sparse_rows(rows):
    table = tables.read(sparse(rows, np.arange(len(rows), dtype=np.float32)))
    assert np.array_equal(table.features.toarray(), rows)
    assert table.labels.tolist() == list(range(len(rows)))


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_it_reads_back_packed_numbers(numbers):
    packed = b"".join(map(messages.varint, numbers))
    assert messages.unpacked(memoryview(packed)).tolist() == numbers


@given(st.binary(max_size=200))
def test_it_raises_nothing_but_value_errors_on_noise(noise):
    for data in (noise, frames.framed(noise), PLAIN + noise):
        with suppress(ValueError):
            tables.read(data)


def test_it_parses_rows_that_are_not_alike():
    swapped = frames.framed(LABEL + PLAIN[8:])
    bare = frames.framed(PLAIN[8:] + LABEL + messages.block(3, b"a uid"))
    table = tables.read(labelled() + swapped + bare)
    assert table.features.tolist() == ROW.tolist() * 3
    assert table.labels.tolist() == [1, 1, 1]


def test_it_mixes_dense_and_sparse_rows():
    table = tables.read(PLAIN + sparse(np.array([[0, 9, 0]], np.float32)))
    assert table.features.toarray().tolist() == [[1.5, -2, 3.25], [0, 9, 0]]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no record"),
        (PLAIN[:5], "ends within the head"),
        (PLAIN[:-4], "ends within the record at byte 0"),
        (b"1.5,-2,3.25\n", "no RecordIO record at byte 0"),
        (PLAIN + labelled(), "record 0 has not one label"),
        (PLAIN + dense(ROW[:, :2]), "record 1 has 2 features, the first record has 3"),
        (frames.framed(LABEL), "record 0 has no features"),
        (MAGIC + struct.pack("<I", 3 << 29), "out of order"),
        (MAGIC + struct.pack("<I", 1 << 29), "within a record of several parts"),
    ],
)
def test_it_says_what_is_broken(data, said):
    with pytest.raises(ValueError, match=said):
        tables.read(data)


def test_it_refuses_keys_beyond_the_width():
    tensor = Tensor(np.ones(1, np.float32), np.array([5]), 5)
    with pytest.raises(ValueError, match="keys of record 0"):
        tables.read(frames.framed(messages.encode(Record({"values": tensor}))))


def test_it_refuses_what_no_tensor_holds():
    with pytest.raises(ValueError, match="Unsupported dtype float16"):
        dense(ROW.astype(np.float16))
    with pytest.raises(ValueError, match="beyond 32 bits"):
        dense(np.array([[2**31]]))
    with pytest.raises(ValueError, match="one label per row"):
        dense(ROW, np.ones(3, np.float32))
