"""Processing jobs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class ProcessingInput:
    """What lies under `s3_uri` is copied to `path`, below /opt/ml/processing.

    `is_manifest`: `s3_uri` is a list of objects instead. `is_sharded`: each instance gets some of
    the objects, not all.
    """

    name: str
    s3_uri: str
    path: str
    is_manifest: bool = False
    is_sharded: bool = False


@dataclass(frozen=True)
class ProcessingOutput:
    """What is in `path`, below /opt/ml/processing, when the job ends well goes under `s3_uri`."""

    name: str
    s3_uri: str
    path: str


@dataclass(frozen=True, kw_only=True)
class ProcessingJobSpec:
    name: str
    image: str
    role_arn: str
    entrypoint: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    inputs: tuple[ProcessingInput, ...] = ()
    outputs: tuple[ProcessingOutput, ...] = ()
    instance_type: str
    instance_count: int = 1
    volume_gb: int = 30
    max_runtime_seconds: int = 86_400
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ProcessingJob:
    """`exit_message` is what the program left to say, whether it ended well or not."""

    name: str
    arn: str
    status: str
    failure_reason: str
    exit_message: str
    image: str
    instance_type: str
    instance_count: int
    created: datetime
    started: datetime | None
    ended: datetime | None
