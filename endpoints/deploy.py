"""Deploying: model, then endpoint config, then endpoint; each step may be repeated."""

import logging
from datetime import datetime

from django.db import transaction

from aws import naming, sagemaker
from aws.errors import AwsError, NotFound, Unknown
from aws.types import EndpointConfigSpec, VariantSpec
from core import audit, failpoints, states
from core.access import Actor
from core.errors import InvalidFields
from core.models import Role
from endpoints import cost, register, serving, sizing
from endpoints.errors import NotDeployable
from endpoints.models import Endpoint, RegisteredModel
from endpoints.ownership import ForeignName, create_or_adopt, tags
from jobs.models import TrainingJob
from jobs.prices import Book

Status = Endpoint.Status
VARIANT = "AllTraffic"
PATIENCE = 6  # attempts, about a minute with their pauses
log = logging.getLogger(__name__)


class _NotYet(Exception):
    """The step before has to finish first; the row waits."""


def request(  # noqa: PLR0913  # a deploy has this many independent choices
    who: Actor,
    *,
    job: TrainingJob | None = None,
    model: RegisteredModel | None = None,
    instance_type: str,
    instance_count: int,
    name: str = "",
    is_sample: bool = False,
) -> Endpoint:
    """A Requested endpoint for a job's model or for a model.

    InvalidFields names what is wrong; NotDeployable when there is nothing to serve.
    """
    who.need(Role.MEMBER)
    check(
        job=job, model=model, instance_type=instance_type, instance_count=instance_count, name=name
    )
    with transaction.atomic():
        model = _locked(model or register.from_job(who, _given(job), instance_type=instance_type))
        if problem := serving.wrong_machine(model.image, instance_type):
            raise InvalidFields({"instance_type": [problem]})
        endpoint = Endpoint(
            workspace=model.workspace,
            created_by=who.user,
            name=name.strip() or model.name,
            status=Status.REQUESTED,
            model=model,
            instance_type=instance_type,
            instance_count=instance_count,
            hourly_cost=cost.hourly(instance_type, instance_count, Book(model.workspace.region)),
            is_sample=is_sample,
        )
        endpoint.aws_name = naming.endpoint(endpoint.name, endpoint.uid)
        endpoint.config_name = naming.endpoint_config(endpoint.name, endpoint.uid)
        endpoint.variants = [_variant(endpoint, model)]
        endpoint.save()
        audit.note(who, "endpoint.create", endpoint, instance_type=instance_type, model=model.uid)
    return endpoint


def check(
    *,
    job: TrainingJob | None = None,
    model: RegisteredModel | None = None,
    instance_type: str,
    instance_count: int,
    name: str = "",
) -> None:
    """Everything that can be refused without asking AWS."""
    errors = sizing.problems(instance_type=instance_type, instance_count=instance_count, name=name)
    if (job is None) == (model is None):
        errors["job"] = ["Name a job or a model, one of the two."]
    if errors:
        raise InvalidFields(errors)
    if job is not None:
        register.check(job)
    if model is not None and model.is_finished:
        raise NotDeployable(f"The model {model.name} is {model.status}.")


def submit(endpoint: Endpoint, now: datetime) -> None:
    """Take a Requested endpoint to Creating at AWS; it may run twice, and after a crash anywhere.

    Ends Creating, or Rejected with what it left at AWS in `leftovers` for `delete.advance`, or
    stays Requested with a later `next_check_at`.
    """
    if endpoint.status != Status.REQUESTED or endpoint.delete_requested_at:
        return
    try:
        model = _registered(endpoint, now)
        _create_config(endpoint, model)
        failpoints.reach("endpoints.submit.after_config")
        arn = _create_endpoint(endpoint)
    except (ForeignName, NotDeployable) as error:
        _reject(endpoint, str(error))
    except _NotYet:
        states.postpone(endpoint, now=now)
    except NotFound as error:
        _wait_or_reject(endpoint, error, now)
    except AwsError as error:
        _after_trouble(endpoint, error, now)
    else:
        failpoints.reach("endpoints.submit.after_create")
        states.advance(endpoint, frm=Status.REQUESTED, to=Status.CREATING, arn=arn)


def _registered(endpoint: Endpoint, now: datetime) -> RegisteredModel:
    model = endpoint.model
    if model is None:
        raise NotDeployable("It names no model.")
    if model.status == RegisteredModel.Status.REQUESTED:
        register.submit(model, now)
        model.refresh_from_db()
    if model.status == RegisteredModel.Status.REQUESTED:
        raise _NotYet
    if model.is_finished:
        raise NotDeployable(model.failure_reason or f"The model {model.name} is {model.status}.")
    return model


def _create_config(endpoint: Endpoint, model: RegisteredModel) -> None:
    account = endpoint.workspace.account
    variant = VariantSpec(
        model=model.aws_name,
        instance_type=endpoint.instance_type,
        instance_count=endpoint.instance_count,
        name=VARIANT,
    )
    spec = EndpointConfigSpec(name=endpoint.config_name, variants=(variant,), tags=tags(endpoint))
    create_or_adopt(
        endpoint,
        lambda: sagemaker.create_endpoint_config(account, spec),
        lambda: sagemaker.describe_endpoint_config(account, endpoint.config_name).arn,
        what="endpoint configuration",
    )


def _create_endpoint(endpoint: Endpoint) -> str:
    account, name = endpoint.workspace.account, endpoint.aws_name
    return create_or_adopt(
        endpoint,
        lambda: sagemaker.create_endpoint(account, name, endpoint.config_name, tags=tags(endpoint)),
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
    leftovers = [{"kind": "config", "name": endpoint.config_name, "problem": ""}]
    if endpoint.model is not None and endpoint.model.arn:
        leftovers.append({"kind": "model", "name": endpoint.model.aws_name, "problem": ""})
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


def _locked(model: RegisteredModel) -> RegisteredModel:
    """The model, held against a deletion until this endpoint's row is written."""
    held = RegisteredModel.objects.select_for_update().select_related("workspace").get(pk=model.pk)
    if held.is_finished:
        raise NotDeployable(f"The model {held.name} is {held.status}.")
    return held


def _variant(endpoint: Endpoint, model: RegisteredModel) -> dict[str, object]:
    return {
        "name": VARIANT,
        "model": model.aws_name,
        "instance_type": endpoint.instance_type,
        "instance_count": endpoint.instance_count,
    }
