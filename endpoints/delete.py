"""Deleting an endpoint and what it leaves behind: endpoint, then its config, then its model.

What is still to go stands in `leftovers`, in order. Each step is repeatable and looks at AWS again
before it acts; a step that fails stays listed with its problem and is tried again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from aws import sagemaker
from aws.clients import Account
from aws.errors import AwsError, NotFound, WrongState
from core import audit, failpoints, live, states
from core.access import Actor
from core.models import AuditEvent, Role
from endpoints import cost
from endpoints.mirror import may_be_unreadable
from endpoints.models import Endpoint, RegisteredModel
from endpoints.ownership import is_ours

Status = Endpoint.Status
CHANGING = frozenset(
    {Status.CREATING, Status.UPDATING, Status.SYSTEM_UPDATING, Status.ROLLING_BACK}
)
ENDPOINT, CONFIG, MODEL = "endpoint", "config", "model"
TITLES = {ENDPOINT: "the endpoint", CONFIG: "its configuration", MODEL: "its model"}


class _CalledOff(Exception):
    """The endpoint is not what it was when its deletion was asked for; the text says how."""


@dataclass(frozen=True)
class Item:
    kind: str
    name: str
    note: str = ""

    @property
    def title(self) -> str:
        return TITLES[self.kind]


@dataclass(frozen=True)
class Plan:
    """What goes, in this order; what stays and why; US dollars a month that no longer flow."""

    goes: tuple[Item, ...]
    stays: tuple[Item, ...]
    saves_monthly: float | None
    waits: str = ""


def plan(endpoint: Endpoint) -> Plan:
    """What deleting `endpoint` means, from what the rows know; each step checks AWS again."""
    if endpoint.status == Status.REJECTED:
        left = tuple(Item(item["kind"], item["name"]) for item in endpoint.leftovers)
        return Plan(goes=left, stays=(), saves_monthly=None)
    goes = [Item(ENDPOINT, endpoint.aws_name)]
    stays: list[Item] = []
    if endpoint.config_name:
        sharers = _sharing_config(endpoint)
        item = Item(CONFIG, endpoint.config_name, f"{sharers} uses it too." if sharers else "")
        (stays if sharers else goes).append(item)
    for name in _model_names(endpoint):
        reason = _model_stays(endpoint, name)
        (stays if reason else goes).append(Item(MODEL, name, reason))
    waits = f"AWS is still {endpoint.status}; the deletion starts after that."
    return Plan(
        goes=tuple(goes),
        stays=tuple(stays),
        saves_monthly=_saving(endpoint),
        waits=waits if endpoint.status in CHANGING else "",
    )


def request(who: Actor, endpoint: Endpoint, now: datetime) -> None:
    """Ask for the deletion and write the intent down; asking again changes nothing."""
    who.need(Role.MEMBER)
    if endpoint.status == Status.REJECTED:
        _dismiss(who, endpoint, now)
        return
    wanted = plan(endpoint)
    changes = {
        "delete_requested_at": now,
        "leftovers": [_leftover(item, endpoint) for item in wanted.goes],
        "attempts": 0,
    }
    if endpoint.status != Status.REQUESTED:  # a worker may be deploying it right now: its turn ends
        changes["next_check_at"] = now
    with transaction.atomic():
        rows = Endpoint.objects.active().filter(pk=endpoint.pk, delete_requested_at__isnull=True)
        if rows.update(**changes):
            _note(who, endpoint, AuditEvent.Phase.INTENT, saves_monthly=wanted.saves_monthly)
            live.publish(endpoint)
    endpoint.refresh_from_db()


def advance(endpoint: Endpoint, now: datetime) -> None:
    """Take the deletion (or the cleaning after a rejected deploy) as far as it goes now."""
    while endpoint.leftovers:
        first = endpoint.leftovers[0]
        try:
            done = _STEPS[first["kind"]](endpoint, first["name"], now)
        except _CalledOff as reason:
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


def _endpoint_gone(endpoint: Endpoint, name: str, now: datetime) -> bool:
    account = endpoint.workspace.account
    try:
        if not _may_be_deleted(endpoint, account, now):
            return False
        sagemaker.delete_endpoint(account, name)
    except NotFound:
        return not may_be_unreadable(endpoint, now)
    except WrongState:
        return False
    failpoints.reach("endpoints.delete.after_call")
    states.advance(endpoint, frm=endpoint.status, to=Status.DELETING)
    return False


def _may_be_deleted(endpoint: Endpoint, account: Account, now: datetime) -> bool:
    """Look once more: False while AWS is busy with it. NotFound when gone, or never ours."""
    seen = sagemaker.describe_endpoint(account, endpoint.aws_name)
    if endpoint.aws_created_at is None and not is_ours(account, seen.arn, endpoint):
        raise NotFound(f"{endpoint.aws_name} is not ours.")
    if endpoint.aws_created_at and seen.created != endpoint.aws_created_at:
        raise _CalledOff("another endpoint has its name now.")
    if seen.config_name != endpoint.leftovers[0].get("config", endpoint.config_name):
        raise _CalledOff(f"it was updated to {seen.config_name} since.")
    return seen.status not in CHANGING and seen.status != Status.DELETING


def _config_gone(endpoint: Endpoint, name: str, now: datetime) -> bool:
    account = endpoint.workspace.account
    if _sharing_config(endpoint):
        return True
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
    model = endpoint.model
    if model is None or model.aws_name != name:
        return True
    model.refresh_from_db()
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
        if _model_stays(endpoint, held.aws_name):
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
    ENDPOINT: _endpoint_gone,
    CONFIG: _config_gone,
    MODEL: _model_gone,
}


def _leftover(item: Item, endpoint: Endpoint) -> dict[str, str]:
    left = {"kind": item.kind, "name": item.name, "problem": ""}
    # What it ran when its deletion was asked for: an update since calls the deletion off.
    return left | {"config": endpoint.config_name} if item.kind == ENDPOINT else left


def _finish(endpoint: Endpoint, now: datetime) -> None:
    if endpoint.status == Status.REJECTED:
        if endpoint.delete_requested_at:
            states.record(endpoint, deleted_at=now)
        return
    if endpoint.is_finished:
        return
    with transaction.atomic():
        if states.advance(endpoint, frm=endpoint.status, to=Status.DELETED, leftovers=[]):
            _note(None, endpoint, AuditEvent.Phase.OUTCOME, result="deleted")


def _dismiss(who: Actor, endpoint: Endpoint, now: datetime) -> None:
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
    """Nothing that changed since the question was answered is deleted."""
    with transaction.atomic():
        states.record(
            endpoint, delete_requested_at=None, leftovers=[], failure_reason=f"Not deleted: {why}"
        )
        _note(None, endpoint, AuditEvent.Phase.OUTCOME, result="called off", reason=why)


def _note(who: Actor | None, endpoint: Endpoint, phase: str, **detail: object) -> None:
    audit.note(who, "endpoint.delete", endpoint, phase=phase, aws_name=endpoint.aws_name, **detail)


def _saving(endpoint: Endpoint) -> float | None:
    return None if endpoint.hourly_cost is None else cost.monthly(endpoint.hourly_cost)


def _model_names(endpoint: Endpoint) -> list[str]:
    named = [variant["model"] for variant in endpoint.variants if variant.get("model")]
    return list(dict.fromkeys(named))


def _model_stays(endpoint: Endpoint, name: str) -> str:
    """Why the model is kept; "" when it goes."""
    if endpoint.model is None or endpoint.model.aws_name != name:
        return "It was made outside mlconsole."
    others = Endpoint.objects.active().of(endpoint.workspace).exclude(pk=endpoint.pk)
    for other in others.only("name", "model_id", "variants"):
        if other.model_id == endpoint.model_id or name in _model_names(other):
            return f"{other.name} uses it too."
    return ""


def _sharing_config(endpoint: Endpoint) -> str:
    """The name of another live endpoint with the same config, or ""."""
    rows = Endpoint.objects.active().of(endpoint.workspace).exclude(pk=endpoint.pk)
    other = rows.filter(config_name=endpoint.config_name).exclude(config_name="").first()
    return other.name if other else ""
