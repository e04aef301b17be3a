"""Deploying: model, then endpoint config, then endpoint; each step may be repeated."""

import logging
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from aws import naming, sagemaker
from aws.errors import AwsError, NotFound, Unknown
from aws.types import Asynchronous, DataCapture, EndpointConfigSpec, Serverless, VariantSpec
from core import audit, failpoints, states
from core.access import Actor
from core.errors import InvalidFields
from core.models import Role
from endpoints import mirror, register, scaling, serving, sizing
from endpoints.errors import NotDeployable
from endpoints.idle import SERVERLESS
from endpoints.models import Endpoint, RegisteredModel
from endpoints.ownership import ForeignName, create_or_adopt, tags
from endpoints.sizing import Bounds, Setup, Share, field_of
from jobs.models import TrainingJob
from jobs.prices import Book

Status = Endpoint.Status
REAL_TIME = Setup()
CONFIG_COLUMNS = ("config_name", "variants", "async_config", "data_capture")
PATIENCE = 6  # attempts, about a minute with their pauses
log = logging.getLogger(__name__)


class NotYet(Exception):
    """The step before has to finish first; the row waits."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One variant as asked: a registered model, or the job whose model it is to be."""

    job: TrainingJob | None = None
    model: RegisteredModel | None = None
    share: Share
    name: str = ""

    @property
    def owner(self) -> TrainingJob | RegisteredModel | None:
        return self.job or self.model


def request(  # noqa: PLR0913  # a deploy has this many independent choices
    who: Actor,
    *,
    job: TrainingJob | None = None,
    model: RegisteredModel | None = None,
    instance_type: str = "",
    instance_count: int = 1,
    weight: float = 1.0,
    autoscaling: Bounds | None = None,
    more: Sequence[Part] = (),
    setup: Setup = REAL_TIME,
    name: str = "",
    is_sample: bool = False,
) -> Endpoint:
    """A Requested endpoint for a job's model or for a model, perhaps with `more` variants.

    InvalidFields names what is wrong; NotDeployable when there is nothing to serve.
    """
    who.need(Role.MEMBER)
    share = Share(
        instance_type=instance_type,
        instance_count=instance_count,
        weight=weight,
        scaling=autoscaling,
    )
    parts = (Part(job=job, model=model, share=share), *more)
    setup = sizing.filled(setup, who.workspace.bucket)
    check(who, parts, setup, name=name)
    with transaction.atomic():
        models = hold_models(who, parts)
        check_machines(parts, [model.image for model in models], setup)
        variants = variants_of(parts, [model.aws_name for model in models], setup)
        endpoint = _row(who, models[0], variants, setup, name=name, is_sample=is_sample)
        endpoint.autoscaling = _autoscaling(parts, variants)
        endpoint.save()
        audit.note(
            who, "endpoint.create", endpoint, instance_type=instance_type, model=models[0].uid
        )
    return endpoint


def _row(
    who: Actor,
    model: RegisteredModel,
    variants: list[dict[str, Any]],
    setup: Setup,
    *,
    name: str,
    is_sample: bool,
) -> Endpoint:
    endpoint = Endpoint(
        workspace=model.workspace,
        created_by=who.user,
        name=name.strip() or model.name,
        status=Status.REQUESTED,
        model=model,
        async_config=setup.async_config,
        data_capture=setup.data_capture,
        aws_tags=setup.aws_tags,
        is_sample=is_sample,
        **mirror.sized(variants, Book(model.workspace.region)),
    )
    endpoint.aws_name = naming.endpoint(endpoint.name, endpoint.uid)
    endpoint.config_name = naming.endpoint_config(endpoint.name, endpoint.uid)
    return endpoint


def check(who: Actor, parts: Sequence[Part], setup: Setup, *, name: str = "") -> None:
    """Everything that can be refused without asking AWS."""
    shares = [part.share for part in parts]
    errors = sizing.problems(shares, setup, bucket=who.workspace.bucket, name=name)
    check_sources(who, enumerate(parts), errors)
    if errors:
        raise InvalidFields(errors)
    for part in parts:
        check_source(part.job, part.model)


def check_sources(
    who: Actor, parts: Iterable[tuple[int, Part]], errors: dict[str, list[str]]
) -> None:
    """Add to `errors` where a variant has not one model, or one of another workspace."""
    for index, part in parts:
        where = field_of(index, "source") if index else "job"
        if (part.job is None) == (part.model is None):
            errors[where] = ["Name a job or a model, one of the two."]
        elif part.owner and part.owner.workspace_id != who.workspace.pk:
            errors[where] = ["It belongs to another workspace."]


def check_source(job: TrainingJob | None, model: RegisteredModel | None) -> None:
    """NotDeployable when there is nothing to serve."""
    if job is not None:
        register.check(job)
    if model is not None and model.is_finished:
        raise NotDeployable(f"The model {model.name} is {model.status}.")


def hold_models(who: Actor, parts: Sequence[Part]) -> list[RegisteredModel]:
    """The model of each variant, held against a deletion until this transaction ends."""
    found = [
        part.model
        or register.from_job(who, _given(part.job), instance_type=part.share.instance_type)
        for part in parts
    ]
    held = {pk: _locked(pk) for pk in sorted(model.pk for model in found)}
    return [held[model.pk] for model in found]


def check_machines(parts: Sequence[Part], images: Sequence[str], setup: Setup) -> None:
    """InvalidFields where a variant's image does not run on its machines."""
    errors = {}
    serverless = setup.kind == SERVERLESS
    for index, (part, image) in enumerate(zip(parts, images, strict=True)):
        machine = "" if serverless else part.share.instance_type
        if problem := serving.wrong_machine(image, machine):
            errors["kind" if serverless else field_of(index, "instance_type")] = [problem]
    if errors:
        raise InvalidFields(errors)


def variants_of(parts: Sequence[Part], models: Sequence[str], setup: Setup) -> list[dict[str, Any]]:
    """The variants as the row keeps them; `models` are their names at AWS."""
    return [
        {
            "name": part.name or _variant_name(index, parts),
            "model": model,
            "instance_type": "" if setup.serverless else part.share.instance_type,
            "instance_count": 0 if setup.serverless else part.share.instance_count,
            "kind": setup.variant_kind,
            "weight": float(part.share.weight),
        }
        | ({"serverless": dict(setup.serverless)} if setup.serverless else {})
        for index, (part, model) in enumerate(zip(parts, models, strict=True))
    ]


def _autoscaling(parts: Sequence[Part], variants: Sequence[dict[str, Any]]) -> scaling.Entries:
    """To be told to AWS once the endpoint serves."""
    pairs = zip(parts, variants, strict=True)
    return scaling.entries(
        {one["name"]: part.share.scaling for part, one in pairs if part.share.scaling}
    )


def submit(endpoint: Endpoint, now: datetime) -> None:
    """Take a Requested endpoint to Creating at AWS; it may run twice, and after a crash anywhere.

    Ends Creating, or Rejected with what it left at AWS in `leftovers` for `delete.advance`, or
    stays Requested with a later `next_check_at`.
    """
    if endpoint.status != Status.REQUESTED or endpoint.delete_requested_at:
        return
    try:
        register_models(endpoint, endpoint.variants, now)
        create_config(endpoint, config_spec(endpoint))
        failpoints.reach("endpoints.submit.after_config")
        arn = _create_endpoint(endpoint)
    except (ForeignName, NotDeployable) as error:
        _reject(endpoint, str(error))
    except NotYet:
        states.postpone(endpoint, now=now)
    except NotFound as error:
        _wait_or_reject(endpoint, error, now)
    except AwsError as error:
        _after_trouble(endpoint, error, now)
    else:
        failpoints.reach("endpoints.submit.after_create")
        states.advance(endpoint, frm=Status.REQUESTED, to=Status.CREATING, arn=arn)


def register_models(endpoint: Endpoint, variants: Sequence[dict[str, Any]], now: datetime) -> None:
    """See that our models of `variants` are at AWS; NotYet while one is not, NotDeployable."""
    models = list(_models(endpoint, variants).select_related("workspace", "job__workspace"))
    if not models and endpoint.status == Status.REQUESTED:
        raise NotDeployable("It names no model.")
    for model in models:
        _register(model, now)


def _models(endpoint: Endpoint, variants: Sequence[dict[str, Any]]) -> QuerySet[RegisteredModel]:
    names = [variant["model"] for variant in variants]
    rows = RegisteredModel.objects.of(endpoint.workspace).filter(aws_name__in=names)
    return rows.order_by("pk")


def _register(model: RegisteredModel, now: datetime) -> None:
    if model.status == RegisteredModel.Status.REQUESTED:
        register.submit(model, now)
        model.refresh_from_db()
    if model.status == RegisteredModel.Status.REQUESTED:
        raise NotYet
    if model.is_finished:
        raise NotDeployable(model.failure_reason or f"The model {model.name} is {model.status}.")


def config_spec(endpoint: Endpoint, **wanted: Any) -> EndpointConfigSpec:
    """The config of what the row says, or of `wanted`: columns of the same names."""
    source = {name: getattr(endpoint, name) for name in CONFIG_COLUMNS} | wanted
    asynchronous, capture = source["async_config"], source["data_capture"]
    kept = {key: one for key, one in endpoint.aws_tags.items() if not key.startswith("aws:")}
    return EndpointConfigSpec(
        name=source["config_name"],
        variants=tuple(_spec(variant) for variant in source["variants"]),
        asynchronous=Asynchronous(**asynchronous) if asynchronous else None,
        capture=DataCapture(**capture) if capture else None,
        kms_key=next((one["kms_key"] for one in source["variants"] if one.get("kms_key")), ""),
        tags=kept | tags(endpoint),
    )


def _spec(variant: dict[str, Any]) -> VariantSpec:
    serverless = variant.get("serverless")
    return VariantSpec(
        model=variant["model"],
        instance_type=variant["instance_type"],
        instance_count=variant["instance_count"],
        name=variant["name"],
        weight=variant.get("weight", 1.0),
        serverless=Serverless(**serverless) if serverless else None,
    )


def create_config(endpoint: Endpoint, spec: EndpointConfigSpec) -> None:
    """Make it, or adopt what an earlier attempt made; ForeignName, AwsError."""
    account = endpoint.workspace.account
    create_or_adopt(
        endpoint,
        lambda: sagemaker.create_endpoint_config(account, spec),
        lambda: sagemaker.describe_endpoint_config(account, spec.name).arn,
        what="endpoint configuration",
    )


def _create_endpoint(endpoint: Endpoint) -> str:
    account, name = endpoint.workspace.account, endpoint.aws_name
    return create_or_adopt(
        endpoint,
        lambda: sagemaker.create_endpoint(
            account, name, endpoint.config_name, tags=endpoint.aws_tags | tags(endpoint)
        ),
        lambda: sagemaker.describe_endpoint(account, name).arn,
        what="endpoint",
    )


def _wait_or_reject(endpoint: Endpoint, error: NotFound, now: datetime) -> None:
    """Just written is not always readable at once: "could not find endpoint configuration"."""
    if endpoint.attempts < PATIENCE:
        states.postpone(endpoint, now=now)
        return
    _reject(endpoint, f"{error.message} It may have been deleted at AWS; deploy again.")
    if endpoint.model is not None:
        register.forget_if_gone(endpoint.model)


def _after_trouble(endpoint: Endpoint, error: AwsError, now: datetime) -> None:
    if error.retryable:
        states.postpone(endpoint, now=now)
        return
    if isinstance(error, Unknown):
        log.error("deploy of endpoint %s failed", endpoint.uid, exc_info=error)
    _reject(endpoint, error.message)


def _reject(endpoint: Endpoint, reason: str) -> None:
    """Nothing more will be built; what may stand already is listed and then cleaned."""
    made = _models(endpoint, endpoint.variants).filter(origin=RegisteredModel.Origin.JOB)
    models = made.exclude(arn="")
    left = [("config", endpoint.config_name), *(("model", one.aws_name) for one in models)]
    leftovers = [{"kind": kind, "name": name, "problem": ""} for kind, name in left]
    states.advance(
        endpoint,
        frm=Status.REQUESTED,
        to=Status.REJECTED,
        failure_reason=reason,
        leftovers=leftovers,
    )


def _given(job: TrainingJob | None) -> TrainingJob:
    if job is None:
        raise InvalidFields({"job": ["Name a job or a model."]})
    return job


def _locked(pk: int) -> RegisteredModel:
    """The model, held against a deletion until this endpoint's row is written."""
    held = RegisteredModel.objects.select_for_update().select_related("workspace").get(pk=pk)
    if held.is_finished:
        raise NotDeployable(f"The model {held.name} is {held.status}.")
    return held


def _variant_name(index: int, parts: Sequence[Part]) -> str:
    """AllTraffic, variant-2, …: the first that is free."""
    taken = {part.name for part in parts}
    wish = sizing.FIRST if index == 0 else f"variant-{index + 1}"
    return wish if wish not in taken else f"{wish}-{secrets.token_hex(3)}"
