"""A policy's runs: what it would do, or, made earnest: telling, waiting, looking again, deleting.

A run is a `Cleanup` made in one transaction with its items, their notices and the time of the next
run, so of many workers one makes it, whole. Its items then go on one by one, each from its row.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from core import audit, failpoints
from core.access import Actor
from core.models import AuditEvent, Role
from endpoints import cleanup, idle, notices
from endpoints.models import Cleanup, CleanupItem, Endpoint, Notice, Policy
from endpoints.recheck import IfIdle

State = CleanupItem.State
NOBODY = "nobody can be told: its owner has no address, and the policy names none."
NAME = 100  # characters of a policy's name in its runs'


def due(now: datetime) -> QuerySet[Policy]:
    rows = Policy.objects.present().filter(is_enabled=True, next_run_at__lte=now)
    return rows.select_related("workspace")


def next_at(hour: int, now: datetime) -> datetime:
    """The next full `hour` (UTC) after `now`."""
    at = now.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


def rule_of(policy: Policy) -> IfIdle:
    return IfIdle(
        window_days=policy.window_days,
        grace_days=policy.grace_days,
        quiet_below=policy.quiet_below,
        name_contains=policy.name_contains,
        with_tags=policy.with_tags,
        without_tags=policy.without_tags,
    )


def run(policy: Policy, now: datetime) -> Cleanup | None:
    """The run that is due, earnest or not as the policy is; None when another worker has it."""
    try:
        with transaction.atomic():
            if not _taken(policy, now):
                return None
            failpoints.reach("endpoints.policies.after_taking")
            return _made(None, policy, now, is_dry_run=policy.is_dry_run)
    except IntegrityError:  # another run has just told about the same endpoint: look again
        return None


def rehearse(who: Actor, policy: Policy, now: datetime) -> Cleanup:
    """What the policy would do now; nobody is told and nothing deleted."""
    who.need(Role.MEMBER)
    with transaction.atomic():
        return _made(who, policy, now, is_dry_run=True)


def go_on(now: datetime) -> None:
    """Take each item that was told one step further."""
    rows = CleanupItem.objects.filter(state=State.NOTIFIED, cleanup__policy__isnull=False)
    near = rows.select_related("endpoint__workspace", "cleanup__policy")
    for item in near.prefetch_related("notices").order_by("pk"):
        _go_on(item, now)


def call_off(policy: Policy, why: str, now: datetime) -> None:
    """Whatever waits stays; what is being deleted already is looked at again by itself."""
    waiting = CleanupItem.objects.filter(state=State.NOTIFIED, cleanup__policy=policy)
    for item in waiting.select_related("cleanup"):
        cleanup.move(item, State.SKIPPED, why, now)


def _taken(policy: Policy, now: datetime) -> bool:
    rows = Policy.objects.present().filter(
        pk=policy.pk, is_enabled=True, hour=policy.hour, next_run_at=policy.next_run_at
    )
    if not rows.update(next_run_at=next_at(policy.hour, now)):
        return False
    policy.refresh_from_db()  # somebody may have changed it a moment ago; now it is ours
    return True


def _made(who: Actor | None, policy: Policy, now: datetime, *, is_dry_run: bool) -> Cleanup:
    def hindered(row: Endpoint) -> str:
        somebody = policy.emails or policy.webhook or notices.recipients(policy, row)
        return "" if somebody else NOBODY

    rule = rule_of(policy)
    found = cleanup.candidates(policy.workspace, now, rule, policy.cap, hindered)
    made = Cleanup.objects.create(
        workspace=policy.workspace,
        created_by=who.user if who else None,
        name=f"{policy.name[:NAME]}, {now:%Y-%m-%d %H:%M}",
        policy=policy,
        window_days=rule.window_days,
        grace_days=rule.grace_days,
        is_dry_run=is_dry_run,
        created_at=now,
        confirmed_at=None if is_dry_run else now,
        ended_at=now if is_dry_run else None,
    )
    items = [cleanup.item_of(made, one, now) for one in found]
    going = [item for item in items if item.state == State.PLANNED]
    names = [item.endpoint.name for item in going]
    if is_dry_run:
        CleanupItem.objects.bulk_create(items)
        audit.note(who, "policy.rehearse", policy, run=made.uid, would=names)
    else:
        _told(items, going, policy, now)
        audit.note(
            *(None, "cleanup.delete", made),
            phase=AuditEvent.Phase.INTENT,
            policy=policy.uid,
            endpoints=names,
        )
    return made


def _told(
    items: Sequence[CleanupItem], going: Sequence[CleanupItem], policy: Policy, now: datetime
) -> None:
    for item in going:
        item.state = State.NOTIFIED
    CleanupItem.objects.bulk_create(items)
    Notice.objects.bulk_create(
        notice for item in going for notice in notices.make(item, policy, now)
    )


def _go_on(item: CleanupItem, now: datetime) -> None:
    policy = item.cleanup.policy
    if policy is None:
        return
    with transaction.atomic():
        # Whoever changes the policy waits for this, or this sees what they did.
        held = Policy.objects.select_for_update().get(pk=policy.pk)
        rule = rule_of(held)
        why = _stopped(held) or _stays(item, rule, now) or _untold(item, now)
        if why:
            cleanup.move(item, State.SKIPPED, why, now)
        elif _is_time(item, now):
            cleanup.begin(None, item, now, rule)
    failpoints.reach("endpoints.policies.after_step")


def _stopped(policy: Policy) -> str:
    if policy.deleted_at or not policy.is_enabled:
        return "its policy was stopped."
    return "its policy is a dry run again." if policy.is_dry_run else ""


def _stays(item: CleanupItem, rule: IfIdle, now: datetime) -> str:
    """Why it does not go after all, as far as the rows know; what they cannot tell, AWS will."""
    row = item.endpoint
    if row.status in row.TERMINAL:
        return "somebody else had deleted it."
    if why := cleanup.blocks(row, now) or rule.missed(row.aws_tags) or rule.spared(row.aws_tags):
        return why
    found = cleanup.judged(row, now, rule)
    if found.word in (idle.IDLE, idle.UNKNOWN):
        return ""
    return f"it is {found.word} now. {found.reason}"


def _untold(item: CleanupItem, now: datetime) -> str:
    """Why nobody was told and nobody will be; "" while there is hope, or once somebody was."""
    told = list(item.notices.all())
    if not all(notices.is_given_up(one, now) for one in told):
        return ""
    problems = [one.problem for one in told if one.problem]
    return f"nobody could be told. {problems[0] if problems else ''}".strip()


def _is_time(item: CleanupItem, now: datetime) -> bool:
    """Somebody was told, long enough ago, and nobody is still to be told."""
    told = list(item.notices.all())
    settled = all(one.sent_at or notices.is_given_up(one, now) for one in told)
    was_told = any(one.sent_at for one in told)
    return bool(settled and was_told and item.goes_at and item.goes_at <= now)
