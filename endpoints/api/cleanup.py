"""Keeping endpoints, and deleting those that idle, over REST."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Schema, Status

from core import access, idempotency
from core.http import actor_of
from core.models import Role
from core.nudge import nudge
from endpoints import cleanup, idle, protect, recreate, savings
from endpoints.api.fields import EndpointOut, fresh_fields
from endpoints.api.routing import router
from endpoints.models import Cleanup, Endpoint
from endpoints.recheck import IfIdle
from endpoints.tasks import advance_deletion, submit_endpoint


class Protection(Schema):
    """Until a moment, or for good without one."""

    reason: str
    until: datetime | None = None


class Snooze(Schema):
    """1, 2 or 4 weeks; 0 ends it."""

    weeks: int


class NewCleanup(Schema):
    window_days: int = idle.WINDOW_DAYS
    grace_days: int = idle.GRACE.days
    cap: int = cleanup.CAP


class Confirmation(Schema):
    """What the plan showed: its number of endpoints, and its `plan`, which changes with it."""

    endpoints: int
    plan: str


class NoticeOut(Schema):
    """A message about an item: a recipient for emails; `answer`: keep or snooze, by its link."""

    channel: str
    recipient: str
    sent_at: datetime | None
    problem: str
    answer: str


class CleanupItemOut(Schema):
    """`goes_at`: when one that was told goes, unless it stays."""

    endpoint: str
    name: str
    state: str
    reason: str
    verdict: str
    evidence: str
    hourly_usd: float | None
    goes_at: datetime | None
    notices: list[NoticeOut]


class CleanupOut(Schema):
    """`plan` is the seal of what it shows; `policy` and `is_dry_run` are of a policy's run."""

    id: str
    policy: str
    is_dry_run: bool
    window_days: int
    grace_days: int
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    plan: str
    items: list[CleanupItemOut]


class SavingOut(Schema):
    endpoint: str
    name: str
    hourly_usd: float
    since: datetime
    until: datetime | None
    saved: float


class SavingsOut(Schema):
    """US dollars at list prices."""

    saved: float
    monthly: float
    items: list[SavingOut]


@router.post("/endpoints/{uid}/protection", response=EndpointOut)
def protect_endpoint(request: HttpRequest, uid: str, wish: Protection) -> dict[str, Any]:
    endpoint = _endpoint(request, uid)
    now = timezone.now()
    who = access.in_workspace_of(actor_of(request), endpoint)
    protect.protect(who, endpoint, now, reason=wish.reason, until=_aware(wish.until))
    return fresh_fields(endpoint)


@router.delete("/endpoints/{uid}/protection", response=EndpointOut)
def unprotect_endpoint(request: HttpRequest, uid: str) -> dict[str, Any]:
    endpoint = _endpoint(request, uid)
    protect.unprotect(access.in_workspace_of(actor_of(request), endpoint), endpoint)
    return fresh_fields(endpoint)


@router.post("/endpoints/{uid}/snooze", response=EndpointOut)
def snooze_endpoint(request: HttpRequest, uid: str, wish: Snooze) -> dict[str, Any]:
    endpoint = _endpoint(request, uid)
    who = access.in_workspace_of(actor_of(request), endpoint)
    protect.snooze(who, endpoint, timezone.now(), weeks=wish.weeks)
    return fresh_fields(endpoint)


@router.post("/endpoints/{uid}/recreate", response={201: EndpointOut})
def recreate_endpoint(request: HttpRequest, uid: str) -> Status[dict[str, Any]]:
    """A deleted one comes back with the same variants; asked twice, it is the same one."""
    endpoint = _endpoint(request, uid)
    who = access.in_workspace_of(actor_of(request), endpoint)
    made = recreate.recreate(who, endpoint, timezone.now())
    nudge(submit_endpoint, made.pk)
    return Status(201, fresh_fields(made))


@router.post("/cleanups", response={201: CleanupOut})
def plan_cleanup(
    request: HttpRequest, wish: NewCleanup, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    """What would be deleted and what is blocked; nothing is deleted before it is confirmed."""
    who = actor_of(request)
    who.need(Role.MEMBER)
    rule = IfIdle(wish.window_days, wish.grace_days)
    found, _ = idempotency.once(
        who,
        idempotency_key,
        Cleanup,
        lambda: cleanup.plan(who, who.workspace, timezone.now(), rule=rule, cap=wish.cap),
        content=wish.model_dump_json(),
    )
    return Status(201, cleanup_fields(found))


@router.get("/cleanups/{uid}", response=CleanupOut)
def get_cleanup(request: HttpRequest, uid: str) -> dict[str, Any]:
    return cleanup_fields(access.fetch(Cleanup.objects.all(), actor_of(request), uid))


@router.post("/cleanups/{uid}/confirm", response={202: CleanupOut})
def confirm_cleanup(request: HttpRequest, uid: str, wish: Confirmation) -> Status[dict[str, Any]]:
    found = access.fetch(Cleanup.objects.all(), actor_of(request), uid, role=Role.MEMBER)
    who = access.in_workspace_of(actor_of(request), found)
    now = timezone.now()
    for endpoint in cleanup.confirm(who, found, now, endpoints=wish.endpoints, shown=wish.plan):
        nudge(advance_deletion, endpoint.pk)
    return Status(202, cleanup_fields(found))


@router.get("/savings", response=SavingsOut)
def list_savings(request: HttpRequest) -> dict[str, Any]:
    ledger = savings.ledger(actor_of(request).workspace, timezone.now())
    items = [
        {
            "endpoint": line.saving.endpoint.uid,
            "name": line.saving.endpoint.name,
            "hourly_usd": line.saving.hourly_usd,
            "since": line.saving.since,
            "until": line.saving.until,
            "saved": line.so_far,
        }
        for line in ledger.lines
    ]
    return {"saved": ledger.so_far, "monthly": ledger.monthly, "items": items}


def cleanup_fields(found: Cleanup) -> dict[str, Any]:
    own = ("is_dry_run", "window_days", "grace_days", "created_at", "confirmed_at", "ended_at")
    shown = ("state", "reason", "verdict", "evidence", "hourly_usd", "goes_at")
    told = ("channel", "recipient", "sent_at", "problem", "answer")
    items = [
        {"endpoint": item.endpoint.uid, "name": item.endpoint.name}
        | {name: getattr(item, name) for name in shown}
        | {"notices": [{name: getattr(one, name) for name in told} for one in item.notices.all()]}
        for item in found.items.select_related("endpoint").prefetch_related("notices")
    ]
    policy = found.policy.uid if found.policy else ""
    signed = {"id": found.uid, "policy": policy, "plan": cleanup.seal(found)}
    return signed | {"items": items} | {name: getattr(found, name) for name in own}


def _endpoint(request: HttpRequest, uid: str) -> Endpoint:
    rows = Endpoint.objects.with_lineage()
    return access.fetch(rows, actor_of(request), uid, role=Role.MEMBER)


def _aware(moment: datetime | None) -> datetime | None:
    """In the console's time zone, UTC, unless it names another."""
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment
