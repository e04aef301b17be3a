"""What the API says of endpoints and models."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from ninja import Schema

from endpoints import contents, cost, traffic
from endpoints.columns import Judging
from endpoints.models import Endpoint, RegisteredModel


class Model(Schema):
    """`origin` is job, imported or outside (made by others in the account); `size` in bytes.

    `findings` say what the archive of an imported one looks like.
    """

    id: str
    name: str
    status: str
    origin: str
    job: str | None
    framework: str
    image: str
    artifact: str
    size: int | None
    environment: dict[str, str]
    findings: list[str]
    aws_name: str
    arn: str
    failure_reason: str
    created_at: datetime


class Models(Schema):
    items: list[Model]
    total: int
    page: int
    pages: int


class Idle(Schema):
    verdict: str
    reason: str
    evidence: str


class Leftover(Schema):
    kind: str
    name: str
    problem: str


class EndpointOut(Schema):
    """Costs in US dollars at list prices, a month of 730 hours; None when not known.

    `autoscaling` by variant: {min, max, target}, `pending` while AWS has not been told, `problem`
    when it refused.
    """

    id: str
    name: str
    status: str
    failure_reason: str
    hourly_cost: float | None
    monthly_cost: float | None
    cost_so_far: float | None
    idle: Idle
    instance_type: str
    instance_count: int
    model: str | None
    job: str | None
    variants: list[dict[str, Any]]
    kind: str
    async_config: dict[str, Any]
    data_capture: dict[str, Any]
    autoscaling: dict[str, dict[str, Any]]
    components: list[dict[str, Any]]
    wanted: dict[str, Any]
    aws_name: str
    arn: str
    config_name: str
    delete_requested: bool
    protected_until: datetime | None
    protected_reason: str
    snoozed_until: datetime | None
    leftovers: list[Leftover]
    created_at: datetime
    aws_created_at: datetime | None


SETTINGS = ("variants", "async_config", "data_capture", "autoscaling", "components", "wanted")


class Endpoints(Schema):
    items: list[EndpointOut]
    total: int
    page: int
    pages: int


def endpoint_fields(
    endpoint: Endpoint, now: datetime, judging: Judging | None = None
) -> dict[str, Any]:
    """An endpoint as the API answers it, from a row with its lineage selected."""
    verdict = traffic.judge(endpoint, now, judging or Judging())
    model = endpoint.model
    return {
        "id": endpoint.uid,
        "name": endpoint.name,
        "status": endpoint.status,
        "failure_reason": endpoint.failure_reason,
        "hourly_cost": endpoint.hourly_cost,
        "monthly_cost": cost.projected(endpoint),
        "cost_so_far": cost.so_far(endpoint, now),
        "idle": {
            "verdict": verdict.word,
            "reason": verdict.reason,
            "evidence": verdict.evidence,
        },
        "instance_type": endpoint.instance_type,
        "instance_count": endpoint.instance_count,
        "model": model.uid if model else None,
        "job": model.job.uid if model and model.job else None,
        **{name: getattr(endpoint, name) for name in SETTINGS},
        "kind": endpoint.kind,
        "aws_name": endpoint.aws_name,
        "arn": endpoint.arn,
        "config_name": endpoint.config_name,
        "delete_requested": endpoint.delete_requested_at is not None,
        "protected_until": endpoint.protected_until,
        "protected_reason": endpoint.protected_reason,
        "snoozed_until": endpoint.snoozed_until,
        "leftovers": endpoint.leftovers,
        "created_at": endpoint.created_at,
        "aws_created_at": endpoint.aws_created_at,
    }


def model_fields(model: RegisteredModel) -> dict[str, Any]:
    return {
        "id": model.uid,
        "name": model.name,
        "status": model.status,
        "origin": model.origin,
        "job": model.job.uid if model.job else None,
        "framework": model.framework,
        "image": model.image,
        "artifact": model.artifact,
        "size": model.size,
        "environment": contents.shown(model.environment),
        "findings": model.inspection.get("findings", []),
        "aws_name": model.aws_name,
        "arn": model.arn,
        "failure_reason": model.failure_reason,
        "created_at": model.created_at,
    }


def fresh_fields(endpoint: Endpoint) -> dict[str, Any]:
    row = Endpoint.objects.with_lineage().get(pk=endpoint.pk)
    return endpoint_fields(row, timezone.now())
