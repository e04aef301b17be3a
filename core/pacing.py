"""How fast AWS is asked: one bucket per account, region and family, shared by all workers.

A bucket is one moment (`aws.throttle`) in a row of the database. Whoever changes it compares first,
so two workers never take the same calls; a lost row is a full bucket. The clock here is the real
one: how fast AWS is asked does not depend on what a caller thinks the time is.
"""

import hashlib
import random
from datetime import datetime, timedelta

from django.utils import timezone

from aws import errors as aws
from aws import throttle
from core.models import Heartbeat, Workspace

TRIES = 5
LOCAL_FACTOR = 25  # localaws shares its limits with nobody
_chance = random.SystemRandom()


def take(workspace: Workspace, family: str, wanted: int) -> int:
    """How many of `wanted` calls may be made now; they count as made."""
    name, pace = _name(workspace, family), _pace(workspace, family)
    for _ in range(TRIES):
        now = timezone.now()
        row, _made = Heartbeat.objects.get_or_create(name=name, defaults={"at": now})
        count, full_at = throttle.granted(row.at, now, pace, wanted)
        if not count or Heartbeat.objects.filter(pk=row.pk, at=row.at).update(at=full_at):
            return count
    return 0  # others take them as fast as they come


def slow_down(workspace: Workspace, family: str, error: aws.Throttled) -> float:
    """AWS refused a call: nobody asks this family for the seconds returned, longer each time."""
    name, pace, now = _name(workspace, family), _pace(workspace, family), timezone.now()
    row, _made = Heartbeat.objects.get_or_create(name=name, defaults={"at": now})
    failures = int(row.problem or 0) + 1
    wait = throttle.backoff(failures, _chance.random(), retry_after=error.retry_after)
    full_at = throttle.emptied(now, pace, wait)
    # Two workers refused at once are one refusal.
    Heartbeat.objects.filter(pk=row.pk, problem=row.problem).update(
        at=full_at, problem=str(failures)
    )
    return wait


def answered(workspace: Workspace, family: str) -> None:
    """AWS took the calls: the next refusal is a first one again."""
    Heartbeat.objects.filter(name=_name(workspace, family)).exclude(problem="").update(problem="")


def held_until(workspace: Workspace, family: str) -> datetime | None:
    """When a family that AWS refused may be asked again; None when it is not held back."""
    row = Heartbeat.objects.filter(name=_name(workspace, family)).exclude(problem="").first()
    if row is None:
        return None
    pace = _pace(workspace, family)
    opens: datetime = row.at - (pace.burst - 1) * pace.interval
    return opens if opens > timezone.now() else None


def jitter(most: float) -> timedelta:
    """A moment up to `most` seconds, so that not all begin in step."""
    return timedelta(seconds=_chance.uniform(0, most))


def _pace(workspace: Workspace, family: str) -> throttle.Pace:
    pace = throttle.FAMILIES[family]
    return pace.faster(LOCAL_FACTOR) if workspace.kind == Workspace.Kind.LOCAL else pace


def _name(workspace: Workspace, family: str) -> str:
    """By AWS account: workspaces that assume roles of the same account share its limits."""
    role = workspace.assumed_role_arn
    owner = role.split(":")[4] if role.count(":") >= 5 else role
    account = hashlib.sha256(f"{workspace.region} {owner}".encode()).hexdigest()[:16]
    return f"pace:{family}:{account}"
