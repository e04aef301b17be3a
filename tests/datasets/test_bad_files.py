"""Files that cannot be used: refused with the place and the way out, leaving nothing behind."""

import gzip
import io
import json
import random

import pytest

from datasets.errors import BadFile
from datasets.formats import detect
from datasets.formats.registry import blocks, check_unpacking
from datasets.formats.sniff import BadTable, Dialect
from datasets.models import Dataset
from tests.datasets.conftest import stored

pytestmark = pytest.mark.django_db


WIDE = ",".join(f"column{n}" for n in range(10_000)) + "\n" + ",".join(["1"] * 10_000) + "\n"
REFUSED = {
    "empty": (b"", "The file is empty."),
    "blank": (b"\n \n\n", "The file is empty."),
    "empty gzip": (gzip.compress(b""), "The file is empty."),
    "random bytes": (random.Random(1).randbytes(5_000), "binary file"),
    "pickle": (b"\x80\x04\x95" + bytes(50), "pickle, which can run code"),
    "image": (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG image"),
    "header only": (b"a,b,c\n", "a header, and no rows"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
    "UTF-16 without mark": ("age,city\n31,Bern\n".encode("utf-16-le"), "UTF-16"),
    "NUL": (b"a,b\n1,2\n3,\x00\n" + b"4,5\n" * 20, "Line 3 contains a NUL byte"),
    "nameless column": (b"a,,c\n1,2,x\n", "column 2 has no name"),
    "same name twice": (b"a,b,a\n1,2,x\n", "columns 1 and 3 are both named “a”"),
    "10,000 columns": (WIDE.encode(), "10,000 columns; at most 2,000"),
    "a million columns": (b"c," * 1_200_000 + b"c\n", "columns; at most 2,000"),
    "one endless line": (b"x" * 3 * 2**20, "Line 1 is longer than 1,048,576 characters"),
    "compressed twice": (gzip.compress(gzip.compress(b"a,b\n1,2\n")), "compressed twice"),
    "a quote that never closes": (
        b'a,b\n1,"x\n' + b"1,x\n" * 600_000,
        "Line 2 is longer than 1,048,576 characters",
    ),
    "cut gzip": (gzip.compress(b"a,b\n" + b"1,2\n" * 500)[:-12], "cut off"),
}
FAILED = {
    "too few fields": (b"a,b,c\n1,2,x\n4,y\n", "Line 3 has 2 fields; expected 3."),
    "too many fields": (b"a,b\n1,x\n2,y,z\n", "Line 3 has 3 fields; expected 2."),
    "ragged after a quoted line end": (
        b'a,b\n"one\ntwo",x\n3\n',
        "Line 4 has 1 field; expected 2.",
    ),
    "a quote that is open at the end": (
        b'a,b\n1,x\n2,"y\n3,z\n',
        "Line 3 opens a quote that never",
    ),
    "a last quote that is open": (b'a,b\n1,x\n2,"', "Line 3 opens a quote that never closes"),
    "ragged far down": (
        b"a,b\n" + b"1,x\n" * 400_000 + b"1,2,3\n",
        "Line 400002 has 3 fields; expected 2.",
    ),
    "NUL far down": (
        b"a,b\n" + b"1,x\n" * 600_000 + b"1,\0\n",
        "Line 600002 contains a NUL byte",
    ),
    "a long line far down": (
        b"a,b\n" + b"1,x\n" * 600_000 + b"1," + b"y" * 2**21 + b"\n",
        "Line 600002 is longer than",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses_at_the_upload_and_keeps_nothing(uploaded, lab, case):
    content, text = REFUSED[case]
    before = stored(lab)
    with pytest.raises(BadFile) as refused:
        uploaded(content)
    assert text in refused.value.message
    assert refused.value.field == "file"
    assert not Dataset.objects.exists()
    assert stored(lab) == before


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"a,b\n1,2\n3,\x00\n" + b"4,5\n" * 20, "It is byte 3 of the line"),
        (b"a,b,c\n1,2,x\n4,y\n", "Column 3 has none"),
        (b'a,b\n1,x\n2,"y\n3,z\n', "It is in column 2"),
    ],
)
def test_it_names_the_column_too(content, place):
    with pytest.raises(BadTable) as refused:
        for _ in blocks(io.BytesIO(content), detect.inspect(content, complete=True)):
            pass
    assert place in refused.value.hint


def test_it_counts_bytes_of_a_line_that_came_in_pieces():
    content = b"a,b\n" + b"1,x\n" * 600_000 + b"1," + b"y" * 700_000 + b"\0\n"
    with pytest.raises(BadTable, match="Line 600002 contains a NUL") as refused:
        for _ in blocks(io.BytesIO(content), Dialect(",", "utf-8")):
            pass
    assert "byte 700,003 of the line" in refused.value.hint


@pytest.mark.parametrize("case", FAILED)
def test_it_fails_with_the_line_when_the_trouble_is_further_down(ready, case):
    content, text = FAILED[case]
    dataset = ready(content)
    assert dataset.status == "Failed"
    assert text in dataset.failure_reason
    assert (dataset.rows, dataset.columns, dataset.preview) == (None, [], {})


@pytest.fixture(scope="module")
def bomb():
    """160 MB in 0.7 MB."""
    return gzip.compress(b"a,b\n" + b"1,2\n" * 40_000_000, compresslevel=1)


def test_it_fails_for_a_bomb(ready, bomb):
    dataset = ready(bomb)
    assert dataset.status == "Failed"
    assert "unpacks to more than" in dataset.failure_reason


def test_it_stops_unpacking_a_bomb_early(bomb):
    stream = io.BytesIO(bomb)
    with pytest.raises(BadTable, match="unpacks to more than"):
        check_unpacking(stream, Dialect(",", "utf-8", header=True, compression="gzip"))
    assert stream.tell() < len(bomb)


def test_it_accepts_text_with_formulas_and_keeps_them_as_text(ready):
    dataset = ready("name,n\n\"=cmd|' /C calc'!A0\",1\n@SUM(A1),2\n")
    assert dataset.status == "Ready"
    assert json.dumps(dataset.preview).count("=cmd") == 1
