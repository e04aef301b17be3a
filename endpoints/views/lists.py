"""The list of endpoints, and how each stands."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.http import actor_of, page
from core.listing import listing
from core.models import Role
from endpoints import cost, idle, traffic
from endpoints.columns import ENDPOINT_COLUMNS
from endpoints.models import Endpoint
from jobs.prices import Book


@dataclass(frozen=True)
class Shown:
    """An endpoint as a page shows it."""

    row: Endpoint
    verdict: idle.Verdict
    so_far: float | None

    @classmethod
    def of(cls, row: Endpoint, now: datetime) -> "Shown":
        return cls(row, traffic.verdict(row, now), cost.so_far(row, now))


@require_GET
def endpoint_list(request: HttpRequest) -> HttpResponse:
    who, now = actor_of(request), timezone.now()
    rows = Endpoint.objects.present().of(who.workspace)
    burn = cost.burn(rows.active().only("status", "hourly_cost"), Book(who.workspace.region))
    if not request.GET.get("status"):
        rows = rows.current()
    found = listing(rows.with_lineage(), request.GET.dict(), ENDPOINT_COLUMNS)
    context = {
        "listing": found,
        "shown": [Shown.of(row, now) for row in found.rows],
        "burn": burn,
        "statuses": Endpoint.Status.values,
        "may_write": who.may(Role.MEMBER),
    }
    return page(request, "endpoints/list.html", context)
