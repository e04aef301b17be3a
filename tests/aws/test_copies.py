"""Copies made by S3 itself."""

import pytest

from aws import copies, errors, s3
from aws.clients import client

MIB = 2**20
PIECE = bytes(range(256)) * (8 * MIB // 256)


@pytest.fixture
def bucket(account, name):
    s3.ensure_bucket(account, name)
    return name


def test_it_copies_to_another_bucket(account, bucket):
    other = f"{bucket}-other"
    s3.ensure_bucket(account, other)
    etag = s3.put_object(account, bucket, "a/ä b.csv", b"1,2\n")
    copies.copy_object(account, (bucket, "a/ä b.csv"), (other, "c"), etag=etag)
    assert s3.get_object(account, other, "c") == b"1,2\n"


def test_it_copies_a_large_object_in_parts(account, bucket):
    s3.put_object(account, bucket, "piece", PIECE)
    count = copies.WHOLE_BYTES // len(PIECE) + 1
    _joined(account, bucket, "large", count)
    seen: list[int] = []
    copies.copy_object(account, (bucket, "large"), (bucket, "copy"), tick=seen.append)

    found = s3.head_object(account, bucket, "copy")
    assert found is not None
    assert found.size == count * len(PIECE)
    assert found.etag.endswith("-2")
    assert (
        s3.get_object(account, bucket, "copy", range=(found.size - 300, found.size - 1))
        == (PIECE[-300:])
    )
    assert seen == sorted(seen)


def _joined(account, bucket, key, count):
    """`count` times the object `piece`, made by S3 without sending it again."""
    upload = s3.create_multipart_upload(account, bucket, key)
    parts = [
        client(account, "s3").upload_part_copy(
            Bucket=bucket,
            Key=key,
            UploadId=upload,
            PartNumber=number,
            CopySource={"Bucket": bucket, "Key": "piece"},
        )["CopyPartResult"]["ETag"]
        for number in range(1, count + 1)
    ]
    listed = s3.list_parts(account, bucket, key, upload)
    assert len(listed) == len(parts)
    s3.complete_multipart_upload(account, bucket, key, upload, listed)


def test_it_refuses_a_source_that_was_replaced(account, bucket):
    etag = s3.put_object(account, bucket, "k", b"one")
    s3.put_object(account, bucket, "k", b"two")
    with pytest.raises(errors.Invalid):
        copies.copy_object(account, (bucket, "k"), (bucket, "copy"), etag=etag)
    assert s3.head_object(account, bucket, "copy") is None


def test_it_says_what_is_missing(account, bucket):
    with pytest.raises(errors.NotFound):
        copies.copy_object(account, (bucket, "none"), (bucket, "copy"))


def test_it_ends_when_the_caller_does(account, bucket):
    s3.put_object(account, bucket, "piece", PIECE)
    _joined(account, bucket, "large", copies.WHOLE_BYTES // len(PIECE) + 1)

    def stop(_copied):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        copies.copy_object(account, (bucket, "large"), (bucket, "copy"), tick=stop)
    assert s3.head_object(account, bucket, "copy") is None
