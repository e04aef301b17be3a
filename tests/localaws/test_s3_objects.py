"""Objects through boto3 with its default settings."""

import io
import os
import threading
import time

import pytest
from botocore.exceptions import ClientError

KEY = "a/hello world+é&%.txt"


def code_of(call, **request):
    with pytest.raises(ClientError) as refused:
        call(**request)
    return refused.value.response["Error"]["Code"]


def test_it_gives_back_what_was_put(s3, bucket):
    put = s3.put_object(
        Bucket=bucket,
        Key=KEY,
        Body=b"hello" * 100,
        ContentType="text/plain; charset=utf-8",
        Metadata={"run": "42"},
        CacheControl="max-age=60",
    )
    got = s3.get_object(Bucket=bucket, Key=KEY)
    assert got["Body"].read() == b"hello" * 100
    assert (got["ContentType"], got["Metadata"]) == ("text/plain; charset=utf-8", {"run": "42"})
    assert got["CacheControl"] == "max-age=60"
    assert got["ETag"] == put["ETag"]
    assert put["ChecksumCRC32"]
    head = s3.head_object(Bucket=bucket, Key=KEY)
    assert head["ContentLength"] == 500


def test_it_keeps_an_empty_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    got = s3.get_object(Bucket=bucket, Key="empty")
    assert got["Body"].read() == b""
    assert got["ContentLength"] == 0


def test_it_stores_a_stream_of_unknown_length(s3, bucket):
    content = os.urandom(300_000)
    s3.upload_fileobj(io.BytesIO(content), bucket, "stream")
    assert s3.get_object(Bucket=bucket, Key="stream")["Body"].read() == content


@pytest.mark.parametrize("key", ["../evil", "a//b", "dir/", "x" * 900, "a/./b", "conf/inner"])
def test_it_never_makes_a_path_of_a_key(s3, bucket, localaws, key):
    s3.put_object(Bucket=bucket, Key="conf", Body=b"file and folder")
    s3.put_object(Bucket=bucket, Key=key, Body=b"w")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"w"
    assert not (localaws.data.parent / "evil").exists()


def test_it_refuses_a_key_that_is_too_long(s3, bucket):
    assert code_of(s3.put_object, Bucket=bucket, Key="k" * 1025, Body=b"") == "KeyTooLongError"


def test_it_says_what_is_missing(s3, bucket):
    assert code_of(s3.get_object, Bucket=bucket, Key="nope") == "NoSuchKey"
    assert code_of(s3.get_object, Bucket="no-such-bucket", Key="nope") == "NoSuchBucket"
    assert code_of(s3.put_object, Bucket="no-such-bucket", Key="k", Body=b"x") == "NoSuchBucket"
    assert code_of(s3.head_object, Bucket=bucket, Key="nope") == "404"


@pytest.mark.parametrize(
    ("header", "expected", "content_range"),
    [
        ("bytes=0-4", b"01234", "bytes 0-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
    ],
)
def test_it_sends_the_bytes_of_a_range(s3, bucket, header, expected, content_range):
    s3.put_object(Bucket=bucket, Key="digits", Body=b"0123456789")
    got = s3.get_object(Bucket=bucket, Key="digits", Range=header)
    assert got["Body"].read() == expected
    assert got["ContentRange"] == content_range
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_it_refuses_a_range_behind_the_end(s3, bucket):
    s3.put_object(Bucket=bucket, Key="digits", Body=b"0123456789")
    assert code_of(s3.get_object, Bucket=bucket, Key="digits", Range="bytes=10-") == "InvalidRange"


def test_it_copies_with_and_without_the_metadata(s3, bucket):
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"body", Metadata={"a": "1"})
    source = {"Bucket": bucket, "Key": KEY}
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)
    s3.copy_object(
        Bucket=bucket,
        Key="other",
        CopySource=source,
        MetadataDirective="REPLACE",
        Metadata={"b": "2"},
        ContentType="application/json",
    )
    s3.delete_object(Bucket=bucket, Key=KEY)
    copy, other = (s3.get_object(Bucket=bucket, Key=key) for key in ("copy", "other"))
    assert (copy["Body"].read(), copy["Metadata"]) == (b"body", {"a": "1"})
    assert (other["Body"].read(), other["Metadata"]) == (b"body", {"b": "2"})
    assert other["ContentType"] == "application/json"


def test_it_keeps_bytes_until_the_last_copy_goes(s3, bucket, localaws):
    content = os.urandom(4321)
    s3.put_object(Bucket=bucket, Key="first", Body=content)
    s3.copy_object(Bucket=bucket, Key="second", CopySource={"Bucket": bucket, "Key": "first"})
    s3.delete_object(Bucket=bucket, Key="first")
    assert s3.get_object(Bucket=bucket, Key="second")["Body"].read() == content
    s3.delete_object(Bucket=bucket, Key="second")
    left = [path for path in (localaws.data / "blobs").glob("*/*") if path.stat().st_size == 4321]
    assert left == []


def test_it_deletes_many_and_is_quiet_about_the_missing(s3, bucket):
    for n in range(3):
        s3.put_object(Bucket=bucket, Key=f"k{n}", Body=b"x")
    wanted = [{"Key": f"k{n}"} for n in range(3)] + [{"Key": "never"}]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": wanted})
    assert len(answer["Deleted"]) == 4
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_it_creates_and_deletes_buckets(s3):
    s3.create_bucket(Bucket="first-bucket", CreateBucketConfiguration={"LocationConstraint": "eu"})
    s3.create_bucket(Bucket="first-bucket")
    assert "first-bucket" in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    s3.put_object(Bucket="first-bucket", Key="k", Body=b"x")
    assert code_of(s3.delete_bucket, Bucket="first-bucket") == "BucketNotEmpty"
    s3.delete_object(Bucket="first-bucket", Key="k")
    s3.delete_bucket(Bucket="first-bucket")
    assert code_of(s3.head_bucket, Bucket="first-bucket") == "404"


def test_it_checks_the_expected_owner_and_takes_encryption_headers(s3, bucket):
    mine = {"ExpectedBucketOwner": "123456789012"}
    s3.head_bucket(Bucket=bucket, **mine)
    s3.put_object(
        Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="k", **mine
    )
    assert s3.head_object(Bucket=bucket, Key="k")["ServerSideEncryption"] == "aws:kms"
    foreign = {"ExpectedBucketOwner": "999999999999"}
    assert code_of(s3.get_object, Bucket=bucket, Key="k", **foreign) == "AccessDenied"


def test_it_names_what_it_cannot_do(s3, bucket):
    refused = code_of(s3.get_bucket_versioning, Bucket=bucket)
    assert refused == "NotImplemented"


def test_it_does_not_make_a_small_put_wait(s3, bucket):
    """http.server would hold back `100 Continue`, and boto3 wait a second for it."""
    s3.put_object(Bucket=bucket, Key="warm", Body=b"1")
    began = time.monotonic()
    for _ in range(3):
        s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    assert time.monotonic() - began < 1.0


def test_it_never_shows_a_torn_object(s3, bucket):
    contents = {bytes([65 + n]) * 200_000 for n in range(4)}
    s3.put_object(Bucket=bucket, Key="hot", Body=min(contents))
    stop, seen = threading.Event(), []

    def read():
        while not stop.is_set():
            seen.append(s3.get_object(Bucket=bucket, Key="hot")["Body"].read())

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for content in sorted(contents) * 5:
        s3.put_object(Bucket=bucket, Key="hot", Body=content)
    stop.set()
    for reader in readers:
        reader.join(10)
    assert seen
    assert set(seen) <= contents
