"""Where objects of a channel land."""

import gzip
from pathlib import Path

import pytest

from localaws import server
from localaws.engine import channels

ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.fixture
def app(tmp_path: Path):
    app = server.build(tmp_path / "data", port=0, region="us-east-1")
    app.objects.ensure_bucket("lab")
    yield app
    app.store.release()


def downloaded(app, tmp_path: Path, uri: str, **members) -> dict[str, bytes]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}} | members
    channels.download(app, [channel], ROLE, tmp_path / "input")
    files = [path for path in (tmp_path / "input").rglob("*") if path.is_file()]
    return {str(path.relative_to(tmp_path / "input")): path.read_bytes() for path in files}


def test_it_keeps_the_rest_of_the_key_as_path(app, tmp_path):
    for key in ("set/a.csv", "set/deep/b.csv", "set/", "other.csv"):
        app.objects.put_bytes("lab", key, b"" if key == "set/" else key.encode())
    assert downloaded(app, tmp_path, "s3://lab/set/") == {
        "train/a.csv": b"set/a.csv",
        "train/deep/b.csv": b"set/deep/b.csv",
    }


def test_it_keeps_the_base_name_of_a_single_object(app, tmp_path):
    app.objects.put_bytes("lab", "set/a.csv", b"1")
    assert downloaded(app, tmp_path, "s3://lab/set/a.csv") == {"train/a.csv": b"1"}


def test_it_never_leaves_the_channel(app, tmp_path):
    app.objects.put_bytes("lab", "set/../../../evil.csv", b"1")
    assert downloaded(app, tmp_path, "s3://lab/set/") == {"train/evil.csv": b"1"}


def test_it_unzips_when_the_channel_says_so(app, tmp_path):
    app.objects.put_bytes("lab", "set/a.csv", gzip.compress(b"1,2"))
    files = downloaded(app, tmp_path, "s3://lab/set/", CompressionType="Gzip")
    assert files == {"train/a.csv": b"1,2"}


def test_it_names_the_prefix_that_holds_nothing(app, tmp_path):
    with pytest.raises(channels.NoData, match='No S3 objects found under S3 URL "s3://lab/none/"'):
        downloaded(app, tmp_path, "s3://lab/none/")
