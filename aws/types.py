"""What the gateway takes and hands out.

Times are aware and in UTC. Status words are AWS's own, verbatim: an unknown word is possible. A
text that AWS left out is "", a moment or a number that AWS left out is None.
"""

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
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ParameterRange:
    """What a tuning job may try: `low` to `high` as text, or one of `values` (categorical)."""

    name: str
    kind: str  # integer, continuous or categorical
    low: str = ""
    high: str = ""
    scaling: str = "Auto"
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TuningJobSpec:
    """`trial` describes every trial: its hyperparameters are the static ones, its name unused.

    `direction` is Maximize or Minimize. `warm_start` is IdenticalDataAndAlgorithm or
    TransferLearning with the names of earlier tuning jobs as `parents`, or "".
    """

    name: str
    trial: TrainingJobSpec
    ranges: tuple[ParameterRange, ...]
    objective: str
    direction: str
    strategy: str = "Bayesian"
    max_jobs: int = 9
    max_parallel: int = 3
    early_stopping: bool = False
    seed: int | None = None
    # Hyperband's rounds: the least and the most that a trial trains.
    min_resource: int | None = None
    max_resource: int | None = None
    warm_start: str = ""
    parents: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TuningJob:
    """`counts` are trials by how they stand: Completed, InProgress, RetryableError, …"""

    name: str
    arn: str
    status: str
    failure_reason: str
    strategy: str
    objective: str
    direction: str
    ranges: tuple[ParameterRange, ...]
    hyperparameters: Mapping[str, str]
    image: str
    instance_type: str
    instance_count: int
    max_jobs: int
    max_parallel: int
    counts: Mapping[str, int]
    best_name: str
    best_value: float | None
    created: datetime
    ended: datetime | None
    modified: datetime


@dataclass(frozen=True)
class TuningJobSummary:
    name: str
    arn: str
    status: str
    created: datetime
    modified: datetime


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A training job of a tuning job; `hyperparameters` are the tuned ones."""

    name: str
    arn: str
    status: str
    hyperparameters: Mapping[str, str]
    value: float | None
    created: datetime
    ended: datetime | None


@dataclass(frozen=True)
class TrainingJobSummary:
    name: str
    arn: str
    status: str
    secondary_status: str
    created: datetime
    modified: datetime
    ended: datetime | None = None


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


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """`artifact` is the s3:// URI of a model.tar.gz."""

    name: str
    image: str
    artifact: str
    role_arn: str
    environment: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Model:
    name: str
    arn: str
    image: str
    artifact: str
    role_arn: str
    environment: Mapping[str, str]
    created: datetime


@dataclass(frozen=True)
class ModelSummary:
    name: str
    arn: str
    created: datetime


@dataclass(frozen=True, kw_only=True)
class VariantSpec:
    """`model` is a model's name; the share of traffic is weight / sum of weights."""

    model: str
    instance_type: str
    instance_count: int = 1
    name: str = "AllTraffic"
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class EndpointConfigSpec:
    name: str
    variants: tuple[VariantSpec, ...]
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EndpointConfig:
    name: str
    arn: str
    variants: tuple[VariantSpec, ...]
    created: datetime


@dataclass(frozen=True)
class EndpointConfigSummary:
    name: str
    arn: str
    created: datetime


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A variant as it runs; a number is None where AWS does not say (serverless, creating)."""

    name: str
    weight: float | None = None
    desired_weight: float | None = None
    instance_count: int | None = None
    desired_instance_count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """`variants` is empty while the endpoint is being created."""

    name: str
    arn: str
    status: str
    config_name: str
    failure_reason: str
    created: datetime
    modified: datetime
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True)
class EndpointSummary:
    name: str
    arn: str
    status: str
    created: datetime
    modified: datetime


@dataclass(frozen=True)
class Invocation:
    """`variant` is the one that answered; `latency_ms` is measured here, network included."""

    body: bytes
    content_type: str
    variant: str
    latency_ms: float


@dataclass(frozen=True)
class LogEvent:
    at: datetime
    message: str


@dataclass(frozen=True)
class LogPage:
    """Hand `next_token` back to read on; it is "" only while nothing was ever logged."""

    events: tuple[LogEvent, ...] = ()
    next_token: str = ""


@dataclass(frozen=True)
class MetricQuery:
    """One series: `period` in seconds; `statistic` such as Average, Sum, Maximum, p99."""

    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    period: int
    statistic: str


@dataclass(frozen=True)
class Point:
    at: datetime
    value: float


@dataclass(frozen=True)
class Identity:
    account_id: str
    arn: str


@dataclass(frozen=True)
class ObjectHead:
    """`size` in bytes; `etag` without its quotes."""

    size: int
    etag: str
    modified: datetime
    content_type: str


@dataclass(frozen=True)
class ObjectSummary:
    key: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True)
class Part:
    """An uploaded part of a multipart upload; numbers count from 1."""

    number: int
    etag: str
    size: int
