"""Deleting a model that nothing uses: marked first, so that no deploy takes it, then at AWS.

A Deleted row with an ARN is one that AWS may still have: the ARN goes when AWS has forgotten it.
"""

from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet

from aws import sagemaker
from aws.clients import Account
from aws.errors import AwsError, NotFound
from core import audit, states
from core.access import Actor
from core.errors import Conflict, StillInUse, Unavailable
from core.models import Role
from endpoints.models import Endpoint, RegisteredModel

MOST_CONFIGS = 200  # that are younger than the model; with more nobody can wait for the answer
Status, Origin = RegisteredModel.Status, RegisteredModel.Origin


def users(model: RegisteredModel) -> list[Endpoint]:
    """The endpoints that serve it now, or are about to."""
    rows = Endpoint.objects.active().of(model.workspace).order_by("name")
    lean = rows.only("uid", "name", "status", "model_id", "variants", "wanted")
    return [row for row in lean if row.model_id == model.pk or _names(row, model.aws_name)]


def problem(model: RegisteredModel) -> str:
    """Why it may not be deleted, as far as the rows tell; "" when it may."""
    if model.origin == Origin.OUTSIDE:
        return "It was made outside mlconsole, which only looks at it."
    if model.status == Status.DELETED:
        return "It is deleted already."
    used_by = ", ".join(row.name for row in users(model)[:5])
    return f"In use by {used_by}." if used_by else ""


def request(who: Actor, model: RegisteredModel) -> None:
    """Mark the model Deleted: nudge `unregister_model`. Asked again it changes nothing.

    StillInUse while an endpoint or a configuration names it; Unavailable when AWS does not say.
    """
    who.need(Role.MEMBER)
    if model.status == Status.DELETED:
        return
    _insist(model)
    if model.arn:
        _insist_at_aws(model)
    with transaction.atomic():
        held = RegisteredModel.objects.select_for_update().get(pk=model.pk)
        _insist(held)
        if held.status == Status.REJECTED:
            gone = states.reopen(held, frm={Status.REJECTED}, to=Status.DELETED)
        else:
            gone = states.advance(held, frm=held.status, to=Status.DELETED)
        if gone:
            audit.note(who, "model.delete", held, aws_name=held.aws_name)
    model.refresh_from_db()


def waiting(rows: QuerySet[RegisteredModel]) -> QuerySet[RegisteredModel]:
    """Of `rows` those that AWS has to forget."""
    return rows.filter(status=Status.DELETED).exclude(arn="").exclude(origin=Origin.OUTSIDE)


def advance(model: RegisteredModel, now: datetime) -> None:
    """Have AWS forget the model; repeatable. Its archive stays in S3."""
    try:
        sagemaker.delete_model(model.workspace.account, model.aws_name)
    except NotFound:
        pass
    except AwsError as error:
        if model.failure_reason != error.message:
            states.record(model, failure_reason=error.message)
        states.postpone(model, now=now)
        return
    states.record(model, arn="", failure_reason="")


def _insist(model: RegisteredModel) -> None:
    if model.origin == Origin.OUTSIDE:
        raise Conflict(problem(model))
    if reason := problem(model):
        raise StillInUse(reason, "Delete its endpoints first, or have them serve another model.")


def _insist_at_aws(model: RegisteredModel) -> None:
    try:
        name = _config_at_aws(model.workspace.account, model.aws_name)
    except AwsError as error:
        raise Unavailable("AWS does not say whether it is used.", error.message) from error
    if name:
        text = f"The endpoint configuration {name} names it."
        raise StillInUse(text, "Delete that first; no endpoint of this console uses it.")


def _config_at_aws(account: Account, model_name: str) -> str:
    """The name of a configuration that names the model; "" without one. They are younger than it.

    StillInUse when there are too many to look at.
    """
    try:
        born = sagemaker.describe_model(account, model_name).created
    except NotFound:
        return ""
    for number, config in enumerate(islice(sagemaker.list_endpoint_configs(account), 10_000)):
        if config.created < born:
            return ""
        if number == MOST_CONFIGS:
            text = f"More than {MOST_CONFIGS} configurations are younger than this model."
            raise StillInUse(text, "Delete it with the endpoint that serves it.")
        try:
            found = sagemaker.describe_endpoint_config(account, config.name)
        except NotFound:
            continue
        if model_name in {variant.model for variant in found.variants}:
            return config.name
    return ""


def _names(row: Endpoint, name: str) -> bool:
    variants = [*row.variants, *row.wanted.get("variants", ())]
    return any(variant.get("model") == name for variant in variants)
