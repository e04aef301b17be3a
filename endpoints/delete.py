"""Deleting an endpoint and what it leaves behind: what scales it and the components on it, then the
endpoint, then its config, then its model.

What is still to go stands in `leftovers`, in order. Each step is repeatable and looks at AWS again
before it acts; a step that fails stays listed with its problem and is tried again. What is
protected, or is not what it was when the question was answered, is not deleted (`recheck`).
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from aws import sagemaker
from aws import scaling as autoscaling
from aws.clients import Account
from aws.errors import AwsError, Denied, NotFound, WrongState
from core import audit, failpoints, live, states
from core.access import Actor
from core.models import AuditEvent, Role
from endpoints import components, plans, protect, recheck, recipe, savings, scaling
from endpoints.mirror import may_be_unreadable
from endpoints.models import Endpoint, RegisteredModel
from endpoints.ownership import is_ours
from endpoints.plans import COMPONENT, CONFIG, ENDPOINT, MODEL, SCALING, plan, saving
from endpoints.recheck import CHANGING, CalledOff, IfIdle

Status = Endpoint.Status
NOT_DELETED = "Not deleted: "


def request(
    who: Actor | None, endpoint: Endpoint, now: datetime, *, if_idle: IfIdle | None = None
) -> bool:
    """Ask for the deletion and write the intent down; False when it was asked for already.

    `who` is None when the console itself does. With `if_idle` it ends, undone, unless AWS itself
    shows the endpoint idle just before. Raises Protected.
    """
    if who:
        who.need(Role.MEMBER)
    if endpoint.status == Status.REJECTED:
        _dismiss(who, endpoint, now)
        return True
    protect.insist(endpoint, now)
    with transaction.atomic():
        rows = Endpoint.objects.active().filter(pk=endpoint.pk, delete_requested_at__isnull=True)
        asked = rows.update(**_asked(endpoint, now, if_idle))
        if asked:
            evidence = {"if_idle": asdict(if_idle)} if if_idle else {}
            saves = saving(endpoint)
            _note(who, endpoint, AuditEvent.Phase.INTENT, saves_monthly=saves, **evidence)
            live.publish(endpoint)
    endpoint.refresh_from_db()
    return bool(asked)


def _asked(endpoint: Endpoint, now: datetime, if_idle: IfIdle | None) -> dict[str, Any]:
    left: list[dict[str, Any]] = [
        {"kind": item.kind, "name": item.name, "problem": ""} for item in plan(endpoint).goes
    ]
    _known(left).update(recheck.remembered(endpoint, if_idle))
    changes = {
        "delete_requested_at": now,
        "only_if_idle": if_idle is not None,
        "leftovers": left,
        "attempts": 0,
    }
    if endpoint.failure_reason.startswith(NOT_DELETED):
        changes["failure_reason"] = ""
    if endpoint.status != Status.REQUESTED:  # a worker may be deploying it right now: its turn ends
        changes["next_check_at"] = now
    return changes


def advance(endpoint: Endpoint, now: datetime) -> None:
    """Take the deletion (or the cleaning after a rejected deploy) as far as it goes now."""
    while endpoint.leftovers:
        first = endpoint.leftovers[0]
        try:
            done = _STEPS[first["kind"]](endpoint, first["name"], now)
        except CalledOff as reason:
            _call_off(endpoint, str(reason))
            return
        except AwsError as error:
            _stuck(endpoint, error.message, now)
            return
        if not done:
            states.postpone(endpoint, now=now)
            return
        failpoints.reach(f"endpoints.delete.after_{first['kind']}")
        if not states.record(endpoint, leftovers=endpoint.leftovers[1:]):
            endpoint.refresh_from_db()  # the mirror moved its status; the step is repeatable
    _finish(endpoint, now)


def _known(left: list[dict[str, Any]]) -> dict[str, Any]:
    """The item of the endpoint itself, which keeps what it was asked for."""
    return next((item for item in left if item["kind"] == ENDPOINT), {})


def _scaling_gone(endpoint: Endpoint, variant: str, now: datetime) -> bool:
    """Without the permission it is left to DeleteEndpoint, which refuses when something scales."""
    account, of = endpoint.workspace.account, scaling.resource(endpoint.aws_name, variant)
    try:
        if not _is_to_go(endpoint, account, now):
            return False
        autoscaling.deregister(account, of)
    except (NotFound, Denied, recheck.NeverOurs):
        pass
    return True


def _component_gone(endpoint: Endpoint, name: str, now: datetime) -> bool:
    """Asked for, then looked at again until AWS has no such component."""
    account = endpoint.workspace.account
    try:
        if sagemaker.describe_component(account, name).status == Status.DELETING:
            return False
        if not _is_to_go(endpoint, account, now):
            return False
        components.unscale(account, name)
        sagemaker.delete_component(account, name)
    except (NotFound, recheck.NeverOurs):
        return True
    failpoints.reach("endpoints.delete.after_component_call")
    return False


def _endpoint_gone(endpoint: Endpoint, name: str, now: datetime) -> bool:
    account = endpoint.workspace.account
    try:
        if not _is_to_go(endpoint, account, now):
            return False
        failpoints.reach("endpoints.delete.after_last_look")
        sagemaker.delete_endpoint(account, name)
    except NotFound:
        if may_be_unreadable(endpoint, now):
            return False
        recheck.same_account(endpoint)
        return True
    except recheck.NeverOurs:
        return not may_be_unreadable(endpoint, now)
    except WrongState:
        return False
    failpoints.reach("endpoints.delete.after_call")
    states.advance(endpoint, frm=endpoint.status, to=Status.DELETING)
    return False


def _is_to_go(endpoint: Endpoint, account: Account, now: datetime) -> bool:
    """Look once more: False while AWS is busy with it. What it is made of is kept on the row."""
    seen = sagemaker.describe_endpoint(account, endpoint.aws_name)
    known = _known(endpoint.leftovers)
    recheck.same(endpoint, seen, known)
    if seen.status == Status.DELETING or (seen.status in CHANGING and not endpoint.only_if_idle):
        return False
    made_of, tags = recipe.of(endpoint, seen), recheck.tags_of(endpoint, seen)
    endpoint.refresh_from_db()  # somebody may have protected it a moment ago
    if endpoint.delete_requested_at is None:
        return False
    if not states.record(endpoint, recipe=made_of, aws_tags=tags):
        return False
    recheck.to_go(endpoint, seen, known, now)
    return True


def _config_gone(endpoint: Endpoint, name: str, now: datetime) -> bool:
    account = endpoint.workspace.account
    live, waits = plans.sharing_config(endpoint, name)
    if live or waits:
        return not waits
    try:
        if endpoint.status == Status.REJECTED:
            arn = sagemaker.describe_endpoint_config(account, name).arn
            if not is_ours(account, arn, endpoint):
                return True
        sagemaker.delete_endpoint_config(account, name)
    except NotFound:
        pass
    return True


def _model_gone(endpoint: Endpoint, name: str, now: datetime) -> bool:
    """Forget the model unless something uses it: first in our rows, so that no deploy picks it."""
    model = plans.own_model(endpoint, name)
    if model is None:
        return True
    if plans.model_stays(endpoint, name)[1]:
        return False
    account = endpoint.workspace.account
    try:
        if model.status != RegisteredModel.Status.DELETED:
            if _used_at_aws(account, endpoint, name) or not _give_up(endpoint, model):
                return True
            failpoints.reach("endpoints.delete.after_giving_up_model")
        sagemaker.delete_model(account, name)
    except NotFound:
        pass
    return True


def _give_up(endpoint: Endpoint, model: RegisteredModel) -> bool:
    """Mark the model Deleted unless another endpoint has taken it meanwhile."""
    with transaction.atomic():
        held = RegisteredModel.objects.select_for_update().get(pk=model.pk)
        if plans.model_stays(endpoint, held.aws_name)[0]:
            return False
        return states.advance(held, frm=held.status, to=RegisteredModel.Status.DELETED)


def _used_at_aws(account: Account, endpoint: Endpoint, name: str) -> bool:
    """Whether another endpoint config names the model. Configs are younger than their models."""
    born = sagemaker.describe_model(account, name).created
    for config in sagemaker.list_endpoint_configs(account):
        if config.created < born:
            break
        if config.name != endpoint.config_name and name in _models_of(account, config.name):
            return True
    return False


def _models_of(account: Account, config_name: str) -> set[str]:
    try:
        config = sagemaker.describe_endpoint_config(account, config_name)
    except NotFound:
        return set()
    return {variant.model for variant in config.variants}


_STEPS: dict[str, Callable[[Endpoint, str, datetime], bool]] = {
    SCALING: _scaling_gone,
    COMPONENT: _component_gone,
    ENDPOINT: _endpoint_gone,
    CONFIG: _config_gone,
    MODEL: _model_gone,
}


def _finish(endpoint: Endpoint, now: datetime) -> None:
    if endpoint.status == Status.REJECTED:
        if endpoint.delete_requested_at:
            states.record(endpoint, deleted_at=now)
        return
    if endpoint.is_finished:
        return
    with transaction.atomic():
        if states.advance(endpoint, frm=endpoint.status, to=Status.DELETED, leftovers=[]):
            savings.begin(endpoint, endpoint.recipe.get("hourly_usd"), now)
            _note(None, endpoint, AuditEvent.Phase.OUTCOME, result="deleted")


def _dismiss(who: Actor | None, endpoint: Endpoint, now: datetime) -> None:
    """A rejected deploy leaves the lists, once nothing of it is left at AWS."""
    hidden = None if endpoint.leftovers else now
    if states.record(endpoint, delete_requested_at=now, deleted_at=hidden):
        _note(who, endpoint, AuditEvent.Phase.OUTCOME, result="dismissed")


def _stuck(endpoint: Endpoint, problem: str, now: datetime) -> None:
    first = endpoint.leftovers[0]
    if first["problem"] != problem:
        states.record(endpoint, leftovers=[first | {"problem": problem}, *endpoint.leftovers[1:]])
    states.postpone(endpoint, now=now)


def _call_off(endpoint: Endpoint, why: str) -> None:
    """Nothing that changed since the question was answered is deleted; what scaled does again."""
    kept = {item["name"] for item in endpoint.leftovers if item["kind"] == SCALING}
    again = scaling.asked_again(endpoint.autoscaling, kept)
    with transaction.atomic():
        states.record(
            endpoint,
            delete_requested_at=None,
            only_if_idle=False,
            leftovers=[],
            recipe={},
            failure_reason=f"{NOT_DELETED}{why}",
            autoscaling=again,
        )
        _note(None, endpoint, AuditEvent.Phase.OUTCOME, result="called off", reason=why)


def _note(who: Actor | None, endpoint: Endpoint, phase: str, **detail: object) -> None:
    audit.note(who, "endpoint.delete", endpoint, phase=phase, aws_name=endpoint.aws_name, **detail)
