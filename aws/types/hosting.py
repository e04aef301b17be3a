"""Models, endpoints, and what they answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


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
    made: Mapping[str, Any] = field(default_factory=dict)
    """What CreateModel takes besides a name to make the same again: containers, network, role."""


@dataclass(frozen=True)
class ModelSummary:
    name: str
    arn: str
    created: datetime


@dataclass(frozen=True)
class Serverless:
    """`provisioned` copies are kept warm, and billed whether or not anybody calls."""

    memory_mb: int
    max_concurrency: int
    provisioned: int = 0


@dataclass(frozen=True, kw_only=True)
class VariantSpec:
    """`model` is a model's name, "" where inference components bring their own; the share of
    traffic is weight / sum of weights. A serverless variant has no instances.
    """

    model: str
    instance_type: str
    instance_count: int = 1
    name: str = "AllTraffic"
    weight: float = 1.0
    serverless: Serverless | None = None
    is_shadow: bool = False  # gets copies of another variant's requests


@dataclass(frozen=True, kw_only=True)
class Asynchronous:
    """Requests wait in a queue, answers go to S3; None leaves the concurrency to AWS."""

    output_uri: str
    failure_uri: str = ""
    max_concurrent: int | None = None  # requests at once per instance


@dataclass(frozen=True, kw_only=True)
class DataCapture:
    """`percent` of the requests and their answers are written below `uri`."""

    percent: int
    uri: str


@dataclass(frozen=True, kw_only=True)
class EndpointConfigSpec:
    name: str
    variants: tuple[VariantSpec, ...]
    asynchronous: Asynchronous | None = None
    capture: DataCapture | None = None
    kms_key: str = ""  # of the storage that instances get
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EndpointConfig:
    name: str
    arn: str
    variants: tuple[VariantSpec, ...]
    created: datetime
    asynchronous: Asynchronous | None = None
    capture: DataCapture | None = None
    kms_key: str = ""

    @property
    def is_async(self) -> bool:
        return self.asynchronous is not None


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


@dataclass(frozen=True)
class Share:
    """What a variant of a serving endpoint is to have from now on."""

    variant: str
    weight: float
    instance_count: int


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
class ScalingBounds:
    """`resource` is endpoint/NAME/variant/NAME."""

    resource: str
    least: int
    most: int


@dataclass(frozen=True)
class ScalingPolicy:
    """`calls` an instance and minute are what it aims at; None where it tracks something else."""

    resource: str
    name: str
    calls: float | None


@dataclass(frozen=True, kw_only=True)
class InferenceComponentSummary:
    name: str
    endpoint: str
    variant: str
    status: str
    modified: datetime


@dataclass(frozen=True, kw_only=True)
class InferenceComponent:
    name: str
    status: str
    model: str
    copies: int | None


@dataclass(frozen=True)
class Invocation:
    """`variant` is the one that answered; `latency_ms` is measured here, network included."""

    body: bytes
    content_type: str
    variant: str
    latency_ms: float
