"""S3 throttles, refuses, and loses answers."""

from datetime import timedelta

import pytest

from aws import s3
from core.errors import Conflict
from datasets import dialects, imports, prepare, profile, upload
from datasets.errors import StorageUnavailable
from datasets.models import Dataset
from tests.datasets.conftest import IRIS, soon, stored
from tests.localaws.test_faults import inject

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(workspace, own_localaws, wired):
    return wired(workspace, own_localaws)


@pytest.fixture
def failing(own_localaws):
    def fail(operation, **rule):
        rule = {"kind": "error", "code": "SlowDown", "status": 503, "message": "Wait"} | rule
        inject(own_localaws, rule | {"service": "s3", "operation": operation})

    return fail


def test_it_keeps_a_file_whose_completion_was_not_heard(shop, actor, failing):
    failing("CompleteMultipartUpload", kind="lost_response", count=1)
    dataset = upload.receive(shop, actor, [IRIS.encode()], filename="iris.csv")
    assert dataset.status == "Profiling"
    assert s3.get_object(shop.account, shop.bucket, dataset.key) == IRIS.encode()


@pytest.mark.parametrize(
    "operation", ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]
)
def test_it_keeps_nothing_when_s3_refuses(shop, actor, failing, operation):
    failing(operation, code="AccessDenied", status=403, message="No")
    with pytest.raises(StorageUnavailable, match="nothing was kept"):
        upload.receive(shop, actor, [IRIS.encode()], filename="iris.csv")
    assert not Dataset.objects.exists()
    assert not stored(shop)


def test_it_says_so_when_s3_refuses_to_give_the_file(shop, actor, failing):
    dataset = upload.receive(shop, actor, [IRIS.encode()], filename="iris.csv")
    failing("GetObject", code="AccessDenied", status=403, message="No key for you")
    profile.profile(dataset, now=soon())
    assert (dataset.status, dataset.failure_reason) == ("Failed", "S3 refused: No key for you")


def test_it_copies_later_when_s3_throttles(shop, actor, failing):
    s3.put_object(shop.account, shop.bucket, "in/1.csv", b"a,b\n1,x\n")
    row = imports.request(actor, imports.plan(shop, f"s3://{shop.bucket}/in/"))
    failing("CopyObject", count=3)
    now = soon()
    imports.copy(row, now=now)
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("Uploading", 1)
    assert now < row.next_check_at < now + timedelta(minutes=3)
    imports.copy(row, now=row.next_check_at)
    assert row.status == "Profiling"


def test_it_ends_an_import_that_s3_refuses(shop, actor, failing):
    s3.put_object(shop.account, shop.bucket, "in/1.csv", b"a,b\n1,x\n")
    row = imports.request(actor, imports.plan(shop, f"s3://{shop.bucket}/in/"))
    failing("CopyObject", code="AccessDenied", status=403, message="Not yours")
    imports.copy(row, now=soon())
    assert (row.status, row.failure_reason) == ("Failed", "S3 does not give 1.csv: Not yours")
    with pytest.raises(Conflict, match="Its import failed"):
        dialects.check_open(row)


def test_it_writes_the_channels_later_when_s3_throttles(shop, actor, failing):
    dataset = upload.receive(shop, actor, [IRIS.encode()], filename="iris.csv")
    profile.profile(dataset, now=soon())
    preparation = prepare.request(actor, dataset, target="kind")
    before = stored(shop)
    failing("UploadPart", count=3)
    now = soon()
    prepare.prepare(preparation, now=now)
    preparation.refresh_from_db()
    assert (preparation.status, preparation.attempts) == ("Preparing", 1)
    assert stored(shop) == before

    prepare.prepare(preparation, now=preparation.next_check_at)
    preparation.refresh_from_db()
    assert preparation.status == "Ready"
