"""A deleted endpoint comes back: the same variants, from what its deletion kept."""

from datetime import datetime
from typing import Any

from django.db import transaction

from aws import naming
from core import audit
from core.access import Actor
from core.errors import Conflict
from core.models import Role
from endpoints import mirror, register, savings, scaling
from endpoints.models import Endpoint, RegisteredModel
from jobs.prices import Book

Status = Endpoint.Status
Origin = RegisteredModel.Origin
NOT_AGAIN = ("mlconsole:", "aws:")  # tags of the one that is gone, and of AWS itself


def why_not(endpoint: Endpoint) -> str:
    """Why it cannot come back; "" when it can."""
    if endpoint.status != Status.DELETED:
        return f"It is {endpoint.status}, not deleted."
    if why := endpoint.recipe.get("lost"):
        return f"Not all of it can be made again: {why}"
    if not endpoint.recipe.get("variants"):
        return "What it was made of was not kept: it was not deleted from here."
    models = endpoint.recipe["models"]
    gone = [name for name in models if not _can_serve(_row(endpoint, name), models[name])]
    return f"Its model {', '.join(gone)} is gone." if gone else ""


def recreate(who: Actor, endpoint: Endpoint, now: datetime) -> Endpoint:
    """A Requested endpoint with the variants of the deleted one; the one there is, if it is back.

    Conflict says why it cannot come back.
    """
    who.need(Role.MEMBER)
    if why := why_not(endpoint):
        raise Conflict(why)
    with transaction.atomic():
        Endpoint.objects.select_for_update().get(pk=endpoint.pk)  # of two clicks one makes it
        if back := Endpoint.objects.active().filter(recreated_from=endpoint.uid).first():
            return back
        models = {name: _model(who, endpoint, name) for name in endpoint.recipe["models"]}
        made = _made(who, endpoint, models)
        savings.end(endpoint, now)
        audit.note(who, "endpoint.recreate", made, of=endpoint.uid)
    return made


def _made(who: Actor, gone: Endpoint, models: dict[str, RegisteredModel]) -> Endpoint:
    recipe = gone.recipe
    kinds = {variant["name"]: variant.get("kind", "") for variant in gone.variants}
    variants = [_variant(one, models, kinds) for one in recipe["variants"]]
    made = Endpoint(
        workspace=gone.workspace,
        created_by=who.user,
        name=gone.name,
        status=Status.REQUESTED,
        model=models[recipe["variants"][0]["model"]],
        async_config=recipe["async_config"],
        data_capture=recipe["data_capture"],
        autoscaling=scaling.asked_again(recipe.get("autoscaling", {}), ()),
        aws_tags={k: v for k, v in gone.aws_tags.items() if not k.startswith(NOT_AGAIN)},
        recreated_from=gone.uid,
        **mirror.sized(variants, Book(gone.workspace.region)),
    )
    made.aws_name = naming.endpoint(made.name, made.uid)
    made.config_name = naming.endpoint_config(made.name, made.uid)
    made.save()
    return made


def _variant(
    kept: dict[str, Any], models: dict[str, RegisteredModel], kinds: dict[str, str]
) -> dict[str, Any]:
    same = {name: value for name, value in kept.items() if name != "serverless" or value}
    return same | {"model": models[kept["model"]].aws_name, "kind": kinds.get(kept["name"], "")}


def _model(who: Actor, endpoint: Endpoint, name: str) -> RegisteredModel:
    """The model that served, or one made like it when it went with the endpoint."""
    held, told = _row(endpoint, name), endpoint.recipe["models"][name]
    if held is None or (held.is_finished and held.origin == Origin.OUTSIDE):
        return _like(who, endpoint, name, told)
    row = RegisteredModel.objects.select_for_update().get(pk=held.pk)
    if not row.is_finished:
        return row
    if row.job is not None:
        return register.from_job(who, row.job, name=row.name, instance_type=endpoint.instance_type)
    again = RegisteredModel(workspace=row.workspace, created_by=who.user)
    for field in ("name", "origin", "image", "artifact", "framework", "environment", "size"):
        setattr(again, field, getattr(row, field))
    again.inspection = row.inspection
    again.status = RegisteredModel.Status.REQUESTED
    again.aws_name = naming.model(again.name, again.uid)
    again.save()
    audit.note(who, "model.create", again, like=row.uid)
    return again


def _like(who: Actor, endpoint: Endpoint, name: str, told: dict[str, Any]) -> RegisteredModel:
    """One that was made outside and is gone, from what AWS told of it."""
    again = RegisteredModel(
        workspace=endpoint.workspace,
        created_by=who.user,
        name=name,
        origin=Origin.IMPORTED,
        status=RegisteredModel.Status.REQUESTED,
        image=told["image"][:255],
        artifact=told["artifact"][:1024],
    )
    found = f"Made again from what AWS told of {name} when {endpoint.name} was deleted."
    again.inspection = {"members": [], "count": 0, "findings": [found], "made": told["made"]}
    again.aws_name = naming.model(again.name, again.uid)
    again.save()
    audit.note(who, "model.create", again, like=name)
    return again


def _row(endpoint: Endpoint, name: str) -> RegisteredModel | None:
    rows = RegisteredModel.objects.of(endpoint.workspace).filter(aws_name=name)
    return rows.select_related("job__workspace").order_by("-pk").first()


def _can_serve(model: RegisteredModel | None, told: dict[str, Any] | None) -> bool:
    """Whether it is there, or what it was made of is known here."""
    if told and told.get("made"):
        return True
    return model is not None and not (model.is_finished and model.origin == Origin.OUTSIDE)
