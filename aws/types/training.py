"""Training jobs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class ChannelSpec:
    """One input channel: the objects under `s3_uri` are copied to every instance.

    Those of a `sharded` one are divided among the instances.
    """

    name: str
    s3_uri: str
    content_type: str = ""
    sharded: bool = False


@dataclass(frozen=True, kw_only=True)
class TrainingJobSpec:
    name: str
    image: str
    role_arn: str
    hyperparameters: Mapping[str, str]
    channels: tuple[ChannelSpec, ...]
    output_s3_uri: str
    instance_type: str
    instance_count: int = 1
    volume_gb: int = 30
    max_runtime_seconds: int = 86_400
    # With spot instances the job may wait for them: waiting and running together.
    max_wait_seconds: int | None = None
    use_spot: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    # How AWS finds metrics in the log of an image that is not its own: name -> regular expression.
    metric_definitions: Mapping[str, str] = field(default_factory=dict)
    # Of an image of one's own: what is started in it, instead of what it starts by itself.
    entrypoint: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Transition:
    """A stretch of a job's life; `end` is None while it lasts."""

    status: str
    start: datetime
    end: datetime | None
    message: str


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """`metrics` holds the final value of each metric; `billable_seconds` is per instance."""

    name: str
    arn: str
    status: str
    secondary_status: str
    transitions: tuple[Transition, ...]
    failure_reason: str
    artifact: str
    metrics: Mapping[str, float]
    hyperparameters: Mapping[str, str]
    image: str
    instance_type: str
    instance_count: int
    created: datetime
    started: datetime | None
    ended: datetime | None
    modified: datetime
    training_seconds: int | None
    billable_seconds: int | None
    role_arn: str = ""
    output_s3_uri: str = ""
    channels: tuple[ChannelSpec, ...] = ()
    use_spot: bool = False
    tuning_job_arn: str = ""
    volume_gb: int = 0
    max_runtime_seconds: int = 0
    max_wait_seconds: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingJobSummary:
    name: str
    arn: str
    status: str
    secondary_status: str
    created: datetime
    modified: datetime
    ended: datetime | None = None
