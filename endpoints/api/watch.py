"""What endpoints do and cost, over REST."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema

from core import access
from core.http import actor_of
from core.nudge import nudge
from endpoints import burn, cost, metrics
from endpoints.api.routing import router
from endpoints.models import Endpoint
from endpoints.tasks import read_charts
from jobs.prices import Book


class Metrics(Schema):
    """`series`: metric → variant → [[ISO time, value]] as CloudWatch has them: latencies in
    microseconds, sums by `period` seconds; a variant "" is the endpoint as a whole. `at`: when
    they were read, "" before the first time; `absent`: why there are none; `problem`: why they
    are not newer.
    """

    window: str
    at: str
    period: int
    series: dict[str, dict[str, list[list[Any]]]]
    absent: str
    problem: str


class BurnHour(Schema):
    """What an hour cost; `unpriced` of the `running` endpoints are not in it."""

    hour: datetime
    usd: float
    running: int
    unpriced: int


class BurnOut(Schema):
    """US dollars at list prices, now and in each hour of the last 14 days that is known."""

    hourly: float
    monthly: float
    running: int
    unpriced: int
    history: list[BurnHour]


@router.get("/burn", response=BurnOut)
def get_burn(request: HttpRequest) -> dict[str, Any]:
    """What the workspace's endpoints cost; an hour that nobody could see is missing."""
    workspace = actor_of(request).workspace
    rows = Endpoint.objects.active().of(workspace).only("status", "hourly_cost")
    found = cost.burn(rows, Book(workspace.region))
    return {
        "hourly": found.hourly,
        "monthly": found.monthly,
        "running": found.running,
        "unpriced": found.unpriced,
        "history": list(burn.history(workspace, timezone.now())),
    }


@router.get("/endpoints/{uid}/metrics", response=Metrics)
def get_metrics(
    request: HttpRequest, uid: str, window: Literal["1h", "24h", "14d"] = "24h"
) -> dict[str, Any]:
    """What was read last; asking has newer numbers read, at most once a minute."""
    rows = Endpoint.objects.select_related("workspace")
    endpoint = access.fetch(rows, actor_of(request), uid)
    if metrics.is_due(endpoint, timezone.now()):
        nudge(read_charts, endpoint.pk)
    told = metrics.told(endpoint, window)
    return told | {"window": window, "absent": metrics.absent(endpoint, window)}
