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


def augmented(app, tmp_path: Path, body: bytes, names: list[str]) -> dict[str, bytes]:
    app.objects.put_bytes("lab", "lists/lines.manifest", body)
    source = {
        "S3DataType": "AugmentedManifestFile",
        "S3Uri": "s3://lab/lists/lines.manifest",
        "AttributeNames": names,
    }
    channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
    channels.check(app, [channel], ROLE)
    channels.download(app, [channel], ROLE, tmp_path / "input")
    files = [path for path in (tmp_path / "input").rglob("*") if path.is_file()]
    return {str(path.relative_to(tmp_path / "input")): path.read_bytes() for path in files}


def test_it_reduces_augmented_lines_to_the_attributes(app, tmp_path):
    body = b'{"source": "a text", "label": 1, "note": "x"}\n{"source": "more", "label": 0}\n'
    files = augmented(app, tmp_path, body, ["source", "label"])
    assert files["train/lines.manifest"] == (
        b'{"source": "a text", "label": 1}\n{"source": "more", "label": 0}\n'
    )
    assert files["train-manifest"] == body


def test_it_fetches_what_augmented_lines_refer_to(app, tmp_path):
    app.objects.put_bytes("lab", "images/1.png", b"pixels")
    body = b'{"source-ref": "s3://lab/images/1.png", "class": 1}\n'
    files = augmented(app, tmp_path, body, ["source-ref", "class"])
    assert files == {"train/images/1.png": b"pixels", "train-manifest": body}


@pytest.mark.parametrize("body", [b"", b"not json\n", b"[1]\n"])
def test_it_refuses_what_is_no_augmented_manifest(app, tmp_path, body):
    with pytest.raises(channels.NoData):
        augmented(app, tmp_path, body, ["source"])


def test_it_needs_attributes_for_an_augmented_manifest(app, tmp_path):
    with pytest.raises(channels.NoData, match="AttributeNames"):
        augmented(app, tmp_path, b"{}\n", [])
