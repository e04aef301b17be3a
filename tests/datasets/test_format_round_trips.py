"""What each format's own writer wrote is read back, cell by cell."""

import gzip
import io
import json
import struct
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from datasets.formats import registry
from datasets.formats.detect import inspect
from datasets.formats.sniff import BadTable
from datasets.models import Dataset
from tests.datasets import written

steady = settings(deadline=None)  # the first example imports pyarrow
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
finite = st.floats(allow_nan=False, allow_infinity=False)


def read(data, filename="table"):
    dialect = inspect(data, complete=True, filename=filename)
    with registry.opened(io.BytesIO(data), dialect) as table:
        rows = [row for block in table for row in block]
        assert 0 < table.packed_bytes <= len(data)
        return dialect.format, table.names, rows


def test_the_model_knows_every_format():
    assert set(Dataset.Format.values) == registry.FORMATS.keys()


@steady
@given(st.lists(st.tuples(finite, st.integers(-(2**63), 2**63 - 1), texts), min_size=1))
def test_parquet(rows):
    numbers, wholes, words = map(list, zip(*rows, strict=True))
    table = pa.table({"n": numbers, "w": pa.array(wholes, pa.int64()), "t": words})
    kind, names, found = read(written.parquet(table))
    assert (kind, names) == ("parquet", ["n", "w", "t"])
    assert [(float(n), int(w), t) for n, w, t in found] == rows


def test_parquet_of_every_type():
    columns = {
        "day": pa.array([0, None], pa.date32()),
        "time": pa.array([0, 1_500_000], pa.timestamp("us")),
        "money": pa.array(["1.20", "3.40"]).cast(pa.decimal128(10, 2)),
        "kind": pa.array(["a", "b"]).dictionary_encode(),
        "ok": pa.array([True, None]),
        "half": pa.array(np.array([0.1, 2], np.float32)),
        "bytes": pa.array([b"x", b"y"]),
        "none": pa.nulls(2),
    }
    _, names, rows = read(written.parquet(pa.table(columns)))
    assert names == list(columns)
    first = ["1970-01-01", "1970-01-01 00:00:00.000000", "1.20", "a", "true", "0.1", "x", ""]
    assert rows[0] == first
    assert rows[1][:5] == ["", "1970-01-01 00:00:01.500000", "3.40", "b", ""]


def test_parquet_comes_in_blocks_over_row_groups():
    file = io.BytesIO()
    pq.write_table(pa.table({"n": range(50_000)}), file, row_group_size=7_000)
    with registry.opened(
        io.BytesIO(file.getvalue()), inspect(b"PAR1\x15", complete=False)
    ) as table:
        sizes = [len(block) for block in table]
    assert sum(sizes) == 50_000
    assert max(sizes) <= 10_000


scalars = st.none() | st.booleans() | st.integers() | finite | texts


@steady
@given(st.lists(st.fixed_dictionaries({"a": scalars, "é": scalars}), min_size=1, max_size=20))
def test_json_lines(rows):
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    kind, names, found = read(data)
    assert (kind, names) == ("jsonl", list(rows[0]))
    for row, cells in zip(rows, found, strict=True):
        for name, cell in zip(names, cells, strict=True):
            value = row[name]
            spelled = (
                "" if value is None else value if isinstance(value, str) else json.dumps(value)
            )
            assert cell == spelled


def test_json_lines_take_the_union_of_the_first_keys():
    data = b'{"a": 1.50}\n\n{"b": "x", "a": 12345678901234567890123}\r\n'
    assert read(data)[1:] == (["a", "b"], [["1.50", ""], ["12345678901234567890123", "x"]])


sparse_rows = st.lists(
    st.tuples(st.sampled_from([-1, 1]), st.dictionaries(st.integers(0, 30), finite, max_size=6)),
    min_size=1,
    max_size=20,
).filter(lambda rows: any(values for _, values in rows))


@steady
@given(sparse_rows)
def test_libsvm(rows):
    lines = [
        " ".join([str(label), *(f"{i}:{v!r}" for i, v in sorted(values.items()))])
        for label, values in rows
    ]
    kind, names, found = read("\n".join(lines).encode())
    assert (kind, names[0]) == ("libsvm", "label")
    high = max(index for _, values in rows for index in values)
    first = int(names[1][1:])
    assert names[1:] == [f"f{n}" for n in range(first, high + 1)]
    for (label, values), row in zip(rows, found, strict=True):
        expected = [repr(values[n]) if n in values else "0" for n in range(first, high + 1)]
        assert row == [str(label), *expected]


def test_libsvm_may_begin_with_comments_and_empty_rows():
    data = b"# written by hand\n\n1\n0 # nothing\n1 2:1.50 # something\n"
    names = ["label", "f1", "f2"]
    assert read(data) == ("libsvm", names, [["1", "0", "0"], ["0", "0", "0"], ["1", "0", "1.50"]])


matrices = arrays.arrays(
    st.sampled_from([np.float32, np.float64, np.int16, np.uint8, np.int64, np.bool_]),
    st.tuples(st.integers(1, 8), st.integers(1, 5)),
)


def same(cells, matrix):
    if matrix.dtype == np.bool_:
        return cells == [["true" if cell else "false" for cell in row] for row in matrix]
    back = np.array([[float(c) for c in row] for row in cells]).astype(matrix.dtype)
    return np.array_equal(back, matrix, equal_nan=matrix.dtype.kind == "f")


@steady
@given(matrices.filter(lambda m: m.dtype != np.int64), st.booleans())
def test_npy(matrix, fortran):
    file = io.BytesIO()
    np.save(file, np.asfortranarray(matrix) if fortran else matrix)
    kind, names, rows = read(file.getvalue())
    assert (kind, names) == ("npz", [f"f{n}" for n in range(matrix.shape[1])])
    assert same(rows, matrix)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("names", [("X", "y"), ("data", "target")])
def test_npz(save, names):
    images, kinds = np.arange(24, dtype=np.uint8).reshape(2, 3, 4), np.array(["cat", "dög"])
    file = io.BytesIO()
    save(file, **dict(zip(names, (images, kinds), strict=True)))
    kind, columns, rows = read(file.getvalue())
    assert (kind, columns[:2], columns[-1]) == ("npz", ["label", "pixel_0_0"], "pixel_2_3")
    assert rows == [["cat", *map(str, range(12))], ["dög", *map(str, range(12, 24))]]


IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


@steady
@given(st.data(), st.sampled_from(sorted(IDX_TYPES)), st.integers(1, 3))
def test_idx(data, code, dimensions):
    shape = tuple(data.draw(st.integers(1, 4)) for _ in range(dimensions))
    array = data.draw(arrays.arrays(np.dtype(IDX_TYPES[code]), shape))
    kind, names, rows = read(written.idx(array, code))
    assert (kind, len(names)) == ("idx", max(1, int(np.prod(shape[1:]))))
    assert same(rows, array.reshape(shape[0], -1).astype(array.dtype.newbyteorder("=")))
    last = "_".join(str(size - 1) for size in shape[1:])
    assert names[-1] == ("label", f"f{last}", f"pixel_{last}")[dimensions - 1]


dense = arrays.arrays(
    st.sampled_from([np.float32, np.float64, np.int32]),
    st.tuples(st.integers(1, 8), st.integers(1, 5)),
)


@steady
@given(dense, st.booleans())
def test_recordio_dense(matrix, labelled):
    labels = np.arange(len(matrix), dtype=np.float32) if labelled else None
    kind, names, rows = read(written.recordio(matrix, labels))
    width = matrix.shape[1]
    assert (kind, names) == ("recordio", ["label"] * labelled + [f"f{n}" for n in range(width)])
    assert same([row[-width:] for row in rows], matrix)
    if labelled:
        assert [float(row[0]) for row in rows] == list(range(len(matrix)))


@steady
@given(dense)
def test_recordio_sparse(matrix):
    rows = read(written.recordio(matrix, None, sparse=True))[2]
    kept = np.where(matrix == 0, 0, matrix).astype(matrix.dtype)
    assert same(rows, kept)


def test_recordio_of_the_documented_bytes():
    head = "0a23d7ce300000000a1a0a0676616c7565731210120e0a0c0000c03f000000c000005040"
    label = "12120a0676616c756573120812060a040000803f"
    kind, names, rows = read(bytes.fromhex(head + label))
    assert (kind, names, rows) == (
        "recordio",
        ["label", "f0", "f1", "f2"],
        [["1.0", "1.5", "-2.0", "3.25"]],
    )


words = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8)
sentences = st.lists(words, max_size=5).map(" ".join)


@steady
@given(st.lists(st.tuples(words, sentences), min_size=1, max_size=20))
def test_labelled_text(rows):
    rows = [(label, "" if text.startswith("__label__") else text) for label, text in rows]
    data = "".join(f"__label__{label} {text}\n" for label, text in rows).encode()
    assert read(data) == ("labelled", ["label", "text"], [list(row) for row in rows])


CONTENTS = {
    "csv": b"a,b\n1,x\n2,y\n",
    "parquet": written.parquet(pa.table({"a": [1, 2]})),
    "jsonl": b'{"a": 1}\n{"a": 2}\n',
    "libsvm": b"1 1:2\n0 2:3\n",
    "npz": written.npy(np.eye(3)),
    "idx": written.idx(np.arange(8, dtype=np.uint8).reshape(2, 2, 2), 8),
    "recordio": written.recordio(np.eye(3, dtype=np.float32), np.ones(3, np.float32)),
    "labelled": b"__label__a x\n__label__b y\n",
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_gzip_and_zip_of_any_format(kind):
    plain = read(CONTENTS[kind])
    assert plain[0] == kind
    assert read(gzip.compress(CONTENTS[kind])) == plain
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        folder = {"folder/": b"", "folder/../../t": CONTENTS[kind], "__MACOSX/._t": b"x"}
        data = written.zipped(folder, method)
        assert read(data) == plain
        head = inspect(data[:-30], complete=False)
        assert (head.format, head.compression) == (kind, "zip")


@pytest.mark.filterwarnings("ignore:Reading `.npy` or `.npz` file required additional")
@pytest.mark.parametrize("kind", CONTENTS)
@steady
@given(st.data())
def test_damage_is_told_whatever_it_is(kind, data):
    content = bytearray(CONTENTS[kind])
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(1, len(content)))]
    try:
        read(bytes(content))
    except (BadTable, UnicodeDecodeError):
        return


def test_struct_is_what_idx_says():
    assert written.idx(np.zeros(1, np.uint8), 8)[:8] == struct.pack(">BBBBI", 0, 0, 8, 1, 1)
