"""An endpoint's metrics over REST."""

from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema

from core import access
from core.http import actor_of
from core.nudge import nudge
from endpoints import metrics
from endpoints.api.routing import router
from endpoints.models import Endpoint
from endpoints.tasks import read_charts


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
