"""Deploying over REST."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Schema, Status

from core import access, idempotency
from core.access import Actor
from core.errors import InvalidFields
from core.http import actor_of
from core.models import Role
from core.nudge import nudge
from endpoints import deploy, update
from endpoints.api.fields import EndpointOut, fresh_fields
from endpoints.api.routing import router
from endpoints.api.scaling import Autoscaling
from endpoints.deploy import Part
from endpoints.idle import REAL_TIME
from endpoints.models import Endpoint, RegisteredModel
from endpoints.sizing import Setup, Share, of_row
from endpoints.tasks import advance_update, submit_endpoint
from endpoints.update import Change
from jobs.models import TrainingJob


class OneVariant(Schema):
    """A job (its model is registered on the way) or a model, its machines, its share."""

    job: str | None = None
    model: str | None = None
    instance_type: str = ""
    instance_count: int = 1
    weight: float = 1.0
    autoscaling: Autoscaling | None = None


class Limits(Schema):
    """Of a serverless endpoint."""

    memory_mb: int = 2048
    max_concurrency: int = 5
    provisioned: int = 0


class Queue(Schema):
    """Of an asynchronous endpoint; without `output_uri` a folder of the workspace's bucket."""

    output_uri: str = ""
    failure_uri: str = ""
    max_concurrent: int | None = None


class Capture(Schema):
    """Which part of the requests is recorded; without `uri` in the workspace's bucket."""

    percent: int
    uri: str = ""


class NewEndpoint(OneVariant):
    """The first variant, how all of them answer, and perhaps more variants.

    Messages about `more_variants[0]` are at `more_0_…`.
    """

    name: str = ""
    kind: str = REAL_TIME
    serverless: Limits = Limits()
    asynchronous: Queue = Queue()
    data_capture: Capture | None = None
    aws_tags: dict[str, str] = {}
    more_variants: list[OneVariant] = []


@router.post("/endpoints", response={201: EndpointOut})
def create_endpoint(
    request: HttpRequest,
    wish: NewEndpoint,
    idempotency_key: Header[str] = "",
) -> Status[dict[str, Any]]:
    """`kind` is real-time, asynchronous or serverless."""
    who = actor_of(request)
    first = part_of(who, wish)
    if first.owner:
        who = access.in_workspace_of(who, first.owner)
    more = [part_of(who, variant) for variant in wish.more_variants]
    endpoint, _ = idempotency.once(
        who,
        idempotency_key,
        Endpoint,
        lambda: deploy.request(
            who,
            job=first.job,
            model=first.model,
            instance_type=wish.instance_type,
            instance_count=wish.instance_count,
            weight=wish.weight,
            autoscaling=wish.autoscaling.bounds() if wish.autoscaling else None,
            more=more,
            setup=_setup(wish),
            name=wish.name,
        ),
        content=wish.model_dump_json(),
    )
    nudge(submit_endpoint, endpoint.pk)
    return Status(201, fresh_fields(endpoint))


class ChangedVariant(Schema):
    """A variant as it shall be. What is not told stays as the variant of this name has it."""

    name: str = ""
    job: str | None = None
    model: str | None = None
    instance_type: str | None = None
    instance_count: int | None = None
    weight: float | None = None


class ChangedEndpoint(ChangedVariant):
    """`variants` are all that shall be; without them the only variant there is changes."""

    variants: list[ChangedVariant] | None = None
    serverless: Limits | None = None
    asynchronous: Queue | None = None
    data_capture: Capture | None = None


@router.patch("/endpoints/{uid}", response={202: EndpointOut})
def update_endpoint(
    request: HttpRequest, uid: str, wish: ChangedEndpoint
) -> Status[dict[str, Any]]:
    """Repeatable: asking again for what runs, or is under way, changes nothing."""
    who = actor_of(request)
    endpoint = access.fetch(Endpoint.objects.with_lineage(), who, uid, role=Role.MEMBER)
    who = access.in_workspace_of(who, endpoint)
    asked = wish.variants if wish.variants is not None else [_of_the_only(endpoint, wish)]
    changes = [_change(who, endpoint, one) for one in asked]
    update.request(who, endpoint, changes, _changed_setup(endpoint, wish), timezone.now())
    nudge(advance_update, endpoint.pk)
    return Status(202, fresh_fields(endpoint))


def _of_the_only(endpoint: Endpoint, wish: ChangedEndpoint) -> ChangedVariant:
    if len(endpoint.variants) != 1 and not wish.name:
        raise InvalidFields({"variants": ["Name the variants that shall be."]})
    name = wish.name or endpoint.variants[0]["name"]
    return wish.model_copy(update={"name": name})


def _change(who: Actor, endpoint: Endpoint, wish: ChangedVariant) -> Change:
    running: dict[str, Any] = next(
        (one for one in endpoint.variants if one["name"] == wish.name), {}
    )
    source = {**running, **wish.model_dump(exclude_none=True)}
    told = {
        name: source[name]
        for name in ("instance_type", "instance_count", "weight")
        if name in source
    }
    part = part_of(who, OneVariant(job=wish.job, model=wish.model, **told))
    kept = "" if part.owner else running.get("model", "")
    return Change(part=replace(part, name=wish.name), kept=kept)


def _changed_setup(endpoint: Endpoint, wish: ChangedEndpoint) -> Setup:
    setup = of_row(
        endpoint.variants,
        async_config=endpoint.async_config,
        data_capture=endpoint.data_capture,
        aws_tags=endpoint.aws_tags,
    )
    told: dict[str, Any] = {
        "serverless": wish.serverless,
        "async_config": wish.asynchronous,
        "data_capture": wish.data_capture,
    }
    return replace(setup, **{name: one.model_dump() for name, one in told.items() if one})


def part_of(who: Actor, wish: OneVariant) -> Part:
    """A variant with its rows, which `who` may use; NotFound."""
    share = Share(
        instance_type=wish.instance_type,
        instance_count=wish.instance_count,
        weight=wish.weight,
        scaling=wish.autoscaling.bounds() if wish.autoscaling else None,
    )
    return Part(
        job=access.fetch(_jobs(), who, wish.job, role=Role.MEMBER) if wish.job else None,
        model=access.fetch(_models(), who, wish.model, role=Role.MEMBER) if wish.model else None,
        share=share,
    )


def _setup(wish: NewEndpoint) -> Setup:
    return Setup(
        kind=wish.kind,
        serverless=wish.serverless.model_dump(),
        async_config=wish.asynchronous.model_dump(),
        data_capture=wish.data_capture.model_dump() if wish.data_capture else {},
        aws_tags=wish.aws_tags,
    )


def _jobs() -> QuerySet[TrainingJob]:
    return TrainingJob.objects.select_related("workspace", "preparation")


def _models() -> QuerySet[RegisteredModel]:
    return RegisteredModel.objects.present().select_related("workspace", "job")
