"""Deleting all that idles: a plan that is shown, confirmed once, and done one by one.

What was shown is what is deleted: who confirms sends back the plan's seal, a signature of what
stood on the page. Only the plan's endpoints go, each only if AWS itself still shows it idle just
before. `settle` writes down what became of each.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import Signer
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare

from core import audit, live
from core.access import Actor
from core.errors import Conflict, InvalidFields
from core.models import AuditEvent, Role, Workspace
from endpoints import cost, delete, idle, plans, protect, traffic
from endpoints.errors import Protected
from endpoints.models import Cleanup, CleanupItem, Endpoint
from endpoints.recheck import IfIdle

State = CleanupItem.State
TOLD = "a policy has told its owner already; it goes in that run, or stays."
LIVE = "cleanup"
CAP, MAX_CAP = 20, 100
MAX_WINDOW, MAX_GRACE = traffic.READ_DAYS, 90  # days
GOOD_FOR = timedelta(hours=1)  # a plan that is older is made anew
SEAL = Signer(salt="endpoints.cleanup.plan")


@dataclass(frozen=True)
class Candidate:
    """An idle endpoint; `blocked` says why it is not deleted now, "" when it may be."""

    endpoint: Endpoint
    verdict: idle.Verdict
    blocked: str = ""

    @property
    def monthly(self) -> float | None:
        usd = self.endpoint.hourly_cost
        return None if usd is None else cost.monthly(usd)


def candidates(
    workspace: Workspace,
    now: datetime,
    rule: IfIdle,
    cap: int,
    also: Callable[[Endpoint], str] = lambda row: "",
) -> list[Candidate]:
    """What idles by the rows' numbers, the dearest first; beyond `cap` it is blocked.

    `also` may say why one is blocked, beside what blocks everybody.
    """
    rows = Endpoint.objects.active().of(workspace).filter(status=Endpoint.Status.IN_SERVICE)
    waiting = CleanupItem.objects.filter(state=State.NOTIFIED, cleanup__workspace=workspace)
    told = set(waiting.values_list("endpoint_id", flat=True))
    found: list[Candidate] = []
    room = cap
    dearest = F("hourly_cost").desc(nulls_last=True)
    for row in rows.defer("charts", "recipe").select_related("workspace").order_by(dearest, "pk"):
        if not rule.covers(row) or not (verdict := judged(row, now, rule)).is_idle:
            continue
        blocked = blocks(row, now) or rule.spared(row.aws_tags)
        blocked = blocked or (TOLD if row.pk in told else "") or also(row)
        blocked = blocked or ("" if room else f"over the cap: a run takes at most {cap}.")
        room -= not blocked
        found.append(Candidate(row, verdict, blocked))
    return found


def judged(row: Endpoint, now: datetime, rule: IfIdle) -> idle.Verdict:
    """By the row's numbers, as `rule` reads them."""
    days, few = rule.window_days, rule.quiet_below
    return traffic.verdict(row, now, window_days=days, grace=rule.grace, quiet_below=few)


def plan(
    who: Actor | None, workspace: Workspace, now: datetime, *, rule: IfIdle, cap: int = CAP
) -> Cleanup:
    """Write down what would go and what is blocked; nothing is deleted. `who` is None for cron.

    InvalidFields names what is wrong.
    """
    if who:
        who.need(Role.MEMBER)
    check(rule, cap)
    found = candidates(workspace, now, rule, cap)
    with transaction.atomic():
        cleanup = Cleanup.objects.create(
            workspace=workspace,
            created_by=who.user if who else None,
            name=f"Idle for {rule.window_days} days",
            window_days=rule.window_days,
            grace_days=rule.grace_days,
            created_at=now,
        )
        CleanupItem.objects.bulk_create(item_of(cleanup, one, now) for one in found)
        audit.note(who, "cleanup.plan", cleanup, endpoints=len(found))
    return cleanup


def check(rule: IfIdle, cap: int) -> None:
    limits = {
        "window_days": (rule.window_days, MAX_WINDOW),
        "grace_days": (rule.grace_days, MAX_GRACE),
        "cap": (cap, MAX_CAP),
    }
    wrong = {
        name: [f"Between 1 and {most}."]
        for name, (value, most) in limits.items()
        if not 1 <= value <= most
    }
    if wrong:
        raise InvalidFields(wrong)


def seal(cleanup: Cleanup) -> str:
    """A signature of what the plan shows: the endpoints to delete, of each what goes or stays."""
    shown = [
        [item.endpoint.arn, item.endpoint.uid, *_words(plans.plan(item.endpoint))]
        for item in _planned(cleanup)
    ]
    return SEAL.signature(json.dumps([cleanup.uid, shown]))


def confirm(
    who: Actor | None, cleanup: Cleanup, now: datetime, *, endpoints: int, shown: str
) -> Sequence[Endpoint]:
    """Ask for the deletion of the plan's endpoints, whose number is typed again; those asked for.

    `shown` is the `seal` of what was looked at. A second click asks for nothing. InvalidFields on
    another number, Conflict on an old plan, one that shows something else by now, or a policy's.
    """
    if who:
        who.need(Role.MEMBER)
    cleanup.refresh_from_db(fields=["confirmed_at"])
    if cleanup.policy_id:
        raise Conflict("This is the run of a policy: nobody confirms it by hand.")
    if cleanup.confirmed_at:
        return []
    if now - cleanup.created_at > GOOD_FOR:
        raise Conflict("This plan is older than an hour.", "Make a new one.")
    planned = _planned(cleanup)
    if not planned or endpoints != len(planned):
        raise InvalidFields({"typed": [f"The plan has {len(planned)} to delete, not {endpoints}."]})
    with transaction.atomic():
        if not _won(cleanup, now):  # before the seal, which a second click finds broken
            return []
        if not constant_time_compare(seal(cleanup), shown):
            cleanup.confirmed_at = None  # as the row has it, once this is rolled back
            raise Conflict("What would go is not what you were shown any more.", "Look again.")
        names = [item.endpoint.name for item in planned]
        _note(who, cleanup, AuditEvent.Phase.INTENT, endpoints=names)
        # All in one order: two clean-ups at once never wait for each other in a ring.
        ordered = sorted(planned, key=lambda item: item.endpoint_id)
        rule = IfIdle(cleanup.window_days, cleanup.grace_days)
        return [item.endpoint for item in ordered if begin(who, item, now, rule)]


def settle(now: datetime) -> None:
    """Write down what became of the deletions under way; end the clean-ups that are done."""
    rows = CleanupItem.objects.filter(state=State.DELETING).select_related("endpoint", "cleanup")
    for item in rows:
        state, reason = _outcome(item.endpoint)
        if state != State.DELETING:
            move(item, state, reason, now)
    ended = Cleanup.objects.filter(confirmed_at__isnull=False, ended_at=None)
    under_way = (State.NOTIFIED, State.DELETING)
    for cleanup in ended.exclude(items__state__in=under_way).select_related("workspace"):
        with transaction.atomic():
            if Cleanup.objects.filter(pk=cleanup.pk, ended_at=None).update(ended_at=now):
                results = {item.endpoint.name: item.state for item in _items(cleanup)}
                _note(None, cleanup, AuditEvent.Phase.OUTCOME, results=results)
                live.announce(cleanup.workspace_id, LIVE, cleanup.uid)


def _items(cleanup: Cleanup) -> Sequence[CleanupItem]:
    return list(cleanup.items.select_related("endpoint"))


def _planned(cleanup: Cleanup) -> Sequence[CleanupItem]:
    rows = cleanup.items.filter(state=State.PLANNED)
    return list(rows.select_related("endpoint__workspace", "cleanup"))


def _words(plan: plans.Plan) -> list[list[str]]:
    return [[item.kind, item.name, item.note] for item in (*plan.goes, *plan.stays)]


def blocks(row: Endpoint, now: datetime) -> str:
    """Why it is not deleted now by the row; "" when nothing speaks against it."""
    if row.delete_requested_at:
        return "it is being deleted already."
    return protect.by_row(row, now) or protect.by_tag(row.aws_tags) or protect.by_snooze(row, now)


def item_of(cleanup: Cleanup, one: Candidate, now: datetime) -> CleanupItem:
    return CleanupItem(
        cleanup=cleanup,
        endpoint=one.endpoint,
        state=State.SKIPPED if one.blocked else State.PLANNED,
        reason=one.blocked[:300],
        verdict=one.verdict.word,
        evidence=f"{one.verdict.reason} {one.verdict.evidence}",
        hourly_usd=one.endpoint.hourly_cost,
        at=now,
    )


def _won(cleanup: Cleanup, now: datetime) -> bool:
    cleanup.confirmed_at = now
    rows = Cleanup.objects.filter(pk=cleanup.pk, confirmed_at=None)
    return bool(rows.update(confirmed_at=now))


def begin(who: Actor | None, item: CleanupItem, now: datetime, rule: IfIdle) -> bool:
    """Ask for the deletion of one that is planned or was told; False when it is skipped instead."""
    before = item.state
    try:
        with transaction.atomic():
            if not move(item, State.DELETING, "", now):
                return False
            begun = delete.request(who, item.endpoint, now, if_idle=rule)
    except IntegrityError:
        begun, why, item.state = False, "another clean-up has it.", before
    except Protected as error:
        begun, why, item.state = False, error.message, before
    else:
        why = "its deletion was asked for already."
    if not begun:
        move(item, State.SKIPPED, why, now)
    return begun


def _outcome(endpoint: Endpoint) -> tuple[CleanupItem.State, str]:
    if endpoint.status == Endpoint.Status.DELETED:
        # What it was made of is kept just before our own call.
        if endpoint.recipe:
            return State.DELETED, ""
        return State.SKIPPED, "somebody else had deleted it."
    if endpoint.delete_requested_at is None:
        return State.SKIPPED, endpoint.failure_reason.removeprefix(delete.NOT_DELETED)
    return State.DELETING, ""


def move(item: CleanupItem, state: CleanupItem.State, reason: str, now: datetime) -> bool:
    """Write down that `item` comes to `state`; False when somebody else has moved it meanwhile."""
    rows = CleanupItem.objects.filter(pk=item.pk, state=item.state)
    if not rows.update(state=state, reason=reason[:300], at=now):
        return False
    item.state, item.reason, item.at = state, reason[:300], now
    live.announce(item.cleanup.workspace_id, LIVE, item.cleanup.uid)
    return True


def _note(who: Actor | None, cleanup: Cleanup, phase: str, **detail: object) -> None:
    audit.note(who, "cleanup.delete", cleanup, phase=phase, **detail)
