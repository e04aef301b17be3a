"""Changing how a text file is read: seen first, then every row is looked at anew."""

import gzip

import pytest

from core import access
from core.errors import Conflict, InvalidFields, NotAllowed, StillInUse
from core.models import AuditEvent
from datasets import dialects, profile
from datasets.errors import StorageUnavailable
from tests.datasets import written
from tests.datasets.conftest import soon

pytestmark = pytest.mark.django_db


@pytest.fixture
def reread(actor):
    """`reread(dataset, delimiter=…)`: the dataset after the change and its new profile."""

    def change(dataset, **wish):
        dialects.change(actor, dataset, wish, now=soon())
        assert dataset.status == "Profiling"
        profile.profile(dataset, now=soon())
        dataset.refresh_from_db()
        return dataset

    return change


def test_it_reads_with_another_delimiter(ready, reread):
    dataset = ready("a,b;c\n1,2;3\n4,5;6\n")
    assert dataset.preview["columns"] == ["a", "b;c"]
    assert reread(dataset, delimiter=";").preview["columns"] == ["a,b", "c"]
    assert dataset.rows == 2
    event = AuditEvent.objects.get(action="dataset.reread")
    assert event.detail == {"delimiter": ";"}


def test_it_reads_a_failed_file_again(ready, reread):
    dataset = ready('a,b\n"1,x\n2,y"\n3,z\n')  # marks of inches, not quotes
    assert dataset.status == "Failed"
    again = reread(dataset, quote="")
    assert (again.status, again.failure_reason) == ("Ready", "")
    assert again.preview["rows"] == [['"1', "x"], ["2", 'y"'], ["3", "z"]]


@pytest.mark.parametrize(
    ("content", "quote"),
    [
        ("a,b\n1,'x,y'\n2,'z'\n", "'"),
        ("'a';'b'\n'1';'x'\n", "'"),
        ("a,b\n1,\"it's\"\n2,'z'\n", '"'),
        ("a,b\n1,it's\n2,'tis\n", '"'),
    ],
)
def test_it_finds_the_quote(ready, content, quote):
    assert ready(content).quote == quote


def test_it_reads_single_quotes(ready, reread):
    dataset = reread(ready("a,b\n1,'x'\n'2','y'\n"), quote="'")
    assert dataset.preview["rows"] == [["1", "x"], ["2", "y"]]


def test_it_reads_in_another_encoding(ready, reread):
    dataset = ready("name,n\nИван,1\nОльга,2\n".encode("cp1251"), filename="x.csv")
    assert dataset.encoding != "cp1251"
    assert reread(dataset, encoding="cp1251").preview["rows"][0] == ["Иван", "1"]


@pytest.mark.parametrize("has_header", [True, False])
def test_it_takes_or_leaves_the_first_line(ready, reread, has_header):
    dataset = ready("a,b\nc,d\ne,f\n")
    again = reread(dataset, has_header=has_header)
    assert again.rows == (2 if has_header else 3)
    assert again.preview["columns"] == (["a", "b"] if has_header else ["column_1", "column_2"])


def test_it_says_when_a_chosen_encoding_is_wrong_further_down(ready, reread):
    rows = b"name,n\n" + b"a,1\n" * 300_000
    again = reread(ready(rows + b"\xff\xff,2\n"), encoding="shift_jis")
    assert again.status == "Failed"
    assert "bytes that mean nothing in shift_jis" in again.failure_reason
    assert reread(again, encoding="latin-1").rows == 300_001


def test_it_reads_other_texts_in_another_encoding(ready, reread):
    content = "__label__a Grüße\n__label__b x\n".encode("cp1252")
    dataset = ready(content, filename="t.txt")
    assert reread(dataset, encoding="latin-1").status == "Ready"
    with pytest.raises(InvalidFields) as refused:
        reread(dataset, delimiter=";")
    assert set(refused.value.errors) == {"delimiter"}


REFUSED = {
    "delimiter": ["", "ab", "x", "1", '"', "\n", "§"],
    "quote": ["`", "''"],
    "encoding": ["utf-16", "rot13", "", "no such"],
}


@pytest.mark.parametrize(("field", "value"), [(f, v) for f, vs in REFUSED.items() for v in vs])
def test_it_refuses_at_the_field(ready, actor, field, value):
    dataset = ready()
    with pytest.raises(InvalidFields) as refused:
        dialects.change(actor, dataset, {field: value}, now=soon())
    assert set(refused.value.errors) == {field}
    dataset.refresh_from_db()
    assert dataset.status == "Ready"


def test_it_refuses_what_the_first_rows_are_not(ready, actor):
    dataset = ready("a,b\n1,x;y\n2,ü;ö\n3,x;y;z\n".encode("cp1252"))
    for wish, field, text in (
        ({"delimiter": ";"}, "delimiter", "Line 2 has 2 fields; expected 1."),
        ({"encoding": "utf-8"}, "encoding", "Line 3 is not utf-8 text: it has the byte 0xFC"),
    ):
        with pytest.raises(InvalidFields) as refused:
            dialects.change(actor, dataset, wish, now=soon())
        assert text in refused.value.errors[field][0]


def test_it_refuses_while_something_was_made_of_it(ready, prepared, actor):
    dataset = ready()
    prepared(dataset, target="kind")
    with pytest.raises(StillInUse) as refused:
        dialects.change(actor, dataset, {"has_header": False}, now=soon())
    assert "as a new version" in refused.value.hint


def test_it_refuses_what_says_itself_how_it_is_read(ready, actor):
    import pyarrow as pa

    dataset = ready(written.parquet(pa.table({"a": [1, 2]})), filename="a.parquet")
    with pytest.raises(Conflict, match="stands in the file itself"):
        dialects.change(actor, dataset, {"encoding": "utf-8"}, now=soon())


def test_it_waits_for_the_profile(uploaded, actor):
    with pytest.raises(Conflict, match="is Profiling"):
        dialects.change(actor, uploaded(), {"has_header": False}, now=soon())


def test_it_refuses_a_viewer(ready, viewer):
    dataset = ready()
    with pytest.raises(NotAllowed):
        dialects.change(access.actor(viewer), dataset, {"has_header": False}, now=soon())


def test_it_sees_the_first_rows_of_a_long_packed_file(ready):
    content = gzip.compress(b"a;b\n" + b"".join(b"%d;x\n" % n for n in range(300_000)), 1)
    dataset = ready(content, filename="long.csv.gz")
    seen = dialects.see(dataset, dialects.check(dataset, {}))
    assert (seen.names, seen.rows[:2], len(seen.rows)) == (
        ["a", "b"],
        [["0", "x"], ["1", "x"]],
        20,
    )


def test_the_page_shows_the_rows_and_reads_again(ready, member, signed_in):
    dataset = ready("a,b;c\n1,2;3\n4,5;6\n")
    browser = signed_in(member)
    place = f"/datasets/{dataset.uid}/dialect"
    assert '<th scope="col">b;c</th>' in browser.get(place).text
    wish = {"delimiter": ";", "quote": '"', "encoding": "utf-8", "has_header": "on"}
    part = browser.get(place, wish | {"part": "rows"}, headers={"HX-Request": "true"}).text
    assert '<th scope="col">a,b</th>' in part
    assert "<form" not in part
    part = browser.get(place, wish | {"quote": "none", "delimiter": ","}).text
    assert '<th scope="col">b;c</th>' in part
    refused = browser.post(place, wish | {"encoding": "utf-16"})
    assert refused.status_code == 422
    assert browser.post(place, wish).status_code == 302
    dataset.refresh_from_db()
    assert (dataset.status, dataset.delimiter) == ("Profiling", ";")
    assert "cannot be changed now" in browser.get(place).text


def test_the_api_shows_the_rows_and_reads_again(ready, member, api):
    dataset = ready("a b\n1 2\n3 4\n")
    client, place = api(member), f"/api/v1/datasets/{dataset.uid}"
    head = client.get(f"{place}/head?delimiter=space").json()
    assert (head["columns"], head["rows"]) == (["a", "b"], [["1", "2"], ["3", "4"]])
    changed = client.patch(place, {"delimiter": "space"}, content_type="application/json")
    assert changed.status_code == 202
    assert (changed.json()["status"], changed.json()["delimiter"]) == ("Profiling", " ")
    again = client.patch(place, {"delimiter": ";"}, content_type="application/json")
    assert again.status_code == 409


def test_it_says_so_when_s3_does_not_answer(workspace, actor, own_localaws, wired, uploaded):
    from datasets import upload

    wired(workspace, own_localaws)
    dataset = upload.receive(workspace, actor, [b"a,b\n1,x\n"], filename="x.csv")
    profile.profile(dataset, now=soon())
    own_localaws.stop()
    with pytest.raises(StorageUnavailable, match="could not be read"):
        dialects.change(actor, dataset, {"has_header": False}, now=soon())
    dataset.refresh_from_db()
    assert dataset.status == "Ready"
