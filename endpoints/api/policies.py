"""Policies over REST: a dry run until their name is sent once more."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Query, Schema, Status

from core import access, idempotency, sender
from core.access import Actor
from core.http import actor_of, listed
from core.listing import Columns, listing
from core.models import Role
from endpoints import policies, policy_runs
from endpoints.api.cleanup import CleanupOut, cleanup_fields
from endpoints.api.routing import router
from endpoints.columns import POLICY_COLUMNS
from endpoints.models import Cleanup, Policy

RUN_COLUMNS = Columns(search=("name",), sorts={"created": "created_at"}, exact=())


class PolicyWish(Schema):
    """Days, calls a day, an hour in UTC. Tags are name → value, "" for any value. `webhook` is
    written and never answered; "" removes it. What is left out of a change stays.
    """

    name: str = ""
    window_days: int = 14
    grace_days: int = 3
    quiet_below: float = 0.0
    name_contains: str = ""
    with_tags: dict[str, str] = {}
    without_tags: dict[str, str] = {}
    cap: int = 5
    wait_days: int = 4
    hour: int = 6
    emails: list[str] = []
    webhook: str = ""


class PolicyOut(Schema):
    id: str
    name: str
    window_days: int
    grace_days: int
    quiet_below: float
    name_contains: str
    with_tags: dict[str, str]
    without_tags: dict[str, str]
    cap: int
    wait_days: int
    hour: int
    emails: list[str]
    webhook_host: str
    is_dry_run: bool
    is_enabled: bool
    next_run_at: datetime
    created_at: datetime


class PolicyPage(Schema):
    items: list[PolicyOut]
    total: int
    page: int
    pages: int


class RunPage(Schema):
    items: list[CleanupOut]
    total: int
    page: int
    pages: int


class Earnestness(Schema):
    """The policy's name: from its next run on it deletes without asking."""

    name: str


class ListQuery(Schema):
    q: str = ""
    sort: str = ""
    page: str = "1"


@router.get("/policies", response=PolicyPage)
def list_policies(request: HttpRequest, query: Query[ListQuery]) -> dict[str, Any]:
    rows = Policy.objects.present().of(actor_of(request).workspace)
    return listed(listing(rows, query.dict(), POLICY_COLUMNS), policy_fields)


@router.post("/policies", response={201: PolicyOut})
def create_policy(
    request: HttpRequest, wish: PolicyWish, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    """It begins as a dry run."""
    who = actor_of(request)
    who.need(Role.ADMIN)
    made, _ = idempotency.once(
        who,
        idempotency_key,
        Policy,
        lambda: policies.create(who, wish.dict(), timezone.now()),
        content=wish.model_dump_json(),
    )
    return Status(201, policy_fields(made))


@router.get("/policies/{uid}", response=PolicyOut)
def get_policy(request: HttpRequest, uid: str) -> dict[str, Any]:
    return policy_fields(access.fetch(Policy.objects.all(), actor_of(request), uid))


@router.patch("/policies/{uid}", response=PolicyOut)
def change_policy(request: HttpRequest, uid: str, wish: PolicyWish) -> dict[str, Any]:
    """A change of what an earnest policy does makes it a dry run again, and stops what waits."""
    who, policy = _managed(request, uid)
    wishes = wish.dict(exclude_unset=True)
    return policy_fields(policies.change(who, policy, wishes, timezone.now()))


@router.delete("/policies/{uid}", response={202: None})
def delete_policy(request: HttpRequest, uid: str) -> Status[None]:
    """What waits stays; the runs stay in the books."""
    who, policy = _managed(request, uid)
    policies.remove(who, policy, timezone.now())
    return Status(202, None)


@router.post("/policies/{uid}/earnest", response=PolicyOut)
def make_policy_earnest(request: HttpRequest, uid: str, wish: Earnestness) -> dict[str, Any]:
    """Tell, wait and delete from the next run on."""
    who, policy = _managed(request, uid)
    return policy_fields(policies.make_earnest(who, policy, wish.name))


@router.delete("/policies/{uid}/earnest", response=PolicyOut)
def make_policy_dry(request: HttpRequest, uid: str) -> dict[str, Any]:
    """A dry run again; what waits stays."""
    who, policy = _managed(request, uid)
    return policy_fields(policies.make_dry(who, policy, timezone.now()))


@router.post("/policies/{uid}/pause", response=PolicyOut)
def pause_policy(request: HttpRequest, uid: str) -> dict[str, Any]:
    """No more runs; what waits stays."""
    who, policy = _managed(request, uid)
    return policy_fields(policies.pause(who, policy, timezone.now()))


@router.post("/policies/{uid}/resume", response=PolicyOut)
def resume_policy(request: HttpRequest, uid: str) -> dict[str, Any]:
    """It runs again, as a dry run."""
    who, policy = _managed(request, uid)
    return policy_fields(policies.resume(who, policy, timezone.now()))


@router.post("/policies/{uid}/runs", response={201: CleanupOut})
def rehearse_policy(
    request: HttpRequest, uid: str, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    """A dry run now: what it would do; nobody is told and nothing is deleted."""
    policy = access.fetch(Policy.objects.all(), actor_of(request), uid, role=Role.MEMBER)
    who = access.in_workspace_of(actor_of(request), policy)
    run, _ = idempotency.once(
        who,
        idempotency_key,
        Cleanup,
        lambda: policy_runs.rehearse(who, policy, timezone.now()),
        content=policy.uid,
    )
    return Status(201, cleanup_fields(run))


@router.get("/policies/{uid}/runs", response=RunPage)
def list_policy_runs(request: HttpRequest, uid: str, query: Query[ListQuery]) -> dict[str, Any]:
    policy = access.fetch(Policy.objects.all(), actor_of(request), uid)
    found = listing(policy.runs.all(), query.dict(), RUN_COLUMNS)
    return listed(found, cleanup_fields)


def policy_fields(policy: Policy) -> dict[str, Any]:
    own = policies.FIELDS - {"webhook"} | {"is_dry_run", "is_enabled", "next_run_at", "created_at"}
    shown = {"id": policy.uid, "webhook_host": sender.shown(policy.webhook)}
    return shown | {name: getattr(policy, name) for name in own}


def _managed(request: HttpRequest, uid: str) -> tuple[Actor, Policy]:
    policy = access.fetch(Policy.objects.all(), actor_of(request), uid, role=Role.ADMIN)
    return access.in_workspace_of(actor_of(request), policy), policy
