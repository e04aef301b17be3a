"""Objects go in and come out the same, whole, in part, and as streams."""

import gzip
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aws import errors, s3
from tests.aws.conftest import Reply

ODD_KEY = "a folder/é+&=%20?#/x.csv"


@pytest.fixture
def bucket(account, name):
    s3.ensure_bucket(account, name)
    return name


def test_it_makes_a_bucket_once(account, name):
    s3.ensure_bucket(account, name)
    s3.ensure_bucket(account, name)
    s3.head_bucket(account, name)


def test_it_makes_a_bucket_in_another_region(moto, name):
    abroad = replace(moto, region="eu-west-1")
    s3.ensure_bucket(abroad, name)
    s3.head_bucket(abroad, name)


def taken(code):
    body = f"<Error><Code>{code}</Code><Message>Taken.</Message></Error>"
    return Reply(409, body.encode())


def test_it_may_lose_the_race_for_its_own_bucket(scripted):
    scripted.says(Reply(404, b""), taken("BucketAlreadyOwnedByYou"))
    s3.ensure_bucket(scripted.account, "bucket")
    assert [request.method for request in scripted.requests] == ["HEAD", "PUT"]


def test_it_does_not_take_over_a_strangers_bucket(scripted):
    scripted.says(Reply(404, b""), taken("BucketAlreadyExists"))
    with pytest.raises(errors.AlreadyExists):
        s3.ensure_bucket(scripted.account, "bucket")


def test_it_misses_a_bucket(account):
    with pytest.raises(errors.NotFound):
        s3.head_bucket(account, "nobody-made-this-one")


@pytest.mark.parametrize("key", ["plain.csv", ODD_KEY, "a//b", "../up"])
def test_it_gives_back_what_it_got(account, bucket, key):
    etag = s3.put_object(account, bucket, key, b"a,b\n1,2\n", content_type="text/csv")
    assert s3.get_object(account, bucket, key) == b"a,b\n1,2\n"
    head = s3.head_object(account, bucket, key)
    assert head is not None
    assert (head.size, head.etag, head.content_type) == (8, etag, "text/csv")
    assert '"' not in etag
    assert head.modified.tzinfo is UTC
    assert abs(datetime.now(UTC) - head.modified) < timedelta(minutes=1)


def test_it_reads_a_range_with_both_ends(account, bucket):
    s3.put_object(account, bucket, "k", b"0123456789")
    assert s3.get_object(account, bucket, "k", range=(2, 4)) == b"234"


def test_it_refuses_a_range_outside(account, bucket):
    s3.put_object(account, bucket, "k", b"0123456789")
    with pytest.raises(errors.Invalid):
        s3.get_object(account, bucket, "k", range=(20, 30))


def test_it_misses_an_object(account, bucket, tmp_path):
    assert s3.head_object(account, bucket, "no") is None
    with pytest.raises(errors.NotFound):
        s3.get_object(account, bucket, "no")
    with pytest.raises(errors.NotFound), s3.open_object(account, bucket, "no"):
        pass
    with pytest.raises(errors.NotFound):
        s3.download_file(account, bucket, "no", tmp_path / "no")
    assert list(tmp_path.iterdir()) == []


def test_it_streams_text_line_by_line(account, bucket):
    lines = [f"line {number}\n" for number in range(1_000)]
    s3.put_object(account, bucket, "k", "".join(lines).encode())
    with s3.open_object(account, bucket, "k") as stream:
        assert list(io.TextIOWrapper(stream, "utf-8")) == lines


def test_it_streams_what_gzip_can_open(account, bucket):
    s3.put_object(account, bucket, "k.gz", gzip.compress(b"inside" * 1_000))
    with s3.open_object(account, bucket, "k.gz") as stream, gzip.open(stream) as inside:
        assert inside.read() == b"inside" * 1_000


def test_it_may_stop_reading_a_stream_early(account, bucket):
    s3.put_object(account, bucket, "k", b"x" * 5_000_000)
    with s3.open_object(account, bucket, "k") as stream:
        assert stream.read(3) == b"xxx"
    assert s3.get_object(account, bucket, "k", range=(0, 0)) == b"x"


def test_it_streams_objects_as_one(account, bucket):
    contents = [b"a\nb", b"", b"x" * 3_000_000 + b"\n", b"end"]
    for number, content in enumerate(contents):
        s3.put_object(account, bucket, f"part-{number}", content)
    keys = [f"part-{number}" for number in range(len(contents))]
    with s3.open_objects(account, bucket, keys) as stream:
        assert stream.read() == b"".join(contents)
    with s3.open_objects(account, bucket, keys) as stream:
        assert [next(stream) for _ in range(2)] == [b"a\n", b"b" + b"x" * 3_000_000 + b"\n"]
    with s3.open_objects(account, bucket, []) as stream:
        assert stream.read() == b""
    with (
        pytest.raises(errors.NotFound),
        s3.open_objects(account, bucket, ["part-0", "no"]) as stream,
    ):
        stream.read()


def test_it_says_when_a_stream_breaks_off(scripted):
    scripted.says(Reply(body=b"half", headers={"Content-Length": "100"}))
    with (
        pytest.raises(errors.Unavailable),
        s3.open_object(scripted.account, "bucket", "k") as stream,
    ):
        stream.read()


def test_it_carries_files(account, bucket, tmp_path):
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(b"content" * 1_000)
    s3.upload_file(account, bucket, "k", there, content_type="text/plain")
    s3.download_file(account, bucket, "k", back)
    assert back.read_bytes() == there.read_bytes()


def test_it_deletes_an_object_as_often_as_asked(account, bucket):
    s3.put_object(account, bucket, "k", b"")
    s3.delete_object(account, bucket, "k")
    s3.delete_object(account, bucket, "k")
    assert s3.head_object(account, bucket, "k") is None


@pytest.mark.parametrize(
    ("uri", "parts"),
    [("s3://b/k/x.csv", ("b", "k/x.csv")), ("s3://b", ("b", "")), ("s3://b/", ("b", ""))],
)
def test_it_takes_an_address_apart(uri, parts):
    assert s3.parse_uri(uri) == parts


@pytest.mark.parametrize("uri", ["", "b/k", "https://b/k", "s3://", "s3:///k"])
def test_it_refuses_what_is_no_address(uri):
    with pytest.raises(errors.Invalid):
        s3.parse_uri(uri)


def test_it_puts_an_address_together():
    assert s3.parse_uri(s3.uri("b", "k/x")) == ("b", "k/x")
