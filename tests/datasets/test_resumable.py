"""Uploads in parts: what is there is kept, what is missing is named, nothing half-made is seen."""

import base64
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections
from django.utils import timezone

from aws import s3
from aws.clients import client
from core import access
from core.errors import Conflict, InvalidFields, NotAllowed, TooLarge
from core.models import AuditEvent
from datasets import delete, pieces, profile, resumable, sweep, versions
from datasets.errors import BadFile, Damaged, StorageUnavailable
from datasets.models import Dataset
from datasets.parts import PART_BYTES
from tests.datasets.conftest import soon, stored

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
PART = PART_BYTES
md5 = partial(hashlib.md5, usedforsecurity=False)
LINE = b"0.125," + b"x" * 1_000 + b",yes\n"
BIG = b"a,b,c\n" + LINE * ((2 * PART + 500_000) // len(LINE))  # three parts


def announce(content=BIG, **wish):
    given = {"filename": "big.csv", "size": len(content), "fingerprint": "big"}
    return resumable.Announced(**given | wish)


def begin(actor, content=BIG, **wish):
    found, _ = resumable.begin(actor, announce(content, **wish), now=timezone.now())
    return found.dataset


def send(dataset, number, content=BIG, headers=None):
    start = (number - 1) * dataset.part_bytes
    body = io.BytesIO(content[start : start + dataset.part_bytes])
    resumable.receive(dataset, number, body.read, headers=headers or {}, now=timezone.now())


def finish(actor, dataset):
    return resumable.complete(actor, dataset, now=timezone.now())


def test_it_keeps_the_bytes_as_they_came_in_any_order(lab, actor):
    dataset = begin(actor, name="Big one")
    for number in (3, 1, 2):
        send(dataset, number)
    done = finish(actor, dataset)
    assert (done.status, done.name, done.filename) == ("Profiling", "Big one", "big.csv")
    assert (done.bytes, done.delimiter, done.format) == (len(BIG), ",", "csv")
    assert s3.get_object(lab.account, lab.bucket, done.key) == BIG
    assert AuditEvent.objects.get(action="dataset.upload").detail["bytes"] == len(BIG)

    profile.profile(done, now=soon())
    done.refresh_from_db()
    assert (done.status, done.rows) == ("Ready", BIG.count(b"\n") - 1)


def test_it_goes_on_with_what_s3_has(lab, actor):
    dataset = begin(actor)
    send(dataset, 1)
    send(dataset, 3)
    found, made = resumable.begin(actor, announce(), now=timezone.now())
    assert (found.dataset, made, found.missing) == (dataset, False, [2])
    assert found.sent == PART + len(BIG) - 2 * PART
    assert resumable.progress(dataset).missing == [2]


def test_it_begins_another_for_another_file_or_person(lab, actor, admin):
    dataset = begin(actor)
    assert begin(actor, fingerprint="other") != dataset
    assert begin(actor, BIG[:-1]) != dataset
    assert begin(actor, fingerprint="") != begin(actor, fingerprint="")
    assert begin(access.actor(admin)) != dataset
    finish_of = [begin(actor) for _ in range(2)]
    assert finish_of == [dataset, dataset]


def test_a_finished_upload_is_not_gone_on_with(lab, actor):
    small = b"a,b\n1,x\n"
    dataset = begin(actor, small)
    send(dataset, 1, small)
    finish(actor, dataset)
    assert begin(actor, small) != dataset


@pytest.mark.django_db(transaction=True)
def test_two_clicks_begin_one_upload(lab, actor):
    def click(_):
        try:
            return begin(actor).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(4)))) == 1
    dataset = Dataset.objects.get()
    uploads = client(lab.account, "s3").list_multipart_uploads(Bucket=lab.bucket)["Uploads"]
    assert [found["UploadId"] for found in uploads if found["Key"] == dataset.key] == [
        dataset.upload_id
    ]


def test_the_same_key_begins_once(lab, actor):
    first, made = resumable.begin(actor, announce(fingerprint=""), now=timezone.now(), key="k")
    again, made_again = resumable.begin(
        actor, announce(fingerprint=""), now=timezone.now(), key="k"
    )
    assert (first.dataset, made, made_again) == (again.dataset, True, False)


def test_it_names_the_parts_that_are_missing(lab, actor):
    dataset = begin(actor)
    send(dataset, 2)
    with pytest.raises(Conflict, match=r"Parts 1, 3 of 3 did not arrive\."):
        finish(actor, dataset)
    send(dataset, 1)
    with pytest.raises(Conflict, match=r"Part 3 of 3 did not arrive\."):
        finish(actor, dataset)
    assert dataset.status == "Uploading"
    assert not stored(lab) & {dataset.key}


def test_completing_twice_answers_the_same(lab, actor):
    dataset = begin(actor)
    for number in (1, 2, 3):
        send(dataset, number)
    stale = Dataset.objects.get(pk=dataset.pk)
    assert finish(actor, dataset) == finish(actor, dataset) == finish(actor, stale)
    assert finish(actor, stale).status == "Profiling"
    assert AuditEvent.objects.filter(action="dataset.upload").count() == 1


@pytest.mark.parametrize("number", [0, 4, 10_001])
def test_it_refuses_parts_that_are_none(lab, actor, number):
    with pytest.raises(InvalidFields, match="from 1 to 3"):
        send(begin(actor), number)


def test_it_refuses_parts_of_another_size(lab, actor):
    dataset = begin(actor)
    for content, problem in ((b"x" * (PART + 1), TooLarge), (BIG[:100], InvalidFields)):
        with pytest.raises(problem, match=f"{PART:,} bytes"):
            resumable.receive(dataset, 1, io.BytesIO(content).read, headers={}, now=timezone.now())
    assert resumable.progress(dataset).missing == [1, 2, 3]


@pytest.mark.parametrize("header", ["Content-MD5", "Content-Digest"])
def test_it_refuses_a_part_that_was_damaged_on_its_way(lab, actor, header):
    dataset = begin(actor)
    digests = {
        "Content-MD5": lambda data: base64.b64encode(md5(data).digest()).decode(),
        "Content-Digest": lambda data: (
            f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"
        ),
    }
    with pytest.raises(Damaged):
        send(dataset, 1, headers={header: digests[header](b"something else")})
    send(dataset, 1, headers={header: digests[header](BIG[:PART])})
    assert resumable.progress(dataset).missing == [2, 3]


def test_it_refuses_a_bad_file_before_it_is_sent(lab, actor):
    for content, message in ((b"", "empty"), (b"\x80\x04\x95junk", "pickle"), (b"a,b\n", "header")):
        with pytest.raises(BadFile, match=message):
            begin(actor, content, head=content)
    assert not Dataset.objects.exists()


def test_a_bad_first_part_ends_the_upload(lab, actor):
    before = stored(lab)
    bad = b"\x80\x04\x95" + bytes(2 * PART)
    dataset = begin(actor, bad)
    with pytest.raises(BadFile, match="pickle"):
        send(dataset, 1, bad)
    assert not Dataset.objects.exists()
    assert stored(lab) == before


def test_a_bad_file_that_went_straight_to_s3_leaves_nothing(lab, actor):
    bad = b"\x80\x04\x95" + bytes(PART - 3)
    dataset = begin(actor, bad)
    s3.upload_part(lab.account, lab.bucket, dataset.key, dataset.upload_id, 1, bad)
    with pytest.raises(BadFile, match="pickle"):
        finish(actor, dataset)
    assert not Dataset.objects.exists()
    assert dataset.key not in stored(lab)


def test_it_grows_the_parts_with_the_file(lab, actor):
    assert pieces.size_of(1) == pieces.size_of(10_000 * PART) == PART
    for total in (10_000 * PART + 1, resumable.MOST_BYTES):
        assert -(-total // pieces.size_of(total)) <= 10_000
        assert pieces.size_of(total) % 2**20 == 0
    with pytest.raises(TooLarge, match="larger than 5 TB"):
        resumable.begin(actor, announce(size=resumable.MOST_BYTES + 1), now=timezone.now())


def test_it_starts_over_when_s3_forgot_the_upload(lab, actor):
    dataset = begin(actor)
    send(dataset, 1)
    s3.abort_multipart_upload(lab.account, lab.bucket, dataset.key, dataset.upload_id)
    with pytest.raises(Conflict, match="no longer knows"):
        send(dataset, 2)
    found, made = resumable.begin(actor, announce(), now=timezone.now())
    assert (found.dataset, made, found.missing) == (dataset, False, [1, 2, 3])
    send(found.dataset, 2)
    assert resumable.progress(found.dataset).missing == [1, 3]


def test_it_goes_on_after_s3_was_down_at_the_beginning(workspace, actor, own_localaws, wired, due):
    wired(workspace, own_localaws)
    own_localaws.stop()
    with pytest.raises(StorageUnavailable):
        begin(actor)
    own_localaws.start()
    wired(workspace, own_localaws)
    dataset = begin(actor)
    send(dataset, 1)
    assert Dataset.objects.get() == dataset

    own_localaws.stop()
    with pytest.raises(StorageUnavailable):
        begin(actor, fingerprint="never begun")
    resumable.cancel(actor, dataset, now=timezone.now())
    assert Dataset.objects.present().count() == 1, "hidden at once"
    own_localaws.start()
    due(own_localaws)
    assert not Dataset.objects.filter(pk=dataset.pk).exists()
    resumable.cancel(actor, Dataset.objects.get(), now=timezone.now())
    assert not Dataset.objects.exists()


def test_an_unfinished_version_hides_no_other(lab, actor, ready):
    first = ready()
    dataset = begin(actor, version_of=first.uid)
    rows = Dataset.objects.present().of(lab)
    assert set(versions.newest(rows)) == {first, dataset}


def test_cancelling_leaves_nothing(lab, actor):
    before = stored(lab)
    dataset = begin(actor)
    send(dataset, 1)
    resumable.cancel(actor, dataset, now=timezone.now())
    assert not Dataset.objects.exists()
    assert stored(lab) == before
    assert "Uploads" not in client(lab.account, "s3").list_multipart_uploads(
        Bucket=lab.bucket, Prefix=dataset.key
    )


def test_deleting_an_unfinished_upload_leaves_nothing(lab, actor):
    dataset = begin(actor)
    send(dataset, 1)
    delete.request(actor, dataset, now=timezone.now())
    sweep.sweep(timezone.now())
    assert not Dataset.objects.exists()
    with pytest.raises(Conflict, match="no longer knows"):
        send(dataset, 2)


def test_a_sweep_waits_a_day_and_then_removes_the_parts(lab, actor):
    dataset = begin(actor)
    send(dataset, 1)
    sweep.sweep(timezone.now() + timedelta(hours=23))
    assert Dataset.objects.exists(), "it may still go on"
    assert resumable.progress(dataset).missing == [2, 3]
    sweep.sweep(timezone.now() + timedelta(hours=25))
    assert not Dataset.objects.exists()
    uploads = client(lab.account, "s3").list_multipart_uploads(Bucket=lab.bucket)
    assert dataset.key not in [found["Key"] for found in uploads.get("Uploads", [])]


def test_a_viewer_may_not(lab, viewer, actor):
    watching = access.actor(viewer)
    dataset = begin(actor)
    for step in (
        lambda: resumable.begin(watching, announce(), now=timezone.now()),
        lambda: finish(watching, dataset),
        lambda: resumable.cancel(watching, dataset, now=timezone.now()),
    ):
        with pytest.raises(NotAllowed):
            step()


def test_a_new_version_arrives_in_parts(lab, actor, ready):
    first = ready()
    small = b"a,b\n1,x\n"
    dataset = begin(actor, small, version_of=first.uid)
    send(dataset, 1, small)
    done = finish(actor, dataset)
    done.refresh_from_db()
    assert (done.family, done.version, done.name) == (first.uid, 2, first.name)
    with pytest.raises(InvalidFields, match="There is no dataset"):
        begin(actor, small, version_of="none")
