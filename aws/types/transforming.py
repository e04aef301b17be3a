"""Batch transform jobs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class TransformJobSpec:
    """Each object under `input_uri` is read line by line; its answers go to `<its name>.out` under
    `output_uri`, a line after the other.
    """

    name: str
    model: str
    input_uri: str
    output_uri: str
    content_type: str
    accept: str
    instance_type: str
    instance_count: int = 1
    max_payload_mb: int = 6
    max_concurrent: int | None = None  # None leaves it to the container
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TransformJob:
    name: str
    arn: str
    status: str
    failure_reason: str
    model: str
    instance_type: str
    instance_count: int
    created: datetime
    started: datetime | None
    ended: datetime | None
