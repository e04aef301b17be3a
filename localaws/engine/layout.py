"""The /opt/ml directory and the environment of a training container.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from localaws.algorithms import images
from localaws.app import App
from localaws.engine import places, processes
from localaws.engine.channels import inside
from localaws.sagemaker.records import Record

_OPT_ML = PurePosixPath("/opt/ml")
_HOST = "algo-1"
_GROUP = "homogeneousCluster"


def prepare(base: Path, record: Record) -> None:
    """An empty job directory with the configuration files."""
    shutil.rmtree(base, ignore_errors=True)
    config = base / "input" / "config"
    for folder in (
        *(config, base / "input" / "data", base / "model"),
        *(base / "output" / "data", base / "output" / "metrics" / "sagemaker"),
    ):
        folder.mkdir(parents=True)
    for name, content in (
        ("hyperparameters", record.body.get("HyperParameters", {})),
        ("inputdataconfig", {c["ChannelName"]: _channel(record, c) for c in channels(record)}),
        ("resourceconfig", _resources(record)),
    ):
        (config / f"{name}.json").write_text(json.dumps(content))
    if (place := checkpoints(base, record)) is not None:
        place.mkdir(parents=True, exist_ok=True)
        content = record.body["CheckpointConfig"] | {"LocalPath": str(place)}
        (config / "checkpointconfig.json").write_text(json.dumps(content))


def command(base: Path, record: Record) -> None:
    """For a job with an entrypoint: the command, and the code in its channels, made to fit."""
    given = record.body["AlgorithmSpecification"]
    if "ContainerEntrypoint" in given:
        asked = [*given["ContainerEntrypoint"], *given.get("ContainerArguments", [])]
        text = places.moved(json.dumps(asked).encode(), base)
        (base / "command.json").write_bytes(text)
        places.adapt(base / "input" / "data", base)


def checkpoints(base: Path, record: Record) -> Path | None:
    """The folder for LocalPath, which is below /opt/ml or is put there; None without a config."""
    if "CheckpointConfig" not in record.body:
        return None
    given = PurePosixPath(record.body["CheckpointConfig"].get("LocalPath") or "checkpoints")
    path = given.relative_to(_OPT_ML) if given.is_relative_to(_OPT_ML) else given
    return inside(base, path.as_posix())


def channels(record: Record) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = record.body.get("InputDataConfig", [])
    return found


def _channel(record: Record, channel: dict[str, Any]) -> dict[str, str]:
    source = channel["DataSource"].get("S3DataSource", {})
    specification = record.body["AlgorithmSpecification"]
    config = {
        "TrainingInputMode": channel.get("InputMode", specification["TrainingInputMode"]),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    if "ContentType" in channel:
        config["ContentType"] = channel["ContentType"]
    return config


def _resources(record: Record) -> dict[str, Any]:
    """One host, however many instances were asked for."""
    kind = record.body.get("ResourceConfig", {}).get("InstanceType", "ml.m5.large")
    group = {"instance_group_name": _GROUP, "instance_type": kind, "hosts": [_HOST]}
    return {
        "current_host": _HOST,
        "hosts": [_HOST],
        "network_interface_name": "lo",
        "current_instance_type": kind,
        "current_group_name": _GROUP,
        "instance_groups": [group],
    }


def remarks(record: Record) -> list[str]:
    """Log lines that say what is not as it was asked for."""
    resources = record.body.get("ResourceConfig", {})
    groups = resources.get("InstanceGroups", [resources])
    count = sum(group.get("InstanceCount", 1) for group in groups)
    if count == 1:
        return []
    lines = [f"localaws runs this job on one host, {_HOST}, instead of {count} instances."]
    for channel in channels(record):
        if _channel(record, channel)["S3DistributionType"] == "ShardedByS3Key":
            name = channel["ChannelName"]
            lines.append(f"{_HOST} has all objects of the ShardedByS3Key channel {name}.")
    return lines


def environment(app: App, record: Record, base: Path, threads: int) -> dict[str, str]:
    """The request's Environment, overlaid with what the container contract fixes."""
    names = [channel["ChannelName"] for channel in channels(record)]
    data = base / "input" / "data"
    fixed = {
        "TRAINING_JOB_NAME": record.name,
        "TRAINING_JOB_ARN": record.arn,
        "AWS_REGION": app.region,
        "AWS_DEFAULT_REGION": app.region,
        "SAGEMAKER_METRICS_DIRECTORY": str(base / "output" / "metrics" / "sagemaker"),
        "SAGEMAKER_DATA_PATH": str(base),
        "SM_MODEL_DIR": str(base / "model"),
        "SM_OUTPUT_DIR": str(base / "output"),
        "SM_OUTPUT_DATA_DIR": str(base / "output" / "data"),
        "SM_INPUT_DIR": str(base / "input"),
        "SM_INPUT_CONFIG_DIR": str(base / "input" / "config"),
        "SM_CHANNELS": json.dumps(sorted(names)),
        "SM_HPS": json.dumps(record.body.get("HyperParameters", {})),
        "SM_HOSTS": json.dumps([_HOST]),
        "SM_CURRENT_HOST": _HOST,
        "SM_NUM_CPUS": str(threads),
        "SM_NUM_GPUS": "0",
        "LOCALAWS_IMAGE_TAG": images.tag(record.body["AlgorithmSpecification"]["TrainingImage"]),
    }
    paths = {f"SM_CHANNEL_{name.upper()}": str(data / name) for name in names}
    asked: dict[str, str] = record.body.get("Environment", {})
    return asked | fixed | paths | processes.threads(threads)
