"""One pass over a workspace's endpoints: what changed at AWS, into the rows.

One List a pass; Describe only what the list shows as changed, or what is on the move. AWS's
status words are kept as they are. Endpoints that others made get rows too. A List with a filter
never shows what is gone, so a full one is taken every `CENSUS`, and only a Describe that finds
nothing counts.
"""

import contextlib
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from aws import sagemaker
from aws.clients import Account
from aws.errors import AwsError, NotFound
from aws.types import Endpoint as Seen
from aws.types import EndpointConfig, EndpointSummary, Variant, VariantSpec
from core import health_notes, live, states
from core.models import Heartbeat, Workspace
from endpoints import cost, idle
from endpoints.models import Endpoint, RegisteredModel
from jobs.cursors import ANSWER_SECONDS
from jobs.prices import Book

Status = Endpoint.Status
TROUBLED = frozenset({Status.FAILED, Status.OUT_OF_SERVICE, Status.UPDATE_ROLLBACK_FAILED})
CENSUS = timedelta(seconds=20)
OVERLAP = timedelta(seconds=30)  # AWS does not say whether a filter's boundary itself matches
UNBELIEVED = timedelta(minutes=2)  # a new endpoint may not be readable at once


def look(workspace: Workspace, now: datetime) -> bool:
    """Bring the workspace's rows up to date; never raises because of AWS, it leaves a note.

    False when AWS is away or slows us down: CloudWatch need not be asked now.
    """
    name = health_notes.mirror_name(workspace, "endpoints")
    try:
        _look(workspace, now)
    except AwsError as error:
        health_notes.beat(name, problem=f"{type(error).__name__}: {error.message}", now=now)
        return not error.retryable
    health_notes.beat(name, now=now)
    return True


def account(workspace: Workspace) -> Account:
    """For looks that come again by themselves: asked once, so that no worker waits for long."""
    return replace(workspace.account, answer_within=ANSWER_SECONDS)


def may_be_unreadable(endpoint: Endpoint, now: datetime) -> bool:
    """Whether "not found" proves nothing yet: just created, and never seen at AWS."""
    return (
        endpoint.status != Status.REQUESTED
        and endpoint.aws_created_at is None
        and now - endpoint.status_at < UNBELIEVED
    )


def _look(workspace: Workspace, now: datetime) -> None:
    census = _census_due(workspace, now)
    since = None if census else _cursor(workspace)
    listed = {s.name: s for s in sagemaker.list_endpoints(account(workspace), modified_after=since)}
    rows = {
        row.aws_name: row
        for row in Endpoint.objects.active().of(workspace).select_related("workspace")
    }
    for name, summary in listed.items():
        if name not in rows:
            _discover(workspace, summary)
    for name, row in rows.items():
        if row.status != Status.REQUESTED and _needs_a_look(row, listed.get(name), census=census):
            refresh(row, now)
    if census:
        Heartbeat.objects.update_or_create(name=_census_name(workspace), defaults={"at": now})


def _needs_a_look(row: Endpoint, listed: EndpointSummary | None, *, census: bool) -> bool:
    if row.status not in Endpoint.SETTLED or row.aws_modified_at is None:
        return True
    if row.variants and _unread(row):
        return True
    if listed is None:
        return census
    return (listed.status, listed.modified, listed.created) != (
        row.status,
        row.aws_modified_at,
        row.aws_created_at,
    )


def refresh(row: Endpoint, now: datetime) -> None:
    """Bring one row up to date; raises AwsError."""
    try:
        seen = sagemaker.describe_endpoint(account(row.workspace), row.aws_name)
    except NotFound:
        if not may_be_unreadable(row, now):
            _gone(row, now)
        return
    if row.aws_created_at and seen.created > row.aws_created_at:
        # Somebody deleted it and gave its name away; the next pass finds the new one.
        states.advance(row, frm=row.status, to=Status.DELETED, leftovers=[])
    elif row.aws_modified_at is None or seen.modified >= row.aws_modified_at:
        _apply(row, seen)


def _gone(row: Endpoint, now: datetime) -> None:
    if not (row.delete_requested_at and row.leftovers):
        states.advance(row, frm=row.status, to=Status.DELETED)
    elif any(left["kind"] == "endpoint" for left in row.leftovers):
        # The deletion waits for just this: wake it. Its later steps keep their own pauses.
        Endpoint.objects.filter(pk=row.pk).update(next_check_at=now)


def _apply(row: Endpoint, seen: Seen) -> None:
    status = seen.status[:32]
    found = _facts(row, seen)
    changes = {name: value for name, value in found.items() if getattr(row, name) != value}
    if status != row.status:
        # The deletion keeps its own time; everything else may be looked at now.
        if row.delete_requested_at:
            changes["next_check_at"] = row.next_check_at
        states.advance(row, frm=row.status, to=status, **changes)
    elif changes:
        states.record(row, **changes)


def _facts(row: Endpoint, seen: Seen) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "arn": seen.arn,
        "aws_created_at": seen.created,
        "aws_modified_at": seen.modified,
    }
    told = seen.failure_reason and seen.failure_reason not in row.failure_reason
    if told or (row.status in TROUBLED and seen.status != row.status):
        facts["failure_reason"] = seen.failure_reason
    variants = row.variants
    if seen.config_name and (seen.config_name != row.config_name or _unread(row)):
        facts["config_name"] = seen.config_name
        config = _config(row.workspace, seen.config_name)
        variants = _configured(config)
        facts["model"] = _registered(row.workspace, variants)
        facts |= _settings(config)
    return facts | sized(_counted(variants, seen), Book(row.workspace.region))


def _unread(row: Endpoint) -> bool:
    """Whether the config has to be read, perhaps again: rows of before kinds lack them."""
    return not row.variants or any(not {"kind", "weight"} <= set(one) for one in row.variants)


def sized(variants: list[dict[str, Any]], book: Book) -> dict[str, Any]:
    """The columns of a row with these variants."""
    return {
        "variants": variants,
        "instance_type": str(variants[0]["instance_type"])[:40] if variants else "",
        "instance_count": sum(variant["instance_count"] for variant in variants),
        "hourly_cost": cost.of_variants(variants, book),
    }


def _config(workspace: Workspace, name: str) -> EndpointConfig | None:
    """None when somebody deleted it under the endpoint."""
    try:
        return sagemaker.describe_endpoint_config(account(workspace), name)
    except NotFound:
        return None


def _configured(config: EndpointConfig | None) -> list[dict[str, Any]]:
    if config is None:
        return []
    return [
        {
            "name": variant.name,
            "model": variant.model,
            "instance_type": variant.instance_type,
            "instance_count": variant.instance_count,
            "kind": _kind(variant, is_async=config.is_async),
            "weight": variant.weight,
        }
        | ({"serverless": asdict(variant.serverless)} if variant.serverless else {})
        | ({"is_shadow": True} if variant.is_shadow else {})
        | ({"kms_key": config.kms_key} if config.kms_key else {})
        for variant in config.variants
    ]


def _settings(config: EndpointConfig | None) -> dict[str, Any]:
    if config is None:
        return {}
    return {
        "async_config": asdict(config.asynchronous) if config.asynchronous else {},
        "data_capture": asdict(config.capture) if config.capture else {},
    }


def _kind(variant: VariantSpec, *, is_async: bool) -> str:
    """How its calls are counted and whether it costs anything at rest."""
    if is_async:
        return idle.ASYNC
    if variant.serverless and not variant.serverless.provisioned:
        return idle.SERVERLESS
    return idle.REAL_TIME if variant.model else idle.COMPONENTS


def _counted(variants: list[dict[str, Any]], seen: Seen) -> list[dict[str, Any]]:
    """`variants` with the instances and weights of now; AWS tells once the endpoint stands."""
    if not variants:
        unknown = {"model": "", "instance_type": "", "instance_count": 0}
        variants = [unknown | {"name": running.name} for running in seen.variants]
    running = {variant.name: variant for variant in seen.variants}
    return [one | _current(running.get(one["name"])) for one in variants]


def _current(variant: Variant | None) -> dict[str, Any]:
    if variant is None:
        return {}
    now = {"instance_count": variant.instance_count, "weight": variant.weight}
    return {name: value for name, value in now.items() if value is not None}


def _registered(workspace: Workspace, variants: list[dict[str, Any]]) -> RegisteredModel | None:
    """The model of the first variant that has one of ours."""
    names = [variant["model"] for variant in variants]
    rows = RegisteredModel.objects.of(workspace).registered().filter(aws_name__in=names)
    return min(rows, key=lambda model: names.index(model.aws_name), default=None)


def _discover(workspace: Workspace, summary: EndpointSummary) -> None:
    """A row for an endpoint that a notebook or another tool made."""
    try:
        seen = sagemaker.describe_endpoint(account(workspace), summary.name)
    except NotFound:
        return
    row = Endpoint(workspace=workspace, name=seen.name, aws_name=seen.name, status=seen.status[:32])
    for name, value in _facts(row, seen).items():
        setattr(row, name, value)
    # Another pass may have found it at the same moment: one endpoint a name.
    with contextlib.suppress(IntegrityError), transaction.atomic():
        row.save()
        live.publish(row)


def _cursor(workspace: Workspace) -> datetime | None:
    """AWS's own clock: the newest change that a row knows, less an overlap."""
    newest = Endpoint.objects.of(workspace).aggregate(at=Max("aws_modified_at"))["at"]
    return newest - OVERLAP if newest else None


def _census_name(workspace: Workspace) -> str:
    return f"census:endpoints:{workspace.pk}"


def _census_due(workspace: Workspace, now: datetime) -> bool:
    last = Heartbeat.objects.filter(name=_census_name(workspace)).first()
    return last is None or now - last.at >= CENSUS
