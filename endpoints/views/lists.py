"""The list of endpoints, and how each stands."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.access import Actor
from core.http import actor_of, page
from core.listing import listing
from core.models import Role
from endpoints import burn, charts, cost, idle, traffic
from endpoints.columns import ENDPOINT_COLUMNS, Judging
from endpoints.models import Endpoint
from jobs.prices import Book


@dataclass(frozen=True)
class Shown:
    """An endpoint as a page shows it."""

    row: Endpoint
    verdict: idle.Verdict
    so_far: float | None
    days: int = idle.WINDOW_DAYS

    @classmethod
    def of(cls, row: Endpoint, now: datetime, judging: Judging | None = None) -> "Shown":
        judging = judging or Judging()
        verdict = traffic.judge(row, now, judging)
        return cls(row, verdict, cost.so_far(row, now), judging.days)

    @property
    def monthly(self) -> float | None:
        return cost.projected(self.row)

    @property
    def by_day(self) -> list[float]:
        return traffic.by_day(self.row, self.days)

    @property
    def most(self) -> float:
        return max(self.by_day, default=0.0)

    @property
    def spark(self) -> str:
        return charts.spark(self.by_day)


@dataclass(frozen=True)
class Use:
    """How many endpoints there are of each verdict, and what the idle ones cost a month."""

    counts: Mapping[str, int]
    idle_monthly: float

    @classmethod
    def of(cls, rows: Iterable[Endpoint], words: Mapping[int, str]) -> "Use":
        costs = [row.hourly_cost or 0.0 for row in rows if words[row.pk] == idle.IDLE]
        found = Counter(words.values())
        return cls({word: found[word] for word in idle.WORDS}, cost.monthly(sum(costs)))

    @property
    def idle(self) -> int:
        return self.counts[idle.IDLE]


@require_GET
def endpoint_list(request: HttpRequest) -> HttpResponse:
    who, now = actor_of(request), timezone.now()
    context = listed_of(who, request.GET.dict(), now)
    if "part" not in request.GET:
        context["burn_days"] = burn.by_day(burn.history(who.workspace, now))
    return page(request, "endpoints/list.html", context)


def listed_of(who: Actor, params: Mapping[str, str], now: datetime) -> dict[str, Any]:
    judging = Judging.of(params)
    rows = Endpoint.objects.present().of(who.workspace)
    if not params.get("status"):
        rows = rows.current()
    thin = list(traffic.judged_fields(rows))
    words = {row.pk: traffic.judge(row, now, judging).word for row in thin}
    if judging.word:
        rows = rows.filter(pk__in=[pk for pk, word in words.items() if word == judging.word])
    wish = {**params, "verdict": judging.word}
    found = replace(listing(rows.with_lineage(), wish, ENDPOINT_COLUMNS), state=judging.state)
    return {
        "listing": found,
        "shown": [Shown.of(row, now, judging) for row in found.rows],
        "burn": cost.burn(thin, Book(who.workspace.region)),
        "use": Use.of(thin, words),
        "judging": judging,
        "statuses": Endpoint.Status.values,
        "may_write": who.may(Role.MEMBER),
    }
