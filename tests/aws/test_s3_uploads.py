"""Uploads in parts: streamed with bounded memory, or part by part across requests."""

import hashlib
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from aws import errors, s3
from aws.types import Part

MIB = 2**20


@pytest.fixture
def bucket(account, name):
    s3.ensure_bucket(account, name)
    return name


class Endless(io.RawIOBase):
    """`size` bytes nobody holds in memory, and no way back."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def readinto(self, buffer) -> int:
        count = min(len(buffer), self.left)
        buffer[:count] = bytes([self.left % 251]) * count
        self.digest.update(buffer[:count])
        self.left -= count
        return count


@pytest.mark.parametrize("size", [0, 5, 20 * MIB + 7])
def test_it_streams_what_it_cannot_seek_in(account, bucket, size):
    source, seen, lock = Endless(size), [], threading.Lock()

    def progress(count: int) -> None:
        with lock:
            seen.append(count)

    s3.upload_fileobj(
        account, bucket, "k", io.BufferedReader(source), content_type="text/csv", progress=progress
    )
    head = s3.head_object(account, bucket, "k")
    assert head is not None
    assert (head.size, head.content_type) == (size, "text/csv")
    assert sum(seen) == size
    with s3.open_object(account, bucket, "k") as stream:
        assert hashlib.file_digest(stream, "sha256").digest() == source.digest.digest()


def test_it_reads_little_ahead_of_the_network(local, name):
    s3.ensure_bucket(local, name)
    source, sent, ahead = Endless(200 * MIB), [0], [0]

    def progress(count: int) -> None:
        sent[0] += count
        ahead.append(200 * MIB - source.left - sent[0])

    s3.upload_fileobj(local, name, "k", io.BufferedReader(source), progress=progress)
    assert sent == [200 * MIB]
    assert max(ahead) <= 48 * MIB


def test_it_leaves_nothing_when_the_source_breaks(account, bucket):
    class Broken(Endless):
        def readinto(self, buffer) -> int:
            if self.left < 10 * MIB:
                raise OSError("the browser went away")
            return super().readinto(buffer)

    with pytest.raises(OSError, match="the browser went away"):
        s3.upload_fileobj(account, bucket, "k", io.BufferedReader(Broken(20 * MIB)))
    assert s3.head_object(account, bucket, "k") is None


def test_it_builds_an_object_of_parts(account, bucket):
    upload = s3.create_multipart_upload(account, bucket, "k", content_type="text/csv")
    second = s3.upload_part(account, bucket, "k", upload, 2, b"tail")
    first = s3.upload_part(account, bucket, "k", upload, 1, b"x" * 5 * MIB)
    assert s3.list_parts(account, bucket, "k", upload) == [first, second]
    assert s3.head_object(account, bucket, "k") is None
    etag = s3.complete_multipart_upload(account, bucket, "k", upload, [second, first])
    head = s3.head_object(account, bucket, "k")
    assert head is not None
    assert (head.size, head.etag, head.content_type) == (5 * MIB + 4, etag, "text/csv")
    assert s3.get_object(account, bucket, "k", range=(5 * MIB - 1, 5 * MIB + 3)) == b"xtail"


@pytest.mark.slow
def test_it_finds_more_parts_than_one_answer_lists(local, name):
    s3.ensure_bucket(local, name)
    upload = s3.create_multipart_upload(local, name, "k")
    with ThreadPoolExecutor(8) as pool:
        sent = [
            pool.submit(s3.upload_part, local, name, "k", upload, number, b"x")
            for number in (*range(1, 1_003), 10_000)
        ]
    assert s3.list_parts(local, name, "k", upload) == [one.result() for one in sent]


def test_it_replaces_a_part_sent_twice(account, bucket):
    upload = s3.create_multipart_upload(account, bucket, "k")
    s3.upload_part(account, bucket, "k", upload, 1, b"first try")
    again = s3.upload_part(account, bucket, "k", upload, 1, b"second try")
    assert s3.list_parts(account, bucket, "k", upload) == [again]
    s3.complete_multipart_upload(account, bucket, "k", upload, [again])
    assert s3.get_object(account, bucket, "k") == b"second try"


def test_it_drops_an_aborted_upload(account, bucket):
    upload = s3.create_multipart_upload(account, bucket, "k")
    s3.upload_part(account, bucket, "k", upload, 1, b"gone")
    s3.abort_multipart_upload(account, bucket, "k", upload)
    with pytest.raises(errors.NotFound):
        s3.list_parts(account, bucket, "k", upload)
    assert s3.head_object(account, bucket, "k") is None


def test_it_refuses_a_part_that_never_arrived(account, bucket):
    upload = s3.create_multipart_upload(account, bucket, "k")
    part = s3.upload_part(account, bucket, "k", upload, 1, b"here")
    missing = Part(number=2, etag=part.etag, size=4)
    with pytest.raises(errors.Invalid):
        s3.complete_multipart_upload(account, bucket, "k", upload, [part, missing])
