"""How often endpoints are called, from CloudWatch into the rows; and the verdict on a row.

`Invocations` has both EndpointName and VariantName: asked by endpoint alone it answers nothing for
everybody. Only complete answers are kept; a failed reading is written down as the reason why the
verdict is unknown.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from aws import cloudwatch
from aws.errors import AwsError, Denied
from aws.types import MetricQuery, Point
from core import live
from core.models import Workspace
from endpoints import idle
from endpoints.models import Endpoint

REFRESH = timedelta(minutes=5)
PERIOD = 3600  # seconds: sums by the hour
BATCH = 200  # endpoints a pass


def refresh(workspace: Workspace, now: datetime, *, window_days: int = idle.WINDOW_DAYS) -> int:
    """Read the traffic of endpoints that are due, at most every `REFRESH` each; how many."""
    due = list(
        Endpoint.objects.active()
        .of(workspace)
        .filter(status=Endpoint.Status.IN_SERVICE, traffic_check_at__lte=now)
        .exclude(variants=[])
        .order_by("traffic_check_at")[:BATCH]
    )
    if not due:
        return 0
    asked = [(row, variant["name"]) for row in due for variant in row.variants]
    start = now - timedelta(days=window_days)
    try:
        series = cloudwatch.metric_batch(
            workspace.account,
            [_invocations(row.aws_name, variant) for row, variant in asked],
            start=start,
            end=now,
        )
    except AwsError as error:
        _write(due, now, traffic_problem=_problem(error))
        return 0
    for row in due:
        found = {
            variant: points
            for (owner, variant), points in zip(asked, series, strict=True)
            if owner is row
        }
        _write([row], now, traffic=_summed(found, now, window_days), traffic_problem="")
    return len(due)


def verdict(
    endpoint: Endpoint,
    now: datetime,
    *,
    window_days: int = idle.WINDOW_DAYS,
    grace: timedelta = idle.GRACE,
) -> idle.Verdict:
    """What the row's numbers say; asks nobody."""
    return idle.verdict(facts(endpoint), now, window_days=window_days, grace=grace)


def facts(endpoint: Endpoint) -> idle.Facts:
    moments = [at for at in (endpoint.aws_created_at, endpoint.aws_modified_at) if at]
    return idle.Facts(
        status=endpoint.status,
        changed=max(moments) if moments else None,
        variants=[variant["name"] for variant in endpoint.variants],
        traffic=_traffic(endpoint.traffic) if endpoint.traffic else None,
        problem=endpoint.traffic_problem,
    )


def _invocations(endpoint: str, variant: str) -> MetricQuery:
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    return MetricQuery(cloudwatch.ENDPOINT_NAMESPACE, "Invocations", dimensions, PERIOD, "Sum")


def _summed(found: dict[str, list[Point]], now: datetime, window_days: int) -> dict[str, Any]:
    calls = [point.at for points in found.values() for point in points if point.value > 0]
    return {
        "at": now.isoformat(),
        "window_days": window_days,
        "invocations": {name: sum(p.value for p in points) for name, points in found.items()},
        "last_at": max(calls).isoformat() if calls else "",
    }


def _traffic(stored: dict[str, Any]) -> idle.Traffic:
    last = stored.get("last_at")
    return idle.Traffic(
        at=datetime.fromisoformat(stored["at"]),
        window_days=stored["window_days"],
        invocations=stored["invocations"],
        last_at=datetime.fromisoformat(last) if last else None,
    )


def _problem(error: AwsError) -> str:
    what = "refused" if isinstance(error, Denied) else "did not tell"
    return f"CloudWatch {what} the number of calls: {error.message}"[:300]


def _write(rows: Sequence[Endpoint], now: datetime, **changes: Any) -> None:
    pks = [row.pk for row in rows]
    Endpoint.objects.filter(pk__in=pks).update(traffic_check_at=now + REFRESH, **changes)
    for row in rows:
        live.publish(row)
