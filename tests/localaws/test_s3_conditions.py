"""Conditional writes and reads."""

import threading

import pytest
from botocore.exceptions import ClientError


def code_of(call, **request):
    with pytest.raises(ClientError) as refused:
        call(**request)
    return refused.value.response["Error"]["Code"]


@pytest.fixture
def stored(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"first")["ETag"]
    return {"Bucket": bucket, "Key": "k"}, etag


def test_it_creates_only_what_is_not_there(s3, bucket):
    where = {"Bucket": bucket, "Key": "new"}
    s3.put_object(**where, Body=b"1", IfNoneMatch="*")
    assert code_of(s3.put_object, **where, Body=b"2", IfNoneMatch="*") == "PreconditionFailed"
    assert s3.get_object(**where)["Body"].read() == b"1"


def test_it_lets_one_of_many_creators_win(s3, bucket):
    outcomes = []

    def create(n):
        try:
            s3.put_object(Bucket=bucket, Key="race", Body=b"%d" % n, IfNoneMatch="*")
            outcomes.append(n)
        except ClientError:
            outcomes.append(None)

    threads = [threading.Thread(target=create, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    winners = [n for n in outcomes if n is not None]
    assert len(outcomes) == 6
    assert len(winners) == 1
    assert s3.get_object(Bucket=bucket, Key="race")["Body"].read() == b"%d" % winners[0]


def test_it_replaces_only_the_version_that_was_seen(s3, stored):
    where, etag = stored
    s3.put_object(**where, Body=b"second", IfMatch=etag)
    assert code_of(s3.put_object, **where, Body=b"third", IfMatch=etag) == "PreconditionFailed"
    assert s3.get_object(**where)["Body"].read() == b"second"


def test_it_does_not_send_what_the_reader_has(s3, stored):
    where, etag = stored
    assert code_of(s3.get_object, **where, IfNoneMatch=etag) == "304"
    assert code_of(s3.get_object, **where, IfMatch='"other"') == "PreconditionFailed"
    assert s3.get_object(**where, IfMatch=etag)["Body"].read() == b"first"


def test_it_copies_only_the_version_that_was_seen(s3, stored):
    where, etag = stored
    copy = {"Bucket": where["Bucket"], "Key": "copy", "CopySource": where}
    assert code_of(s3.copy_object, **copy, CopySourceIfMatch='"other"') == "PreconditionFailed"
    s3.copy_object(**copy, CopySourceIfMatch=etag)
