"""An object that arrives in parts, from wherever: whole, at once or after interruptions."""

import pytest

from aws import errors, relay, s3

MIB = 2**20
PART = 5 * MIB  # the least that S3 takes
CONTENT = bytes(range(256)) * (12 * MIB // 256)


@pytest.fixture
def bucket(account, name, monkeypatch):
    monkeypatch.setattr(relay, "PART_BYTES", PART)
    s3.ensure_bucket(account, name)
    return name


class Reader:
    """`CONTENT`, remembering what was read, and breaking off where it is told."""

    def __init__(self, *, fails_at: int = -1) -> None:
        self.fails_at = fails_at
        self.starts: list[int] = []

    def __call__(self, start: int, end: int) -> bytes:
        self.starts.append(start)
        if start == self.fails_at:
            raise errors.Throttled("Slow down.")
        return CONTENT[start:end]


@pytest.mark.parametrize("size", [0, 1, PART, PART + 1, len(CONTENT)])
def test_it_stores_what_is_read(account, bucket, size):
    seen: list[int] = []
    relay.store(account, bucket, "k", size, Reader(), tick=seen.append)
    assert s3.get_object(account, bucket, "k") == CONTENT[:size]
    assert seen == [end for end in (PART, 2 * PART, size) if size > PART and end <= size]


def test_it_goes_on_where_it_was_cut_off(account, bucket):
    broken, whole = Reader(fails_at=2 * PART), Reader()
    with pytest.raises(errors.Throttled):
        relay.store(account, bucket, "k", len(CONTENT), broken)
    assert s3.head_object(account, bucket, "k") is None
    relay.store(account, bucket, "k", len(CONTENT), whole)
    assert whole.starts == [2 * PART]
    assert s3.get_object(account, bucket, "k") == CONTENT
    assert s3.list_multipart_uploads(account, bucket, "k") == {}


def test_it_is_tried_again_when_another_worker_ended_the_upload(account, bucket):
    def interrupted(start: int, end: int) -> bytes:
        for key, upload in s3.list_multipart_uploads(account, bucket, "k").items():
            s3.abort_multipart_upload(account, bucket, key, upload)
        return CONTENT[start:end]

    with pytest.raises(errors.Unavailable):
        relay.store(account, bucket, "k", len(CONTENT), interrupted)


def test_what_the_reader_misses_is_told_as_it_is(account, bucket):
    def missing(start: int, end: int) -> bytes:
        raise errors.NotFound("No such key.")

    with pytest.raises(errors.NotFound):
        relay.store(account, bucket, "k", len(CONTENT), missing)


def test_a_range_can_ask_for_the_object_that_it_was(account, bucket):
    etag = s3.put_object(account, bucket, "k", b"abc")
    assert s3.get_object(account, bucket, "k", range=(1, 1), etag=etag) == b"b"
    s3.put_object(account, bucket, "k", b"xyz")
    with pytest.raises(errors.Invalid):
        s3.get_object(account, bucket, "k", range=(1, 1), etag=etag)
