"""An endpoint's charts out of CloudWatch into the row, for as long as somebody looks.

What an endpoint counts is in AWS/SageMaker, how busy its instances are in
/aws/sagemaker/Endpoints; both by EndpointName and VariantName:
https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
CloudWatch charges for each series that is read, so nothing is read that nobody looks at, nor more
often than new numbers come.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from aws import cloudwatch
from aws.errors import AwsError, Denied
from aws.types import MetricQuery, Point
from core import live
from endpoints import idle
from endpoints.charts import WINDOWS, Window
from endpoints.models import Endpoint

EVERY = timedelta(minutes=1)
VARIANTS = 4  # more lines are no chart
MACHINES = "/aws/sagemaker/Endpoints"
COUNTED = {
    idle.ASYNC: ("InvocationsProcessed", "InvocationFailures"),
    "": ("Invocations",),
}
ERRORS = ("Invocation4XXErrors", "Invocation5XXErrors")
LATENCIES = (("ModelLatency", "p50"), ("ModelLatency", "p99"), ("OverheadLatency", "p50"))
USAGE = ("CPUUtilization", "MemoryUtilization", "DiskUtilization")


def is_due(endpoint: Endpoint, now: datetime) -> bool:
    """Whether somebody who looks now should have newer numbers."""
    if endpoint.status in Endpoint.TERMINAL or not endpoint.variants:
        return False
    return endpoint.charts_at is None or now - endpoint.charts_at >= EVERY


def refresh(endpoint: Endpoint, now: datetime) -> bool:
    """Read the windows whose numbers are old; whether it did. At most once every `EVERY`."""
    unread = Q(charts_at__isnull=True) | Q(charts_at__lte=now - EVERY)
    if not is_due(endpoint, now) or not (
        Endpoint.objects.filter(unread, pk=endpoint.pk).update(charts_at=now)
    ):
        return False
    charts = dict(endpoint.charts or {})
    for name, window in WINDOWS.items():
        if _is_old(charts.get(name), window, now):
            charts[name] = _window(endpoint, window, now, charts.get(name))
    Endpoint.objects.filter(pk=endpoint.pk).update(charts=charts)
    live.publish(endpoint)
    return True


def _is_old(told: dict[str, Any] | None, window: Window, now: datetime) -> bool:
    if not told or told.get("problem"):
        return True
    return now - datetime.fromisoformat(told["at"]) >= window.fresh


def _window(
    endpoint: Endpoint, window: Window, now: datetime, before: dict[str, Any] | None
) -> dict[str, Any]:
    """What CloudWatch answers at `now`; with a problem what it answered `before` stays."""
    asked = queries(endpoint, window.period)
    try:
        answers = cloudwatch.metric_batch(
            endpoint.workspace.account,
            [query for _, _, query in asked],
            start=now - window.span,
            end=now,
        )
    except AwsError as error:
        what = "refused" if isinstance(error, Denied) else "did not tell"
        nothing: dict[str, Any] = {"at": "", "period": window.period, "series": {}}
        return (before or nothing) | {"problem": f"CloudWatch {what}: {error.message}"[:300]}
    series: dict[str, dict[str, list[list[Any]]]] = {}
    for (name, variant, _), points in zip(asked, answers, strict=True):
        if points:
            series.setdefault(name, {})[variant] = _kept(points)
    return {"at": now.isoformat(), "period": window.period, "series": series}


def _kept(points: list[Point]) -> list[list[Any]]:
    return [[point.at.isoformat(timespec="minutes"), round(point.value, 3)] for point in points]


def queries(endpoint: Endpoint, period: int) -> list[tuple[str, str, MetricQuery]]:
    """(name of the series, variant, what is asked)."""
    found = []
    for variant in endpoint.variants[:VARIANTS]:
        by = {"EndpointName": endpoint.aws_name, "VariantName": variant["name"]}
        for name, space, metric, statistic in _of_a_variant(endpoint.kind):
            query = MetricQuery(space, metric, by, period, statistic)
            found.append((name, variant["name"], query))
    if endpoint.kind == idle.ASYNC:
        whole = {"EndpointName": endpoint.aws_name}
        space, metric = cloudwatch.ENDPOINT_NAMESPACE, "ApproximateBacklogSize"
        found.append((metric, "", MetricQuery(space, metric, whole, period, "Maximum")))
    return found


def _of_a_variant(kind: str) -> list[tuple[str, str, str, str]]:
    """(name, namespace, metric, statistic) of what each variant publishes."""
    space = cloudwatch.ENDPOINT_NAMESPACE
    counted = (*COUNTED.get(kind, COUNTED[""]), *ERRORS)
    return [
        *((metric, space, metric, "Sum") for metric in counted),
        *((f"{metric} {stat}", space, metric, stat) for metric, stat in LATENCIES),
        *((metric, MACHINES, metric, "Average") for metric in USAGE),
    ]


def told(endpoint: Endpoint, window: str) -> dict[str, Any]:
    """{at, period, series, problem} of a window as the row has it."""
    kept: dict[str, Any] = (endpoint.charts or {}).get(window, {})
    return {"at": "", "period": WINDOWS[window].period, "series": {}, "problem": ""} | kept


def read_at(endpoint: Endpoint, window: str) -> datetime | None:
    at = told(endpoint, window)["at"]
    return datetime.fromisoformat(at) if at else None


def absent(endpoint: Endpoint, window: str) -> str:
    """Why there is nothing to chart, in a sentence; "" when there is."""
    found = told(endpoint, window)
    if found["series"]:
        return ""
    if found["problem"]:
        return str(found["problem"])
    if not endpoint.variants:
        return "Its variants are not known yet, so CloudWatch cannot be asked."
    if not found["at"]:
        return "Being read from CloudWatch."
    return (
        f"CloudWatch has nothing of the last {WINDOWS[window].title}: no call, and no instance"
        " measured. Numbers come a minute or more after a call."
    )
