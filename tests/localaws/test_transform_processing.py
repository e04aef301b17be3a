"""Records, paths and joins of batch transform."""

import io
import json
import struct

import pytest

from localaws.engine.transform import batches, paths, processing
from localaws.engine.transform.batches import BadInput, packed, records

RECORD = {"id": 7, "features": [1, 2, 3], "deep": {"a": "b"}}


def framed(data):
    return struct.pack("<II", 0xCED7230A, len(data)) + data + b"\0" * (-len(data) % 4)


def test_it_splits_lines_and_skips_empty_ones():
    found = list(records(io.BytesIO(b"1,2\r\n\n3,4"), "Line"))
    assert found == [b"1,2", b"3,4"]
    assert batches.payload(found, "Line") == b"1,2\n3,4"


def test_it_keeps_the_frames_of_binary_records():
    one, two = framed(b"abcde"), framed(b"")
    assert list(records(io.BytesIO(one + two), "RecordIO")) == [one, two]
    tf = struct.pack("<QI", 3, 0) + b"xyz" + b"\0" * 4
    assert list(records(io.BytesIO(tf + tf), "TFRecord")) == [tf, tf]


@pytest.mark.parametrize(
    ("split", "data"),
    [
        ("RecordIO", b"not recordio"),
        ("RecordIO", framed(b"abcdefgh")[:-2]),
        ("TFRecord", b"short"),
        ("TFRecord", struct.pack("<QI", 1 << 60, 0)),
    ],
)
def test_it_says_when_binary_records_are_broken(split, data):
    with pytest.raises(BadInput):
        list(records(io.BytesIO(data), split))


def test_it_packs_records_up_to_the_limit():
    lines = [b"1234"] * 5
    assert [len(b) for b in packed(lines, single=False, limit=10)] == [2, 2, 1]
    assert [len(b) for b in packed(lines, single=True, limit=10)] == [1] * 5
    assert [len(b) for b in packed(lines, single=False, limit=float("inf"))] == [5]
    with pytest.raises(BadInput, match="larger than MaxPayloadInMB"):
        list(packed([b"12345678901"], single=False, limit=10))


@pytest.mark.parametrize(
    ("path", "selected"),
    [
        ("$", RECORD),
        ("$.features", [1, 2, 3]),
        ("$['id']", 7),
        ("$['id','deep']", {"id": 7, "deep": {"a": "b"}}),
        ("$.features[1:]", [2, 3]),
        ("$.features[-1]", 3),
        ("$.features[0,2]", [1, 3]),
        ("$.deep.*", ["b"]),
    ],
)
def test_it_follows_paths(path, selected):
    assert paths.compiled(path)(RECORD) == selected


@pytest.mark.parametrize("path", ["id", "$..id", "$.features[?(@>1)]", "$.", "$[1"])
def test_it_refuses_paths_it_does_not_understand(path):
    with pytest.raises(paths.BadPath):
        paths.compiled(path)


@pytest.mark.parametrize("path", ["$.none", "$.id.a", "$.features[9]", "$[0]"])
def test_it_says_when_a_record_has_nothing_there(path):
    with pytest.raises(paths.NothingThere, match="nothing at"):
        paths.compiled(path)(RECORD)


def process(kind, accept="", **given):
    job = {"TransformInput": {"ContentType": kind}, "TransformOutput": {"Accept": accept}}
    return processing.of(job | {"DataProcessing": given})


def test_it_filters_and_joins_columns():
    filters = process("text/csv", InputFilter="$[1:]", JoinSource="Input", OutputFilter="$[0,-1]")
    rows = [b'"a,b",1,2', b"c,3,4"]
    assert [filters.reduced(row) for row in rows] == [b"1,2", b"3,4"]
    assert filters.finished(rows, b"0.5\n0.7\n") == [b'"a,b",0.5', b"c,0.7"]


def test_it_joins_objects_under_a_key():
    filters = process("application/jsonlines", JoinSource="Input", InputFilter="$.features")
    line = json.dumps(RECORD).encode()
    assert json.loads(filters.reduced(line)) == [1, 2, 3]
    [joined] = filters.finished([line], b'{"score": 1}')
    assert json.loads(joined) == RECORD | {"SageMakerOutput": {"score": 1}}
    [array] = filters.finished([b"[1]"], b"2")
    assert json.loads(array) == {"SageMakerInput": [1], "SageMakerOutput": 2}


def test_it_filters_answers_without_a_join():
    filters = process("text/csv", "application/json", OutputFilter="$.predictions")
    assert filters.finished([b"1"], b'{\n "predictions": [1]\n}') == [b"[1]"]


def test_it_leaves_answers_alone_when_nothing_is_asked():
    assert process("image/png").finished([b"x"], b"raw\n") == [b"raw\n"]


def test_it_says_when_answers_do_not_match_records():
    filters = process("text/csv", JoinSource="Input")
    with pytest.raises(processing.Unprocessable, match="1 answers to 2 records"):
        filters.finished([b"1", b"2"], b"5")
    with pytest.raises(processing.Unprocessable, match="What should be application/json"):
        process("application/json", JoinSource="Input").finished([b"{"], b"1")


@pytest.mark.parametrize(
    ("kind", "accept", "given"),
    [
        ("image/png", "", {"JoinSource": "Input"}),
        ("", "", {"OutputFilter": "$.a"}),
        ("text/csv", "application/json", {"JoinSource": "Input"}),
    ],
)
def test_it_refuses_what_cannot_be_processed(kind, accept, given):
    with pytest.raises(processing.Unprocessable):
        process(kind, accept, **given)
