"""Files of every format that cannot be used: refused with the place and the way out."""

import gzip
import io
import json
import struct
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.formats import registry
from datasets.formats.detect import inspect
from datasets.formats.sniff import BadTable, Dialect
from tests.datasets import written

PICKLE = b"\x80\x04\x95\x0b\0\0\0\0\0\0\0]\x94(K\x01K\x02e."
FLOATS = np.ones((2, 3), np.float32)
RECORDS = written.recordio(FLOATS, np.zeros(2))
PARQUET = written.parquet(pa.table({"a": [1, 2]}))
OBJECTS = np.array([["x", 1]], dtype=object)
IMAGES = written.idx(np.zeros((3, 2, 2), np.uint8), 8)


def workbook():
    return written.zipped({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"})


def lying(content, rows):
    """The IDX file `content` with a header that says `rows`."""
    return content[:4] + struct.pack(">I", rows) + content[8:]


def with_keys(*objects):
    return "".join(json.dumps(found) + "\n" for found in objects).encode()


def run_lengths():
    file = io.BytesIO()
    columns = {f"c{n}": pa.array(np.zeros(2_000_000, np.int8)) for n in range(20)}
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def one_long_text():
    places = pa.array(np.zeros(200_000, np.int32))
    return written.parquet(pa.table({"t": pa.DictionaryArray.from_arrays(places, ["x" * 999_999])}))


CASES = {
    "pickle": ("x", PICKLE, "pickle, which can run code"),
    "old pickle": (
        "x.pkl",
        b"(lp0\nI1\naI2\na.",
        "The name says that this is a Python",
    ),
    "joblib": ("model.joblib", b"x\x9cabc", "The name says that this is a Python pickle"),
    "pickle in gzip": ("x.gz", gzip.compress(PICKLE), "pickle, which can run code"),
    "pickle in zip": ("x.zip", written.zipped({"x": PICKLE}), "pickle, which can run"),
    "npy of objects": ("x.npy", written.npy(OBJECTS), "The array holds Python objects"),
    "npz of objects": ("x.npz", written.npz(X=OBJECTS), "The array holds Python objects"),
    "xlsx": ("x.xlsx", workbook(), "an Excel (or other office) workbook"),
    "xls": ("x.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "an old Excel"),
    "xlsx in zip": ("x.zip", written.zipped({"x.xlsx": workbook()}), "an Excel (or other office)"),
    "zip of two": (
        "x.zip",
        written.zipped({"a.csv": "a,b\n1,2\n", "b.csv": "a,b\n1,2\n"}),
        "holds 2 files: “a.csv”, “b.csv”",
    ),
    "zip of none": ("x.zip", written.zipped({"folder/": ""}), "holds no file"),
    "zip in zip": ("x.zip", written.zipped({"a.zip": written.zipped({"a": "x"})}), "twice"),
    "gzip in zip": ("x.zip", written.zipped({"a.gz": gzip.compress(b"a,b\n1,2\n")}), "twice"),
    "zip in gzip": ("x.gz", gzip.compress(written.zipped({"a": "a,b\n1,2\n"})), "twice"),
    "cut zip": ("x.zip", written.zipped({"a": "a,b\n1,2\n"})[:-20], "damaged or cut off"),
    "JSON array": ("x.json", b'[{"a": 1}]', "one JSON array"),
    "JSON over lines": ("x.json", b'{\n "a": 1\n}\n', "Line 1 is not a JSON object"),
    "JSON cut": ("x.jsonl", b'{"a": 1}\n{"a": \n', "Line 2 is not a JSON object"),
    "JSON list": ("x.jsonl", b'{"a": 1}\n[1]\n', "Line 2 is JSON, but not an object"),
    "JSON twice": ("x.jsonl", b'{"a": 1, "a": 2}\n', "Line 1 has the key “a” twice"),
    "JSON nested": (
        "x.jsonl",
        b'{"a": 1}\n{"a": {"b": 1}}\n',
        "Line 2: the value of “a” is an obj",
    ),
    "JSON list cell": ("x.jsonl", b'{"a": [1]}\n', "Line 1: the value of “a” is a list"),
    "JSON too deep": ("x.jsonl", b'{"a": ' + b"[" * 100_000 + b"\n", "nested too deeply"),
    "JSON NUL": ("x.jsonl", b'{"a": "\\u0000"}\n', "Line 1 contains a NUL character"),
    "JSON half": ("x.jsonl", b'{"a": "\\ud800"}\n', "half of a character"),
    "JSON new key": (
        "x.jsonl",
        with_keys(*[{"a": 1}] * 1_500, {"b": 1}),
        "Line 1501 has the key “b”, which the first lines do not have",
    ),
    "JSON wide": ("x.jsonl", with_keys({f"k{n}": n for n in range(3_000)}), "3,000 columns"),
    "JSON nameless": ("x.jsonl", b'{"": 1}\n', "column 1 has no name"),
    "JSON empty": ("x.jsonl", b"{}\n", "the object is empty"),
    "JSON endless": ("x.jsonl", b'{"a": "' + b"x" * 5_000_000 + b'"}\n', "Line 1 is longer than"),
    "libsvm label": ("x", b"1 1:2\nbad 1:3\n", "Line 2 begins with “bad”"),
    "libsvm pair": ("x", b"1 1:2\n1 1:x\n", "Line 2: “1:x” is not index:number"),
    "libsvm qid": ("x.svm", b"1 qid:3 1:2\n", "Line 1: “qid:3” is not index:number"),
    "libsvm index": ("x", b"1 1:2\n1 2000:1\n", "Line 2: index 2000; at most 1,999"),
    "libsvm huge": ("x", b"1 1:2\n1 99999999999:1\n", "Line 2: index 99999999999"),
    "libsvm twice": ("x", b"1 1:2\n1 1:2 1:3\n", "Line 2 has index 1 twice"),
    "libsvm empty": ("x.libsvm", b"1\n0\n", "No line has a value"),
    "text without label": ("x", b"__label__a b\nplain\n", "Line 2 does not begin with a label"),
    "text, two labels": (
        "x",
        b"__label__a b\n__label__a __label__b x\n",
        "Line 2 has more than one",
    ),
    "text NUL": ("x", b"__label__a b\n__label__b \0\n" * 99, "Line 2 contains a NUL"),
    "npy cut": ("x.npy", written.npy(FLOATS)[:-4], "damaged or cut off"),
    "npy complex": ("x.npy", written.npy(np.ones(2, complex)), "The array holds complex128"),
    "npy empty": ("x.npy", written.npy(np.ones((0, 2))), "holds no rows"),
    "npy wide": ("x.npy", written.npy(np.ones((1, 3_000))), "3,000 columns; at most 2,000"),
    "npz of three": ("x.npz", written.npz(a=FLOATS, b=FLOATS, c=FLOATS), "holds “a”, “b”, “c”"),
    "npz unnamed": ("x.npz", written.npz(a=FLOATS, b=FLOATS), "which are the features"),
    "npz uneven": ("x.npz", written.npz(X=FLOATS, y=[1]), "X has 2 rows and y has 1"),
    "npz label shape": ("x.npz", written.npz(X=FLOATS, y=FLOATS), "y has the shape (2, 3)"),
    "npz bomb": ("x.npz", written.zipped({"X.npy": bytes(40_000_000)}), "more than 100 times"),
    "idx cut": ("x", IMAGES[:-1], "ends in record 3"),
    "idx header cut": ("x", IMAGES[:7], "ends in its header"),
    "idx more rows": ("x", lying(IMAGES, 4_000_000_000), "ends in record 4"),
    "idx fewer rows": ("x", lying(IMAGES, 2), "Something follows record 2"),
    "idx colours": ("x", written.idx(np.zeros((1, 2, 2, 3), np.uint8), 8), "4 dimensions"),
    "idx empty": ("x", lying(IMAGES[:16], 0), "holds no rows"),
    "recordio cut": ("x", RECORDS[:-3], "The file ends in record 2"),
    "recordio other": ("x", RECORDS + b"trailing", "Record 3 does not begin as a record does"),
    "recordio ragged": (
        "x",
        RECORDS + written.recordio(np.ones((1, 2), np.float32), [1]),
        "Record 3",
    ),
    "recordio no label": ("x", RECORDS + written.record(FLOATS[0]), "Record 3 has other types"),
    "recordio noise": ("x", RECORDS + written.framed(b"\xff" * 20), "Record 3 is damaged"),
    "recordio empty": ("x", written.framed(b""), "Record 1 has no features"),
    "recordio huge": ("x", b"\x0a\x23\xd7\xce\xff\xff\xff\xff", "longer than 1,048,576 bytes"),
    "recordio wide": ("x", written.recordio(np.ones((1, 2_001), np.float32)), "2,001 columns"),
    "parquet cut": ("x", PARQUET[:-9], "damaged or cut off"),
    "parquet nested": ("x", written.parquet(pa.table({"a": [[1]]})), "Column “a” holds list"),
    "parquet wide": (
        "x",
        written.parquet(pa.table({f"c{n}": [1] for n in range(2_001)})),
        "The schema has 2,001 columns",
    ),
    "parquet nameless": ("x", written.parquet(pa.table({"": [1]})), "column 1 has no name"),
    "parquet bytes": ("x", written.parquet(pa.table({"a": [b"\xff"]})), "not UTF-8"),
    "parquet NUL": ("x", written.parquet(pa.table({"a": ["x", "\0"]})), "Row 2 contains a NUL"),
    "parquet bomb": ("x", run_lengths(), "more than 100 times its size"),
    "parquet of one long text": ("x", one_long_text(), "more than 100 times its size"),
    "feather": ("x", b"ARROW1\x00\x00" + bytes(50), "Arrow (Feather)"),
}


def read(content, filename=""):
    dialect = inspect(content, complete=True, filename=filename)
    with registry.opened(io.BytesIO(content), dialect) as table:
        for _ in table:
            pass


@pytest.mark.parametrize("case", CASES)
def test_it_refuses_with_the_place(case):
    filename, content, text = CASES[case]
    with pytest.raises(BadTable) as refused:
        read(content, filename)
    assert text in refused.value.message


@pytest.mark.parametrize("content", [b"ORCID,b\n1,x\n", b"PAR1,PAR2\n1,x\n", b"t\tu\n1\t12:30\n"])
def test_it_does_not_take_a_csv_for_something_else(content):
    assert inspect(content, complete=True).format == "csv"


@pytest.mark.parametrize("content", [written.npy(OBJECTS), written.npz(X=OBJECTS, y=OBJECTS)])
def test_it_refuses_arrays_of_objects_at_the_upload(content):
    with pytest.raises(BadTable, match="holds Python objects"):
        inspect(content, complete=False)


def test_it_fails_for_a_zip_bomb_before_reading_it():
    content = written.zipped({"a.csv": b"a,b\n" + b"1,2\n" * 10_000_000})
    dialect = inspect(content, complete=False)
    with pytest.raises(BadTable, match="unpacks to more than"):
        registry.check_unpacking(io.BytesIO(content), dialect)


def test_it_does_not_read_an_endless_list_of_files():
    content = written.zipped({f"{n}.csv".zfill(200): "" for n in range(5_000)})
    with pytest.raises(BadTable, match="too many files"):
        registry.check_unpacking(io.BytesIO(content), Dialect(",", "utf-8", compression="zip"))


def test_it_does_not_believe_the_short_form_of_a_long_list():
    small = written.zipped({"a.csv": "a,b\n1,2\n"})
    record = b"PK\x06\x06" + struct.pack("<Q2H2I4Q", 44, 45, 45, 0, 0, 1, 1, 2**33, 0)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, len(small) - 22, 1)
    content = small[:-22] + record + locator + small[-22:]
    with pytest.raises(BadTable, match="too many files"):
        registry.check_unpacking(io.BytesIO(content), Dialect(",", "utf-8", compression="zip"))


def test_it_refuses_an_encrypted_zip():
    content = bytearray(written.zipped({"a.csv": "a,b\n1,2\n"}))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + offset] |= 1
    for complete in (True, False):
        with pytest.raises(BadTable, match="encrypted"):
            inspect(bytes(content), complete=complete)


def test_it_never_writes_where_a_zip_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    content = written.zipped({"../../escaped.csv": "a,b\n1,x\n"}, zipfile.ZIP_STORED)
    with registry.opened(io.BytesIO(content), inspect(content, complete=True)) as table:
        assert list(table) == [[["1", "x"]]]
        assert len(list(tmp_path.iterdir())) == 1
    assert not list(tmp_path.iterdir())


def test_it_clears_up_after_a_refusal(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for content in (PARQUET[:-9], written.npz(a=FLOATS, b=FLOATS), b"1 1:2\n1 1:x\n"):
        with pytest.raises(BadTable):
            read(content)
    assert not list(tmp_path.iterdir())
