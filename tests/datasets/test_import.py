"""Importing what lies in S3: one file or many, copied by S3, watched by a worker."""

import gzip

import pytest

from aws import s3
from core import access
from core.errors import InvalidFields, NotAllowed
from core.models import AuditEvent, Workspace, new_uid
from datasets import delete, imports, profile, reading, sweep
from datasets.errors import StorageUnavailable
from datasets.models import Dataset
from tests.datasets import written
from tests.datasets.conftest import soon, stored

pytestmark = pytest.mark.django_db

PARTS = {
    "rows/part-0.csv": b"a,b\n1,x\n2,y\n",
    "rows/part-1.csv": b"a,b\n",
    "rows/part-2.csv": b"a,b\n3,z\n",
    "rows/_SUCCESS": b"",
    "rows/.part-0.csv.crc": b"crc",
    "rows/manifest": b"{}",
    "rows/_temporary/0/part-9.csv": b"a,b\n9,no\n",
    "rows/empty.csv": b"",
}


@pytest.fixture
def there(lab):
    """`there({key: bytes})`: objects in a bucket that imports are allowed from; its name."""

    bucket = f"elsewhere-{new_uid()}"

    def put(objects):
        s3.ensure_bucket(lab.account, bucket)
        for key, content in objects.items():
            s3.put_object(lab.account, bucket, key, content)
        lab.import_buckets = [bucket]
        lab.save()
        return bucket

    return put


@pytest.fixture
def imported(actor, lab):
    """`imported(address)`: the dataset after the worker copied it."""

    def run(source, **about):
        row = imports.request(actor, imports.plan(lab, source), **about)
        imports.copy(row, now=soon())
        row.refresh_from_db()
        return row

    return run


def rows_of(dataset):
    return [
        tuple(block.texts(name)[place] for name in block.names)
        for block in reading.blocks(dataset)
        for place in range(len(block))
    ]


def test_it_copies_a_folder_and_passes_over_what_is_no_rows(there, imported, lab):
    bucket = there(PARTS)
    found = imports.plan(lab, f"s3://{bucket}/rows")
    assert set(found.skipped) == {
        *("_SUCCESS", ".part-0.csv.crc", "manifest", "_temporary/0/part-9.csv", "empty.csv")
    }
    dataset = imported(f"s3://{bucket}/rows")

    assert (dataset.status, dataset.source) == ("Profiling", f"s3://{bucket}/rows")
    assert (dataset.name, dataset.format, dataset.delimiter) == ("rows", "csv", ",")
    assert [part["bytes"] for part in dataset.parts] == [12, 8]
    assert dataset.bytes == 20
    assert rows_of(dataset) == [("1", "x"), ("2", "y"), ("3", "z")]
    assert {part["key"] for part in dataset.parts} <= stored(lab)
    assert all(part["key"].startswith(f"datasets/{dataset.uid}/parts/") for part in dataset.parts)
    event = AuditEvent.objects.get(action="dataset.import")
    assert "_SUCCESS" in event.detail["skipped"]


def test_it_looks_at_all_files_as_one_table(there, imported):
    dataset = imported(f"s3://{there(PARTS)}/rows")
    profile.profile(dataset, now=soon())
    dataset.refresh_from_db()
    assert (dataset.status, dataset.rows, dataset.bytes) == ("Ready", 3, 20)
    assert dataset.preview["rows"] == [["1", "x"], ["2", "y"], ["3", "z"]]


def test_it_names_the_file_in_which_a_row_is_wrong(there, imported):
    bucket = there({"r/1.csv": b"a,b\n1,x\n", "r/2.csv": b"a,b\n1,x\n2\n"})
    dataset = imported(f"s3://{bucket}/r/")
    profile.profile(dataset, now=soon())
    dataset.refresh_from_db()
    assert dataset.status == "Failed"
    assert "00001-2.csv: Line 3 has 1 field; expected 2." in dataset.failure_reason


@pytest.mark.slow
def test_a_worker_imports_a_channel(console):
    rows = "".join(f"{n},{n % 7},{'xy'[n % 2]}\n" for n in range(100))
    first = console.dataset("first.csv", f"a,b,kind\n{rows}".encode())
    channel = console.prepared(first["id"], "kind")["channels"]["train"]
    folder = channel["uri"].rpartition("/")[0]
    wish = {"source": folder, "name": "channel", "version_of": first["id"]}
    made = console.call("POST", "/datasets/imports", json=wish)
    found = console.wait(f"/datasets/{made['id']}", "Ready")
    assert (found["rows"], found["version"], found["has_header"]) == (channel["rows"], 2, False)
    assert found["source"] == folder


def test_it_reads_what_it_copied_when_the_source_is_gone(there, imported, lab):
    bucket = there({"one.csv": b"a,b\n1,x\n", "one.csv.bak": b"no"})
    dataset = imported(f"s3://{bucket}/one.csv", name="mine")
    s3.delete_prefix(lab.account, bucket, "one")
    assert (dataset.name, dataset.parts) == ("mine", [])
    assert dataset.key == f"datasets/{dataset.uid}/original"
    assert rows_of(dataset) == [("1", "x")]


def test_it_takes_the_beginning_of_names(there, imported):
    bucket = there({"y/a-1.csv": b"a\n1\n", "y/a-2.csv": b"a\n2\n", "y/b.csv": b"c\n3\n"})
    assert rows_of(imported(f"s3://{bucket}/y/a-")) == [("1",), ("2",)]


def test_it_joins_files_with_and_without_a_mark(there, imported):
    bucket = there(
        {
            "m/1.csv": b"a,b\n1,x\n",
            "m/2.csv": "\ufeffa,b\n2,ü\n".encode(),
        }
    )
    assert rows_of(imported(f"s3://{bucket}/m/")) == [("1", "x"), ("2", "ü")]


DIFFERENT = {
    "columns": ({"1.csv": b"a,b\n1,x\n", "2.csv": b"a,c\n1,x\n"}, "2.csv: Its column 2 is “c”"),
    "width": ({"1.csv": b"a,b\n1,x\n", "2.csv": b"a,b,c\n1,x,y\n"}, "2.csv: It has 3 columns"),
    "format": (
        {"1.csv": b"a,b\n1,x\n", "2.jsonl": b'{"a": 1}\n'},
        "2.jsonl: It is jsonl, and 1.csv is csv",
    ),
    "packing": (
        {"1.csv": b"a,b\n1,x\n", "2.csv.gz": gzip.compress(b"a,b\n1,x\n")},
        "2.csv.gz: It is csv in gzip, and 1.csv is csv",
    ),
    "encoding": (
        {"1.csv": "a,b\n1,ü\n".encode(), "2.csv": "a,b\n1,ü\n".encode("latin-1")},
        "Some of the files are UTF-8 and others are not",
    ),
    "pickle": (
        {"1.csv": b"a,b\n1,x\n", "2": b"\x80\x04\x95" + bytes(9)},
        "2: This is a Python pic",
    ),
    "no rows": ({"1.csv": b"a,b\n", "2.csv": b"a,b\n"}, "None of the files has a row"),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_it_refuses_files_that_are_not_one_table_and_copies_none(there, imported, lab, case):
    objects, text = DIFFERENT[case]
    bucket = there({f"d/{name}": content for name, content in objects.items()})
    dataset = imported(f"s3://{bucket}/d/")
    assert dataset.status == "Failed"
    assert text in dataset.failure_reason
    assert not {key for key in stored(lab) if dataset.uid in key}


REFUSED = {
    "http://x/y": "not an address in S3",
    "s3://other-bucket/rows": "may not import from the bucket other-bucket. An admin adds it",
    "s3://lab-bucket": "a whole bucket",
    "s3://lab-bucket/": "a whole bucket",
    "s3://lab-bucket/none/": "no file with rows",
}


@pytest.mark.parametrize("source", REFUSED)
def test_it_refuses_the_address_at_its_field(lab, source):
    with pytest.raises(InvalidFields) as refused:
        imports.plan(lab, source)
    assert REFUSED[source] in refused.value.errors["source"][0]


def test_it_refuses_a_bucket_that_is_gone(lab):
    lab.import_buckets = ["nobodys-bucket"]
    with pytest.raises(InvalidFields, match="no bucket nobodys-bucket in reach"):
        imports.plan(lab, "s3://nobodys-bucket/rows/")


def test_it_does_not_give_away_what_another_workspace_keeps(there, lab, stranger, uploaded):
    mine = uploaded()
    keys = ("datasets/abcdefghjk/original", "jobs/abcdefghjk/model.csv", "rows/1.csv")
    bucket = there(dict.fromkeys(keys, b"a,b\n1,x\n"))
    assert imports.plan(lab, f"s3://{bucket}/datasets/")  # nobody else's bucket

    Workspace.objects.filter(slug="elsewhere").update(bucket=bucket)
    for source in ("datasets/", "datasets/abcdefghjk", "data", "jobs/abcdefghjk/model.csv"):
        with pytest.raises(InvalidFields, match="Not all of it belongs to the workspace lab"):
            imports.plan(lab, f"s3://{bucket}/{source}")
    assert imports.plan(lab, f"s3://{bucket}/rows/")

    Workspace.objects.filter(slug="elsewhere").update(bucket=lab.bucket)
    assert imports.plan(lab, f"s3://{lab.bucket}/{mine.key}")


def test_it_refuses_too_many_files(there, lab, monkeypatch):
    bucket = there({f"many/{n}.csv": b"a\n1\n" for n in range(4)})
    monkeypatch.setattr(imports, "MOST_FILES", 3)
    with pytest.raises(InvalidFields, match="There are 4 files"):
        imports.plan(lab, f"s3://{bucket}/many/")


def test_it_fails_when_a_file_was_replaced_meanwhile(there, actor, lab):
    bucket = there({"one.csv": b"a,b\n1,x\n", "two.csv": b"a,b\n1,x\n"})
    row = imports.request(actor, imports.plan(lab, f"s3://{bucket}/one.csv"))
    there({"one.csv": b"a,b\n2,x\n"})
    imports.copy(row, now=soon())
    row.refresh_from_db()
    assert (row.status, row.failure_reason) == (
        "Failed",
        "one.csv was replaced meanwhile. Import it again.",
    )


def test_it_goes_on_where_a_worker_was_killed(there, actor, lab):
    bucket = there(PARTS)
    row = imports.request(actor, imports.plan(lab, f"s3://{bucket}/rows"))
    first = row.parts[0]["key"]
    s3.put_object(lab.account, lab.bucket, first, b"A,B\n1,x\n2,y\n")  # as large: it is copied
    sweep.sweep(soon())
    row.refresh_from_db()
    assert row.status in ("Profiling", "Ready")
    assert s3.get_object(lab.account, lab.bucket, first).startswith(b"A,B")


def test_it_waits_while_s3_does_not_answer(workspace, actor, own_localaws, wired, due):
    wired(workspace, own_localaws)
    s3.put_object(workspace.account, workspace.bucket, "in/1.csv", b"a,b\n1,x\n")
    row = imports.request(actor, imports.plan(workspace, "s3://lab-bucket/in/"))
    own_localaws.stop()
    with pytest.raises(StorageUnavailable):
        imports.plan(workspace, "s3://lab-bucket/in/")
    imports.copy(row, now=soon())
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("Uploading", 1), row.failure_reason

    own_localaws.start()
    due(own_localaws)
    row.refresh_from_db()
    assert row.status in ("Profiling", "Ready")


def test_deleting_ends_an_import_and_leaves_nothing(there, actor, lab):
    bucket = there(PARTS)
    row = imports.request(actor, imports.plan(lab, f"s3://{bucket}/rows"))
    s3.put_object(lab.account, lab.bucket, row.parts[0]["key"], b"copied already")
    delete.request(actor, row, now=soon())
    delete.objects(row)
    assert row.parts[0]["key"] in stored(lab)  # a worker may be at it

    sweep.sweep(soon())
    assert not {key for key in stored(lab) if row.uid in key}
    assert Dataset.objects.get().status == "Failed"


def test_a_part_in_another_format_inside_is_named(there, imported):
    bucket = there(
        {
            "q/1.parquet": written.parquet(_table(a=[1])),
            "q/2.parquet": written.parquet(_table(b=[1])),
        }
    )
    dataset = imported(f"s3://{bucket}/q/")
    with pytest.raises(ValueError, match=r"00001-2\.parquet: Its column 1 is “b”"):
        rows_of(dataset)


def _table(**columns):
    import pyarrow as pa

    return pa.table(columns)


def test_the_page_and_the_api_import(there, member, viewer, signed_in, api, lab):
    bucket = there(PARTS)
    browser = signed_in(member)
    assert bucket in browser.get("/datasets/import").text
    refused = browser.post("/datasets/import", {"source": "s3://other-bucket/x"})
    assert refused.status_code == 422
    assert "An admin adds it on the workspace" in refused.text
    page = browser.post("/datasets/import", {"source": f"s3://{bucket}/rows"}, follow=True)
    assert "Not taken as rows" in page.text
    assert Dataset.objects.get().status == "Uploading"

    first = Dataset.objects.get()
    wish = {"source": f"s3://{bucket}/rows/", "version_of": first.uid}
    for status in (201, 200):
        made = api(member).post(
            *("/api/v1/datasets/imports", wish, "application/json"),
            headers={"Idempotency-Key": "k"},
        )
        assert made.status_code == status
        assert made.json()["version"] == 2
        assert made.json()["files"] == 3
        assert "_SUCCESS" in made.json()["skipped"]
    found = imports.plan(lab, wish["source"])
    with pytest.raises(NotAllowed):
        imports.request(access.actor(viewer), found)
