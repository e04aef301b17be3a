"""Prepared data in another workspace: all of it arrives once, whatever happens on the way."""

from datetime import timedelta

import pytest
from django.urls import reverse

from aws import relay, s3
from core.errors import Conflict, NotAllowed, NotFound
from core.models import AuditEvent, Membership, Role, Workspace, new_uid
from datasets import delete, elsewhere, kept, prepare, repeat, sweep
from datasets.models import Dataset, Preparation
from tests.datasets.conftest import IRIS, soon, stored
from tests.localaws.test_faults import inject

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(lab, localaws, member):
    """Another workspace of `member`, with a bucket of its own in an account of its own."""
    other = Workspace.objects.create(
        slug="amazon",
        name="Amazon",
        kind="local",
        execution_role_arn="x",
        bucket=f"amazon-{new_uid()}",
        external_id=f"another account at {localaws.url}",
    )
    Membership.objects.create(workspace=other, user=member, role=Role.MEMBER)
    s3.ensure_bucket(other.account, other.bucket)
    return other


@pytest.fixture
def original(ready, prepared):
    return prepared(ready(IRIS), target="kind")


@pytest.fixture
def failing(localaws):
    def fail(operation, **rule):
        rule = {"kind": "error", "code": "SlowDown", "status": 503, "message": "Wait"} | rule
        inject(localaws, rule | {"service": "s3", "operation": operation})

    yield fail
    inject(localaws)


def copied(row, *, later=timedelta(0)):
    row.refresh_from_db()
    elsewhere.copy(row, now=soon() + later)
    row.refresh_from_db()
    row.dataset.refresh_from_db()
    return row


def rows_of(preparation, split):
    return list(prepare.split_lines(preparation, split))


def test_it_brings_rows_dataset_and_recipe(actor, original, there):
    row = copied(elsewhere.request(actor, original, there))
    assert (row.status, row.dataset.status) == ("Ready", "Ready"), row.failure_reason
    assert row.workspace == row.dataset.workspace == there
    for split in original.channels:
        assert rows_of(row, split) == rows_of(original, split)
        assert row.channels[split]["uri"].startswith(f"s3://{there.bucket}/")
    same = ("target", "algorithm", "seed", "features", "labels", "encoding", "implied", "task")
    assert [getattr(row, name) for name in same] == [getattr(original, name) for name in same]
    assert row.dataset.columns == original.dataset.columns
    content = s3.get_object(there.account, there.bucket, row.dataset.key)
    assert content == IRIS.encode()
    assert kept.rows(row.dataset) == kept.rows(original.dataset)


def test_it_says_where_it_comes_from(actor, original, there):
    row = elsewhere.request(actor, original, there)
    assert elsewhere.original_of(row) == original
    assert row.dataset.origin == ("lab", original.dataset.uid)
    assert elsewhere.original_of(original) is None
    noted = AuditEvent.objects.order_by("pk").values_list("workspace__slug", "action")
    assert list(noted)[-3:-1] == [("lab", "preparation.copy"), ("amazon", "dataset.import")]


def test_its_pages_say_so_too(actor, original, there, signed_in, member):
    row = copied(elsewhere.request(actor, original, there))
    client = signed_in(member)
    for copy, first in ((row, original), (row.dataset, original.dataset)):
        page = client.get(reverse(copy.PAGE, args=[copy.uid])).content.decode()
        assert reverse(first.PAGE, args=[first.uid]) in page
        assert "workspace lab" in page


def test_what_arrived_is_worked_with_like_any_other(actor, original, there):
    row = copied(elsewhere.request(actor, original, there))
    again = repeat.request(None, row, row.dataset)
    elsewhere.work(again, now=soon())
    again.refresh_from_db()
    assert again.status == "Ready", again.failure_reason
    assert rows_of(again, "train") == rows_of(original, "train")


def test_asked_again_it_is_the_same(actor, original, there):
    row = elsewhere.request(actor, original, there)
    assert elsewhere.request(actor, original, there) == row
    copied(row)
    assert elsewhere.request(actor, original, there) == row
    Preparation.objects.filter(pk=row.pk).update(status="Failed")
    second = elsewhere.request(actor, original, there)
    assert second != row
    assert second.dataset == row.dataset  # that one is there


def test_within_one_account_s3_copies(actor, original, there, failing):
    there.external_id = original.workspace.external_id
    there.save()
    row = elsewhere.request(actor, original, there)
    failing("GetObject", code="AccessDenied", status=403, message="No bytes through here")
    assert copied(row).status == "Ready", row.failure_reason


def test_the_sweep_brings_what_no_message_announced(actor, original, there):
    row = elsewhere.request(actor, original, there)
    sweep.sweep(soon())
    row.refresh_from_db()
    row.dataset.refresh_from_db()
    assert (row.status, row.dataset.status) == ("Ready", "Ready")


@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetObject", "PutObject"])
def test_it_goes_on_later_when_s3_throttles(actor, original, there, failing, operation):
    row = elsewhere.request(actor, original, there)
    failing(operation, count=3)  # all attempts of one call
    assert copied(row).status in {"Requested", "Preparing"}
    assert row.attempts == 1
    assert copied(row, later=timedelta(minutes=3)).status == "Ready"


def test_what_is_there_is_not_copied_again(actor, original, there, failing):
    row = elsewhere.request(actor, original, there)
    failing("PutObject", skip=1, count=3)
    elsewhere.work(row, now=soon())
    first = {found.key: found for found in s3.list_objects(there.account, there.bucket, "")}
    assert len(first) == 1
    copied(row, later=timedelta(minutes=3))
    assert row.status == "Ready"
    listed = {found.key: found for found in s3.list_objects(there.account, there.bucket, "")}
    assert all(listed[key].modified == found.modified for key, found in first.items())


def test_a_large_object_goes_on_in_the_middle(actor, lab, original, there, failing, monkeypatch):
    monkeypatch.setattr(relay, "PART_BYTES", 5 * 2**20)
    big = bytes(range(256)) * (11 * 2**20 // 256)
    s3.put_object(lab.account, lab.bucket, original.dataset.key, big)
    dataset = elsewhere.request(actor, original, there).dataset
    failing("UploadPart", skip=1, count=3)
    elsewhere.copy_dataset(dataset, now=soon())
    assert dataset.status == "Uploading"
    (upload,) = s3.list_multipart_uploads(there.account, there.bucket, "").items()
    assert len(s3.list_parts(there.account, there.bucket, *upload)) == 1
    failing("CreateMultipartUpload", code="AccessDenied", status=403)  # it needs no new one
    dataset.refresh_from_db()
    elsewhere.copy_dataset(dataset, now=soon() + timedelta(minutes=3))
    assert dataset.status == "Ready", dataset.failure_reason
    assert s3.get_object(there.account, there.bucket, dataset.key) == big


def test_it_says_which_rows_are_missing(actor, lab, original, there):
    _, key = s3.parse_uri(original.channels["train"]["uri"])
    s3.delete_prefix(lab.account, lab.bucket, key)
    row = copied(elsewhere.request(actor, original, there))
    assert row.status == "Failed"
    assert "No rows of train can be found in the bucket of lab any more." in row.failure_reason


def test_it_says_that_the_file_is_missing_and_keeps_the_rows(actor, lab, original, there):
    s3.delete_object(lab.account, lab.bucket, original.dataset.key)
    row = copied(elsewhere.request(actor, original, there))
    assert (row.status, row.dataset.status) == ("Ready", "Failed")
    assert "The file: no longer in the bucket of the workspace lab" in row.dataset.failure_reason


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("GetObject", "S3 refuses it to the workspace lab: No"),
        ("PutObject", "the workspace amazon"),
    ],
)
def test_it_says_whose_account_refuses(actor, original, there, failing, operation, words):
    row = elsewhere.request(actor, original, there)
    failing(operation, code="AccessDenied", status=403, message="No")
    assert copied(row).status == "Failed"
    assert words in row.failure_reason


def test_it_takes_a_member_of_both(actor, viewer, original, there, stranger, member):
    for user, role, refusal in (
        (viewer, Role.ADMIN, NotAllowed),  # only looks on in the first
        (member, Role.VIEWER, NotAllowed),  # only looks on in the second
        (member, None, NotFound),
    ):
        Membership.objects.filter(workspace=there).delete()
        if role:
            Membership.objects.create(workspace=there, user=user, role=role)
        who = type(actor)(user, actor.workspace, Role.VIEWER if user == viewer else Role.MEMBER)
        with pytest.raises(refusal):
            elsewhere.request(who, original, there)
    assert not Dataset.objects.of(there).exists()


def test_it_refuses_its_own_workspace_and_what_is_not_ready(actor, original, there):
    with pytest.raises(Conflict, match="in this workspace already"):
        elsewhere.request(actor, original, original.workspace)
    original.status = "Preparing"
    with pytest.raises(Conflict, match="is Preparing"):
        elsewhere.request(actor, original, there)


def test_deleted_on_the_way_nothing_stays(actor, original, there, failing):
    row = elsewhere.request(actor, original, there)
    failing("PutObject", skip=1, count=3)
    copied(row)
    assert stored(there)
    delete.request(None, row, now=soon())
    delete.request(None, row.dataset, now=soon())
    sweep.sweep(soon() + timedelta(hours=1))
    sweep.sweep(soon() + timedelta(hours=2))
    assert not stored(there)
