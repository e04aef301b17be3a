"""What may be asked of a deploy or an update, before AWS is asked."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from endpoints.idle import ASYNC, REAL_TIME, SERVERLESS
from jobs.machine import Machine
from jobs.machine import problems as machine_problems

# Offered first; any other type that AWS has may be written by hand through the API.
OFFERED = (
    "ml.t2.medium",
    "ml.m5.large",
    "ml.m5.xlarge",
    "ml.m5.2xlarge",
    "ml.m5.4xlarge",
    "ml.c5.large",
    "ml.c5.xlarge",
    "ml.c5.2xlarge",
    "ml.g4dn.xlarge",
    "ml.g5.xlarge",
)
DEFAULT = "ml.m5.large"
MAX_INSTANCES = 20
MAX_CALLS = 1_000_000  # a minute and instance
NAME_LIMIT = 120
VARIANTS = 10  # CreateEndpointConfig's limit
KINDS = (REAL_TIME, ASYNC, SERVERLESS)
MEMORIES = range(1024, 6145, 1024)  # MB
CONCURRENCIES = range(1, 201)
AT_ONCE = range(1, 1001)  # requests of an asynchronous endpoint, per instance
FIRST = "AllTraffic"
_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")
_URI_LIMIT = 512

Errors = dict[str, list[str]]


@dataclass(frozen=True)
class Bounds:
    """Between how many instances a variant scales, and by how many calls an instance and minute.

    `calls` None: something else is tracked, which stays.
    """

    least: int
    most: int
    calls: float | None


@dataclass(frozen=True, kw_only=True)
class Share:
    """One variant's machines and its part of the traffic: weight / sum of weights."""

    instance_type: str = ""
    instance_count: int = 1
    weight: float = 1.0
    scaling: Bounds | None = None


@dataclass(frozen=True, kw_only=True)
class Setup:
    """How all variants answer; the mappings are those of the row's columns.

    `serverless`: {memory_mb, max_concurrency, provisioned}, of a serverless endpoint only.
    """

    kind: str = REAL_TIME
    serverless: Mapping[str, int] = field(default_factory=dict)
    async_config: Mapping[str, Any] = field(default_factory=dict)
    data_capture: Mapping[str, Any] = field(default_factory=dict)
    aws_tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def variant_kind(self) -> str:
        """How calls are counted: copies that are kept warm cost like instances."""
        warm = self.kind == SERVERLESS and self.serverless.get("provisioned")
        return REAL_TIME if warm else self.kind


def filled(setup: Setup, bucket: str) -> Setup:
    """`setup` with what was left to us: where answers and recordings go, what is kept."""
    more: dict[str, Any] = {"serverless": {}, "async_config": {}, "data_capture": {}}
    if setup.kind == SERVERLESS:
        usual = {"memory_mb": MEMORIES[1], "max_concurrency": 5, "provisioned": 0}
        more["serverless"] = usual | dict(setup.serverless)
    if setup.kind == ASYNC:
        usual_async = {"failure_uri": "", "max_concurrent": None}
        more["async_config"] = usual_async | dict(setup.async_config)
        uri = setup.async_config.get("output_uri")
        more["async_config"]["output_uri"] = uri or f"s3://{bucket}/endpoints/answers/"
    if setup.data_capture.get("percent"):
        uri = setup.data_capture.get("uri") or f"s3://{bucket}/endpoints/captured/"
        more["data_capture"] = {"percent": setup.data_capture["percent"], "uri": uri}
    return replace(setup, **more)


def of_row(variants: Sequence[Mapping[str, Any]], **columns: Mapping[str, Any]) -> Setup:
    """The setup of an endpoint's row: its variants and the columns of the same names."""
    serverless: Mapping[str, int] = next(
        (v["serverless"] for v in variants if v.get("serverless")), {}
    )
    kind = SERVERLESS if serverless else ASYNC if columns.get("async_config") else REAL_TIME
    return Setup(kind=kind, serverless=serverless, **columns)


def field_of(index: int, name: str) -> str:
    """The name of the field of a variant: those after the first are "more"."""
    return name if index == 0 else f"more_{index - 1}_{name}"


def problems(
    shares: Sequence[Share],
    setup: Setup,
    *,
    bucket: str,
    name: str = "",
    known: Collection[str] = (),
) -> Errors:
    """Messages by field; empty when the deploy may be tried.

    What is written to S3 stays in `bucket`, or where it goes already: `known`.
    """
    found: Errors = {}
    pairs = [
        *_of_shares(shares, setup),
        *_of_scaling(shares, setup),
        *_of_kind(shares, setup),
        *_of_places(setup, bucket, known),
    ]
    if len(name) > NAME_LIMIT:
        pairs.append(("name", f"At most {NAME_LIMIT} characters."))
    for where, message in pairs:
        found.setdefault(where, []).append(message)
    labelled = Machine(instance_type=DEFAULT, aws_tags=setup.aws_tags)
    return found | machine_problems(labelled)


def scaling_problems(
    bounds: Bounds, *, kind: str, instance_type: str, serverless: bool = False
) -> Errors:
    """Messages by field: why a variant cannot scale so, or at all."""
    found: Errors = {}
    if refused := unscalable(kind, instance_type, serverless=serverless):
        found["scale_max"] = [refused]
        return found
    if not 1 <= bounds.least <= MAX_INSTANCES:
        found["scale_min"] = [f"Between 1 and {MAX_INSTANCES}: AWS keeps one of such endpoints."]
    if not bounds.least <= bounds.most <= MAX_INSTANCES:
        found["scale_max"] = [f"Between {max(bounds.least, 1)} and {MAX_INSTANCES}."]
    if bounds.calls is not None and not 0 < bounds.calls <= MAX_CALLS:
        found["scale_target"] = [f"Above 0, at most {MAX_CALLS:,} calls a minute."]
    return found


def unscalable(kind: str, instance_type: str, *, serverless: bool) -> str:
    """Why such a variant cannot scale; "" when it can."""
    if serverless or kind == SERVERLESS:
        return "A serverless endpoint scales by itself: there are no instances to count."
    if kind == ASYNC:
        return "AWS counts no calls an instance of asynchronous endpoints: they follow their queue."
    if kind != REAL_TIME:
        return "What it runs shares instances, or is not known: that is scaled at AWS."
    if instance_type.startswith("ml.t"):
        return f"AWS does not scale burstable instances such as {instance_type}."
    return ""


def _of_scaling(shares: Sequence[Share], setup: Setup) -> Iterator[tuple[str, str]]:
    for index, share in enumerate(shares):
        if share.scaling is None:
            continue
        found = scaling_problems(share.scaling, kind=setup.kind, instance_type=share.instance_type)
        for name, texts in found.items():
            yield field_of(index, name), texts[0]
        if not found and not share.scaling.least <= share.instance_count <= share.scaling.most:
            yield field_of(index, "instance_count"), "It begins within its bounds of autoscaling."


def _of_shares(shares: Sequence[Share], setup: Setup) -> Iterator[tuple[str, str]]:
    for index, share in enumerate(shares):
        kind = share.instance_type
        if setup.kind != SERVERLESS and (not _TYPE.fullmatch(kind) or len(kind) > 40):
            yield field_of(index, "instance_type"), f"{kind[:40]!r} is not like ml.m5.large."
        if setup.kind != SERVERLESS and not 1 <= share.instance_count <= MAX_INSTANCES:
            yield field_of(index, "instance_count"), f"Between 1 and {MAX_INSTANCES} instances."
        if not 0 <= share.weight <= 100:
            yield field_of(index, "weight"), "Between 0 and 100."
    if not sum(max(share.weight, 0) for share in shares) > 0:
        yield "weight", "One variant at least needs a weight above 0: none would be asked."
    if len(shares) > VARIANTS:
        yield "weight", f"At most {VARIANTS} variants."


def _of_kind(shares: Sequence[Share], setup: Setup) -> Iterator[tuple[str, str]]:
    if setup.kind not in KINDS:
        yield "kind", f"One of {', '.join(KINDS)}."
    if setup.kind == SERVERLESS:
        if len(shares) > 1:
            yield "kind", "A serverless endpoint has one variant at AWS."
        if setup.data_capture:
            yield "capture_percent", "AWS does not record what serverless endpoints answer."
        yield from _of_serverless(setup.serverless)
    at_once = setup.async_config.get("max_concurrent")
    if at_once is not None and at_once not in AT_ONCE:
        yield "max_concurrent", f"Between 1 and {AT_ONCE[-1]:,}."


def _of_serverless(limits: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    if limits["memory_mb"] not in MEMORIES:
        yield "memory_mb", f"One of {', '.join(map(str, MEMORIES))} MB."
    if limits["max_concurrency"] not in CONCURRENCIES:
        yield "max_concurrency", f"Between 1 and {CONCURRENCIES[-1]}."
    if not 0 <= limits["provisioned"] <= CONCURRENCIES[-1]:
        yield "provisioned", f"Between 0 and {CONCURRENCIES[-1]}."
    elif limits["provisioned"] > limits["max_concurrency"]:
        yield "provisioned", "No more copies are kept warm than may answer at once."


def _of_places(setup: Setup, bucket: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    percent = setup.data_capture.get("percent", 1)
    if not 1 <= percent <= 100:
        yield "capture_percent", "Between 1 and 100 percent; empty records nothing."
    places = {
        "output_uri": setup.async_config.get("output_uri"),
        "failure_uri": setup.async_config.get("failure_uri"),
        "capture_uri": setup.data_capture.get("uri"),
    }
    for where, uri in places.items():
        if not uri or uri in known:
            continue
        if not uri.startswith(f"s3://{bucket}/") or len(uri) > _URI_LIMIT:
            yield where, f"It stays in this workspace's bucket: s3://{bucket}/…"
