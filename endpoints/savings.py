"""Dollars saved: what a deleted endpoint cost, from its end until it came back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.models import Workspace
from endpoints import cost
from endpoints.models import Endpoint, Saving


@dataclass(frozen=True)
class Line:
    """A deleted endpoint in the ledger: US dollars until now, at the price it had."""

    saving: Saving
    so_far: float
    monthly: float  # 0 once it is back


@dataclass(frozen=True)
class Ledger:
    lines: tuple[Line, ...]

    @property
    def so_far(self) -> float:
        return sum(line.so_far for line in self.lines)

    @property
    def monthly(self) -> float:
        """US dollars a month that would flow if nothing had been deleted."""
        return sum(line.monthly for line in self.lines)


def begin(endpoint: Endpoint, hourly_usd: float | None, at: datetime) -> None:
    """Open the line of an endpoint that is gone; none without a known price. Repeatable."""
    if hourly_usd:
        Saving.objects.get_or_create(
            endpoint=endpoint,
            defaults={"workspace": endpoint.workspace, "hourly_usd": hourly_usd, "since": at},
        )


def end(endpoint: Endpoint, at: datetime) -> None:
    """Close its line: the same runs again and costs again."""
    Saving.objects.filter(endpoint=endpoint, until=None).update(until=at)


def ledger(workspace: Workspace, now: datetime) -> Ledger:
    """All lines of the workspace, the newest first."""
    rows = Saving.objects.filter(workspace=workspace).select_related("endpoint", "workspace")
    return Ledger(tuple(_lines(rows, now)))


def _lines(savings: Iterable[Saving], now: datetime) -> Iterable[Line]:
    for saving in savings:
        span = max((saving.until or now) - saving.since, timedelta(0))
        monthly = 0.0 if saving.until else cost.monthly(saving.hourly_usd)
        yield Line(saving, saving.hourly_usd * (span / timedelta(hours=1)), monthly)
