"""Updating what serves without a failed request: a new config, then UpdateEndpoint.

What it shall become stands in `wanted` until AWS is done; where the update is follows from what AWS
shows, so every step may be repeated, also after a crash. The config that no longer serves stands in
`past_configs` until it is deleted. Weights and counts alone need no new config.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from aws import naming, sagemaker
from aws.errors import AwsError, NotFound, WrongState
from aws.types import Share as Asked
from core import audit, failpoints, live, states
from core.access import Actor
from core.errors import Conflict, InvalidFields
from core.models import AuditEvent, Role
from endpoints import deploy, mirror, sizing
from endpoints.deploy import PATIENCE, NotYet, Part
from endpoints.errors import NotDeployable
from endpoints.models import Endpoint, RegisteredModel
from endpoints.ownership import ForeignName, is_ours
from endpoints.sizing import Setup, Share

Status = Endpoint.Status
ASKED = ("variants", "async_config", "data_capture")
SHARES = ("instance_count", "weight")
ON_THE_MOVE = frozenset(
    {Status.UPDATING, Status.SYSTEM_UPDATING, Status.ROLLING_BACK, Status.DELETING}
)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One variant as it shall be; `part` without job and model keeps the model called `kept`."""

    part: Part
    kept: str = ""


def request(
    who: Actor, endpoint: Endpoint, changes: Sequence[Change], setup: Setup, now: datetime
) -> bool:
    """Ask for the update; False when the endpoint is, or is just becoming, what is asked for.

    Raises InvalidFields, NotDeployable, and Conflict while it is not InService.
    """
    who.need(Role.MEMBER)
    setup = sizing.filled(setup, endpoint.workspace.bucket)
    _check(who, endpoint, changes, setup)
    with transaction.atomic():
        held = Endpoint.objects.select_for_update().select_related("workspace").get(pk=endpoint.pk)
        wanted = _wanted(who, held, changes, setup)
        if _same(wanted, held.wanted) or (not held.wanted and _same(wanted, _present(held))):
            return False
        _insist(held)
        held.revision += 1
        key = f"{held.uid}r{held.revision}"
        wanted["config_name"] = naming.endpoint_config(held.name, key)
        wanted["by_shares"] = _by_shares(held, wanted)
        wanted["old_config"] = held.config_name
        Endpoint.objects.filter(pk=held.pk).update(
            wanted=wanted, revision=held.revision, failure_reason="", next_check_at=now, attempts=0
        )
        _note(who, held, AuditEvent.Phase.INTENT, variants=wanted["variants"])
        live.publish(held)
    endpoint.refresh_from_db()
    return True


def advance(endpoint: Endpoint, now: datetime) -> None:
    """Take the update, and the deletion of the config before it, as far as it goes now."""
    if not endpoint.wanted:
        _clean(endpoint, now)
        return
    try:
        if not endpoint.is_finished:
            mirror.refresh(endpoint, now)
            endpoint.refresh_from_db()
        if endpoint.wanted:
            _step(endpoint, now)
    except (ForeignName, NotDeployable) as error:
        _end(endpoint, now, f"Not updated: {error}")
    except (NotYet, WrongState):
        states.postpone(endpoint, now=now)
    except AwsError as error:
        patient = isinstance(error, NotFound) and endpoint.attempts < PATIENCE
        if error.retryable or patient:
            states.postpone(endpoint, now=now)
        else:
            _end(endpoint, now, f"Not updated: {error.message}")


def refusal(endpoint: Endpoint) -> str:
    """Why the endpoint cannot be updated now; "" when it can."""
    if endpoint.delete_requested_at:
        return f"{endpoint.name} is being deleted."
    if endpoint.wanted:
        return f"An update of {endpoint.name} is under way."
    if endpoint.status != Status.IN_SERVICE:
        return f"{endpoint.name} is {endpoint.status}: only one that is InService can be updated."
    if not endpoint.variants or not all(one.get("model") for one in endpoint.variants):
        return f"What {endpoint.name} runs is not known here."
    if any(one.get("is_shadow") for one in endpoint.variants):
        return f"{endpoint.name} has shadow variants, which an update here would lose."
    return ""


def _insist(endpoint: Endpoint) -> None:
    if problem := refusal(endpoint):
        raise Conflict(problem)


def _check(who: Actor, endpoint: Endpoint, changes: Sequence[Change], setup: Setup) -> None:
    if not changes:
        raise InvalidFields({"variants": ["An endpoint has one variant at least."]})
    present = sizing.of_row(
        endpoint.variants, async_config=endpoint.async_config, data_capture=endpoint.data_capture
    )
    places = {present.async_config.get(one) for one in ("output_uri", "failure_uri")}
    errors = sizing.problems(
        [change.part.share for change in changes],
        setup,
        bucket=endpoint.workspace.bucket,
        known={*filter(None, places), present.data_capture.get("uri", "")},
    )
    if setup.kind != present.kind:
        errors["kind"] = [f"It stays {present.kind}: AWS does not change that. Deploy another."]
    fresh = [(index, one.part) for index, one in enumerate(changes) if not one.kept]
    deploy.check_sources(who, fresh, errors)
    _check_scaling(endpoint, changes, errors)
    if errors:
        raise InvalidFields(errors)
    for _, part in fresh:
        deploy.check_source(part.job, part.model)


def _check_scaling(
    endpoint: Endpoint, changes: Sequence[Change], errors: dict[str, list[str]]
) -> None:
    """AWS refuses another instance type for what scales, or its end; counts stay in the bounds."""
    types = {variant["name"]: variant["instance_type"] for variant in endpoint.variants}
    told = {change.part.name: index for index, change in enumerate(changes)}
    for variant, entry in endpoint.autoscaling.items():
        if variant not in told:
            errors["variants"] = [f"{variant} scales: end its autoscaling first."]
            continue
        index = told[variant]
        share = changes[index].part.share
        if share.instance_type != types.get(variant, share.instance_type):
            where = sizing.field_of(index, "instance_type")
            errors[where] = [
                "It scales, and AWS keeps its type meanwhile: end its autoscaling first."
            ]
        if not entry["min"] <= share.instance_count <= entry["max"]:
            where = sizing.field_of(index, "instance_count")
            errors[where] = [f"It scales between {entry['min']} and {entry['max']} instances."]


def _wanted(
    who: Actor, endpoint: Endpoint, changes: Sequence[Change], setup: Setup
) -> dict[str, Any]:
    fresh = [change.part for change in changes if not change.kept]
    names = iter([model.aws_name for model in deploy.hold_models(who, fresh)])
    models = [change.kept or next(names) for change in changes]
    parts = [change.part for change in changes]
    deploy.check_machines(parts, _images(endpoint, models), setup)
    keys = {name: one[name] for one in endpoint.variants for name in ("kms_key",) if name in one}
    return {
        "variants": [one | keys for one in deploy.variants_of(parts, models, setup)],
        "async_config": dict(setup.async_config),
        "data_capture": dict(setup.data_capture),
    }


def _images(endpoint: Endpoint, models: Sequence[str]) -> list[str]:
    """Of each model; "" of one that was made outside."""
    rows = RegisteredModel.objects.of(endpoint.workspace).filter(aws_name__in=models)
    images = dict(rows.values_list("aws_name", "image"))
    return [images.get(name, "") for name in models]


def _present(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in ASKED}


def _same(wanted: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(other) and all(wanted[name] == other.get(name) for name in ASKED)


def _by_shares(endpoint: Endpoint, wanted: Mapping[str, Any]) -> bool:
    """Whether only weights and counts change, which AWS does on what serves already."""

    def rest(variants: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{key: one[key] for key in one.keys() - set(SHARES)} for one in variants]

    settings = all(wanted[name] == getattr(endpoint, name) for name in ASKED[1:])
    serverless = any(one.get("serverless") for one in wanted["variants"])
    return settings and not serverless and rest(wanted["variants"]) == rest(endpoint.variants)


def _step(endpoint: Endpoint, now: datetime) -> None:
    """Where the update is, by what AWS shows."""
    if endpoint.status in ON_THE_MOVE:
        states.postpone(endpoint, now=now)
    elif endpoint.is_finished:
        _end(endpoint, now, "")
    elif endpoint.status != Status.IN_SERVICE:
        _end(endpoint, now, f"Not updated: {endpoint.failure_reason or endpoint.status}")
    elif _reached(endpoint):
        _end(endpoint, now, "", done=True)
    elif endpoint.wanted.get("sent"):
        _see_what_became_of_it(endpoint, now)
    elif problem := _obstacle(endpoint):
        _end(endpoint, now, f"Not updated: {problem}")
    else:
        _send(endpoint, now)


def _obstacle(endpoint: Endpoint) -> str:
    if endpoint.config_name != endpoint.wanted["old_config"]:
        return f"somebody moved it to {endpoint.config_name} meanwhile."
    return "it is being deleted." if endpoint.delete_requested_at else ""


def _reached(endpoint: Endpoint) -> bool:
    wanted = endpoint.wanted
    if not wanted["by_shares"]:
        return bool(endpoint.config_name == wanted["config_name"])

    def shares(variants: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Any, ...]]:
        """Counts of what scales are AWS's own affair."""
        return {
            one["name"]: (one["weight"], one["name"] in scales or one["instance_count"])
            for one in variants
        }

    scales = endpoint.autoscaling

    return shares(endpoint.variants) == shares(wanted["variants"])


def _see_what_became_of_it(endpoint: Endpoint, now: datetime) -> None:
    """InService, but not as asked for: over, if AWS has touched it since it was told."""
    if problem := _obstacle(endpoint):
        _end(endpoint, now, f"Not updated: {problem}")
        return
    touched = endpoint.aws_modified_at.isoformat() if endpoint.aws_modified_at else ""
    if touched == endpoint.wanted["sent"]:
        states.postpone(endpoint, now=now)
        return
    why = endpoint.failure_reason or "AWS does not say why."
    _end(endpoint, now, f"The update failed and was rolled back; what served goes on. {why}")


def _send(endpoint: Endpoint, now: datetime) -> None:
    account, wanted = endpoint.workspace.account, endpoint.wanted
    if wanted["by_shares"]:
        shares = [
            Asked(one["name"], one["weight"], one["instance_count"]) for one in wanted["variants"]
        ]
        sagemaker.update_weights_and_capacities(account, endpoint.aws_name, shares)
    else:
        deploy.register_models(endpoint, wanted["variants"], now)
        named = {name: wanted[name] for name in (*ASKED, "config_name")}
        deploy.create_config(endpoint, deploy.config_spec(endpoint, **named))
        failpoints.reach("endpoints.update.after_config")
        sagemaker.update_endpoint(account, endpoint.aws_name, wanted["config_name"])
    failpoints.reach("endpoints.update.after_call")
    before = endpoint.aws_modified_at
    sent = wanted | {"sent": before.isoformat() if before else "unknown"}
    states.advance(endpoint, frm=Status.IN_SERVICE, to=Status.UPDATING, wanted=sent)


def _end(endpoint: Endpoint, now: datetime, problem: str, *, done: bool = False) -> None:
    """Nothing is wanted any more; the config that does not serve is deleted."""
    wanted = endpoint.wanted
    left = wanted["old_config"] if done else wanted["config_name"]
    past = endpoint.past_configs if wanted["by_shares"] else [*endpoint.past_configs, left]
    changes: dict[str, Any] = {"wanted": {}, "past_configs": past, "next_check_at": now}
    if problem or done:
        changes["failure_reason"] = problem
    with transaction.atomic():
        if not states.record(endpoint, **changes):
            return
        result = "updated" if done else problem or "deleted"
        _note(None, endpoint, AuditEvent.Phase.OUTCOME, result=result)
    failpoints.reach("endpoints.update.after_end")
    _clean(endpoint, now)


def _clean(endpoint: Endpoint, now: datetime) -> None:
    """Delete the configs that an update left, unless they serve; tried again while AWS refuses."""
    while endpoint.past_configs:
        try:
            _delete_config(endpoint, endpoint.past_configs[0])
        except AwsError:
            states.postpone(endpoint, now=now)
            return
        if not states.record(endpoint, past_configs=endpoint.past_configs[1:]):
            return


def _delete_config(endpoint: Endpoint, name: str) -> None:
    account = endpoint.workspace.account
    users = Endpoint.objects.active().of(endpoint.workspace).filter(config_name=name)
    if users.exists():
        return
    try:
        arn = sagemaker.describe_endpoint_config(account, name).arn
        if is_ours(account, arn, endpoint):
            sagemaker.delete_endpoint_config(account, name)
    except NotFound:
        pass


def _note(who: Actor | None, endpoint: Endpoint, phase: str, **detail: object) -> None:
    audit.note(who, "endpoint.update", endpoint, phase=phase, aws_name=endpoint.aws_name, **detail)


def unchanged(variant: Mapping[str, Any], **told: Any) -> Change:
    """A variant as it runs, except for the shares that are `told`."""
    names = ("instance_type", "instance_count", "weight")
    share = Share(**({name: variant[name] for name in names} | told))
    return Change(part=Part(share=share, name=variant["name"]), kept=variant["model"])
