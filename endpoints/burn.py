"""What a workspace's endpoints cost in each hour that is over, kept so that there is a history.

From the rows as they stood after the hour, at list prices. An hour in which, or after which,
nobody looked at AWS is left out: a gap, not a guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Q

from core import health_notes
from core.models import Heartbeat, Workspace
from endpoints import cost
from endpoints.models import BurnPoint, Endpoint

HOUR = timedelta(hours=1)
SHOWN = timedelta(days=14)
ENDED = (Endpoint.Status.DELETED, Endpoint.Status.DELETING)


@dataclass(frozen=True)
class Day:
    """US dollars of the hours of a day that are known; `hours` of 24."""

    day: date
    usd: float
    hours: int


def note(workspace: Workspace, now: datetime) -> bool:
    """Write the last full hour down unless it is; whether it was written now."""
    end = now.replace(minute=0, second=0, microsecond=0)
    hour = end - HOUR
    if BurnPoint.objects.filter(workspace=workspace, hour=hour).exists():
        return False
    if not _looked_since(workspace, end):
        return False
    _, is_new = BurnPoint.objects.get_or_create(
        workspace=workspace, hour=hour, defaults=spent(workspace, hour)
    )
    return is_new


def _looked_since(workspace: Workspace, moment: datetime) -> bool:
    """Whether the rows have been brought up to date after `moment`."""
    name = health_notes.mirror_name(workspace, "endpoints")
    return Heartbeat.objects.filter(name=name, at__gte=moment).exists()


def spent(workspace: Workspace, hour: datetime) -> dict[str, float | int]:
    """{usd, running, unpriced} of the hour from `hour`; a part of it counts as that part."""
    billed = Q(status__in=cost.BILLED) | Q(status__in=ENDED, status_at__gt=hour)
    rows = Endpoint.objects.of(workspace).filter(billed, aws_created_at__lt=hour + HOUR)
    usd, running, unpriced = 0.0, 0, 0
    for row in rows.only("status", "status_at", "aws_created_at", "hourly_cost"):
        running += 1
        if row.hourly_cost is None:
            unpriced += 1
        else:
            usd += row.hourly_cost * _share(row, hour)
    return {"usd": round(usd, 6), "running": running, "unpriced": unpriced}


def _share(row: Endpoint, hour: datetime) -> float:
    """How much of the hour from `hour` it ran, 0 to 1."""
    start = max(row.aws_created_at or hour, hour)
    end = min(row.status_at, hour + HOUR) if row.status in ENDED else hour + HOUR
    return max(end - start, timedelta(0)) / HOUR


def history(workspace: Workspace, now: datetime) -> list[BurnPoint]:
    """The hours that are known of the last `SHOWN`, oldest first."""
    return list(BurnPoint.objects.filter(workspace=workspace, hour__gt=now - SHOWN - HOUR))


def by_day(points: Sequence[BurnPoint]) -> list[Day]:
    """The latest day first; days are UTC, as the hours are."""
    days = groupby(points, key=lambda point: point.hour.date())
    found = [(day, list(of)) for day, of in days]
    return [Day(day, sum(point.usd for point in of), len(of)) for day, of in found][::-1]
