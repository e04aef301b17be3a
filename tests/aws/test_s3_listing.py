"""Listing a prefix and deleting it, past the thousand that one call gives."""

import pytest

from aws import errors, s3
from tests.aws.conftest import Reply


@pytest.fixture
def bucket(account, name):
    s3.ensure_bucket(account, name)
    return name


def test_it_lists_a_prefix_in_order(account, bucket):
    for key in ("in/b", "in/a", "in/ü x", "out/a"):
        s3.put_object(account, bucket, key, key.encode())
    found = list(s3.list_objects(account, bucket, "in/"))
    assert [one.key for one in found] == ["in/a", "in/b", "in/ü x"]
    assert found[0].size == 4
    assert found[0].modified.tzinfo is not None


def test_it_lists_nothing_under_an_unused_prefix(account, bucket):
    assert list(s3.list_objects(account, bucket, "unused/")) == []


def test_it_misses_the_bucket_only_when_asked_for_objects(account):
    listing = s3.list_objects(account, "nobody-made-this-one", "")
    with pytest.raises(errors.NotFound):
        next(listing)


@pytest.mark.slow
def test_it_deletes_more_than_one_call_takes(moto, name):
    s3.ensure_bucket(moto, name)
    for number in range(1_003):
        s3.put_object(moto, name, f"in/{number}", b"")
    s3.put_object(moto, name, "keep", b"")
    assert s3.delete_prefix(moto, name, "in/") == 1_003
    assert [one.key for one in s3.list_objects(moto, name, "")] == ["keep"]


def test_it_deletes_a_prefix_as_often_as_asked(account, bucket):
    s3.put_object(account, bucket, "in/a", b"")
    assert s3.delete_prefix(account, bucket, "in/") == 1
    assert s3.delete_prefix(account, bucket, "in/") == 0


def test_it_refuses_to_empty_a_bucket(scripted):
    with pytest.raises(errors.Invalid):
        s3.delete_prefix(scripted.account, "bucket", "")
    assert scripted.requests == []


def test_it_says_which_object_would_not_go(scripted):
    listing = b"""<ListBucketResult><KeyCount>1</KeyCount><Contents><Key>in/a</Key><Size>1</Size>
      <LastModified>2026-01-01T00:00:00Z</LastModified><ETag>"e"</ETag></Contents></ListBucketResult>"""
    refusal = b"""<DeleteResult><Error><Key>in/a</Key><Code>AccessDenied</Code>
      <Message>Access Denied</Message></Error></DeleteResult>"""
    scripted.says(Reply(body=listing), Reply(body=refusal))
    with pytest.raises(errors.Denied, match="in/a: Access Denied"):
        s3.delete_prefix(scripted.account, "bucket", "in/")
