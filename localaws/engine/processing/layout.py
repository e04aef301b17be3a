"""The /opt/ml of a processing container, in a directory of the job's own.

Paths below /opt/ml are made to name it (see places.py): in entrypoint, arguments, environment and
in the code among the inputs, also inside a sourcedir.tar.gz.

https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html
"""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any

from localaws.algorithms.scripts import requirements
from localaws.app import App
from localaws.engine import channels, places
from localaws.sagemaker.records import Record

ROOT = PurePosixPath("/opt/ml/processing")
_ARCHIVE = "sourcedir.tar.gz"
_HOST = "algo-1"

Members = dict[str, Any]


def is_inside(path: str) -> bool:
    """Whether a LocalPath is one that the service accepts."""
    given = PurePosixPath(path)
    return given.is_relative_to(ROOT) and ".." not in given.parts


def here(base: Path, path: str) -> Path:
    return base / ROOT.name / PurePosixPath(path).relative_to(ROOT)


def prepare(app: App, record: Record, base: Path) -> None:
    """An empty directory with the inputs, the code made to fit, and a place for the outputs.

    Raises NoData and AwsError for what is not in S3, ValueError for what is no safe archive, and
    UserError for requirements that are not installed.
    """
    shutil.rmtree(base, ignore_errors=True)
    for name in ("config", "output", ROOT.name):
        (base / name).mkdir(parents=True)
    for item in record.body.get("ProcessingInputs", []):
        _download(app, item, record.body["RoleArn"], base)
    for item in outputs(record):
        here(base, item["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)
    _adapt(base / ROOT.name, base)
    for name, content in (("processingjob", _job(record)), ("resource", _resources(record))):
        text = places.moved(json.dumps(content).encode(), base)
        (base / "config" / f"{name}config.json").write_bytes(text)


def outputs(record: Record) -> list[Members]:
    found: list[Members] = record.body.get("ProcessingOutputConfig", {}).get("Outputs", [])
    return found


def remarks(record: Record) -> list[str]:
    """Log lines that say what is not as it was asked for."""
    count = record.body["ProcessingResources"]["ClusterConfig"].get("InstanceCount", 1)
    if count == 1:
        return []
    return [f"localaws runs this job on one host, {_HOST}, instead of {count} instances."]


def _download(app: App, item: Members, role: str, base: Path) -> None:
    given = item["S3Input"]
    target = here(base, given["LocalPath"])
    target.mkdir(parents=True, exist_ok=True)
    channel = {
        "ChannelName": target.name,
        "CompressionType": given["S3CompressionType"],
        "DataSource": {
            "S3DataSource": {"S3DataType": given["S3DataType"], "S3Uri": given["S3Uri"]}
        },
    }
    channels.download(app, [channel], role, target.parent)


def _adapt(folder: Path, base: Path) -> None:
    places.adapt(folder, base)
    for path in sorted(folder.rglob(_ARCHIVE)):
        _adapt_archive(path, base)


def _adapt_archive(path: Path, base: Path) -> None:
    """As the SDK's FrameworkProcessor brings it, whose runner would install requirements."""
    unpacked = base / "unpacked"
    try:
        with tarfile.open(path) as archive:
            archive.extractall(unpacked, filter="data")
    except (tarfile.TarError, EOFError) as error:
        raise ValueError(f"{path.name} is not a readable tar archive: {error}") from error
    requirements.check(unpacked)
    (unpacked / "requirements.txt").unlink(missing_ok=True)
    _adapt(unpacked, base)
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        archive.add(unpacked, arcname=".")
    shutil.rmtree(unpacked)


def _job(record: Record) -> Members:
    """processingjobconfig.json, as the container gets it."""
    names = (
        *("ProcessingJobName", "AppSpecification", "Environment", "ProcessingInputs"),
        *("ProcessingOutputConfig", "ProcessingResources", "RoleArn", "StoppingCondition"),
    )
    given = {name: record.body[name] for name in names if name in record.body}
    return {"ProcessingJobArn": record.arn} | given


def _resources(record: Record) -> Members:
    """One host, however many instances were asked for."""
    kind = record.body["ProcessingResources"]["ClusterConfig"].get("InstanceType", "ml.m5.large")
    return {
        "current_host": _HOST,
        "hosts": [_HOST],
        "network_interface_name": "lo",
        "current_instance_type": kind,
    }
