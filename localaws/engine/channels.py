"""Input channels: from S3 to files, as the File input mode lays them out."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from localaws.app import App
from localaws.errors import AwsError


class NoData(Exception):
    """A channel has nothing to read; the text is the service's."""


def split(uri: str) -> tuple[str, str]:
    """`s3://bucket/some/key` -> (`bucket`, `some/key`)."""
    bucket, _, key = uri.partition("://")[2].partition("/")
    return bucket, key


def check(app: App, channels: list[dict[str, Any]], role: str) -> None:
    """Raises NoData when a channel finds no object."""
    for channel in channels:
        if _is_augmented(channel):
            _augmented(app, channel, role)
        else:
            list(objects(app, channel, role))


def download(app: App, channels: list[dict[str, Any]], role: str, folder: Path) -> None:
    """Each channel to `folder/<name>`. Raises NoData, and AwsError when an object vanishes."""
    for channel in channels:
        target = folder / channel["ChannelName"]
        target.mkdir(parents=True, exist_ok=True)
        if _is_augmented(channel):
            _download_augmented(app, channel, role, target)
            continue
        zipped = channel.get("CompressionType") == "Gzip"
        for bucket, key, path in objects(app, channel, role):
            fetch(app, bucket, key, inside(target, path), zipped=zipped)


def _is_augmented(channel: dict[str, Any]) -> bool:
    source = channel.get("DataSource", {}).get("S3DataSource", {})
    return bool(source.get("S3DataType") == "AugmentedManifestFile")


def _augmented(app: App, channel: dict[str, Any], role: str) -> list[dict[str, Any]]:
    """The lines of an augmented manifest. Raises NoData when it is missing or is none."""
    source = channel["DataSource"]["S3DataSource"]
    try:
        with app.objects.open(*split(source["S3Uri"])) as file:
            lines = [json.loads(line) for line in file if line.strip()]
    except AwsError:
        raise _nothing(app, source["S3Uri"], role) from None
    except ValueError as error:
        raise NoData(f"The manifest {source['S3Uri']} cannot be read: {error}") from error
    if not source.get("AttributeNames"):
        raise NoData("AttributeNames are required for an AugmentedManifestFile.")
    if not lines or not all(isinstance(line, dict) for line in lines):
        raise NoData(f"The manifest {source['S3Uri']} must hold one JSON object per line.")
    return lines


def _download_augmented(app: App, channel: dict[str, Any], role: str, target: Path) -> None:
    """`<channel>-manifest` whole; in the channel what `…-ref` attributes point at, and where there
    are none the lines themselves, reduced to AttributeNames.
    """
    source, lines = channel["DataSource"]["S3DataSource"], _augmented(app, channel, role)
    whole = "".join(json.dumps(line) + "\n" for line in lines)
    target.with_name(f"{channel['ChannelName']}-manifest").write_text(whole)
    names = source["AttributeNames"]
    references = [line[n] for line in lines for n in names if n.endswith("-ref") and n in line]
    for uri in dict.fromkeys(references):
        bucket, key = split(uri)
        fetch(app, bucket, key, inside(target, key), zipped=False)
    if not references:
        chosen = [{name: line[name] for name in names if name in line} for line in lines]
        name = source["S3Uri"].rpartition("/")[2]
        inside(target, name).write_text("".join(json.dumps(line) + "\n" for line in chosen))


def fetch(app: App, bucket: str, key: str, target: Path, *, zipped: bool) -> None:
    """Raises AwsError without the object."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with app.objects.open(bucket, key) as source, target.open("wb") as file:
        if zipped:
            with gzip.open(source) as plain:
                shutil.copyfileobj(plain, file)
        else:
            shutil.copyfileobj(source, file, 1 << 20)


def inside(folder: Path, path: str) -> Path:
    """A key may hold `..`; it never leaves the channel."""
    parts = [part for part in PurePosixPath(path).parts if part not in {"..", "/"}]
    return folder.joinpath(*parts)


def objects(app: App, channel: dict[str, Any], role: str) -> Iterator[tuple[str, str, str]]:
    """(bucket, key, path below the channel) of every object that has bytes. Raises NoData."""
    source = channel.get("DataSource", {}).get("S3DataSource")
    if source is None:
        raise NoData(f"Channel {channel['ChannelName']}: localaws reads S3DataSource only.")
    found = 0
    for item in _named(app, source):
        found += 1
        yield item
    if not found:
        raise _nothing(app, source["S3Uri"], role)


def _named(app: App, source: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    bucket, prefix = split(source["S3Uri"])
    if source["S3DataType"] == "S3Prefix":
        yield from _below(app, bucket, prefix)
    elif source["S3DataType"] == "ManifestFile":
        yield from _manifest(app, bucket, prefix)
    else:
        raise NoData(f"S3DataType {source['S3DataType']} is not available in localaws.")


def _below(app: App, bucket: str, prefix: str) -> Iterator[tuple[str, str, str]]:
    """Zero-length keys are the folders of S3 browsers. A single object keeps its base name."""
    try:
        listed = app.objects.list(bucket, prefix)
    except AwsError:
        return
    folder = prefix[: prefix.rfind("/") + 1]
    for item in listed:
        if item.size:
            rest = item.key.removeprefix(prefix).lstrip("/")
            whole = item.key.removeprefix(folder)
            yield bucket, item.key, rest if item.key.startswith(f"{prefix.rstrip('/')}/") else whole


def _manifest(app: App, bucket: str, key: str) -> Iterator[tuple[str, str, str]]:
    """`[{"prefix": "s3://bucket/path/"}, "file", …]`. Raises NoData when it is not that."""
    try:
        with app.objects.open(bucket, key) as file:
            head, *names = json.load(file)
        start = head["prefix"]
        places = [(*split(start + name), name) for name in names]
    except AwsError:
        return
    except (ValueError, TypeError, KeyError) as error:
        raise NoData(f"The manifest s3://{bucket}/{key} cannot be read: {error!r}") from error
    yield from places


def _nothing(app: App, uri: str, role: str) -> NoData:
    return NoData(
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that '
        f"the bucket exists in the selected region ({app.region}), that objects exist under that "
        f'S3 prefix, and that the role "{role}" has "s3:ListBucket" permissions on bucket '
        f'"{split(uri)[0]}".'
    )
