"""How often endpoints are called, from CloudWatch into the rows; and the verdict on a row.

What is counted has both EndpointName and VariantName: asked by endpoint alone it answers nothing
for everybody. Only complete answers are kept; a failed reading is written down as the reason why
the verdict is unknown.
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
BACKLOG = "ApproximateBacklogSize"  # of an asynchronous endpoint, whatever the variant
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
    try:
        answers = read(workspace, due, now, window_days=window_days)
    except AwsError as error:
        _write(due, now, traffic_problem=problem(error))
        return 0
    for row in due:
        _write([row], now, traffic=answers[row.pk], traffic_problem="")
    return len(due)


def read(
    workspace: Workspace, rows: Sequence[Endpoint], now: datetime, *, window_days: int
) -> dict[int, dict[str, Any]]:
    """CloudWatch's answer at `now`, by the rows' keys, as `Endpoint.traffic` keeps it.

    Raises AwsError unless the answer is complete for every row.
    """
    asked = [(row, query) for row in rows for query in queries(row)]
    series = cloudwatch.metric_batch(
        workspace.account,
        [query for _, query in asked],
        start=now - timedelta(days=window_days),
        end=now,
    )
    found: dict[int, list[tuple[MetricQuery, list[Point]]]] = {row.pk: [] for row in rows}
    for (row, query), points in zip(asked, series, strict=True):
        found[row.pk].append((query, points))
    return {pk: _summed(answers, now, window_days) for pk, answers in found.items()}


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
        traffic=stored(endpoint.traffic) if endpoint.traffic else None,
        problem=endpoint.traffic_problem,
        kind=endpoint.kind,
    )


def queries(endpoint: Endpoint) -> list[MetricQuery]:
    """What tells of the endpoint's calls; nothing where this console cannot count them."""
    named = {"EndpointName": endpoint.aws_name}
    space = cloudwatch.ENDPOINT_NAMESPACE
    found = [
        MetricQuery(space, metric, named | {"VariantName": variant["name"]}, PERIOD, "Sum")
        for variant in endpoint.variants
        for metric in idle.CALLS.get(endpoint.kind, ())
    ]
    if endpoint.kind == idle.ASYNC:
        found.append(MetricQuery(space, BACKLOG, named, PERIOD, "Maximum"))
    return found


def _summed(
    found: list[tuple[MetricQuery, list[Point]]], now: datetime, window_days: int
) -> dict[str, Any]:
    sums: dict[str, float] = {}
    waiting = 0.0
    for query, points in found:
        if query.metric == BACKLOG:
            waiting = max((point.value for point in points), default=0.0)
        else:
            variant = query.dimensions["VariantName"]
            sums[variant] = sums.get(variant, 0.0) + sum(point.value for point in points)
    calls = [point.at for _, points in found for point in points if point.value > 0]
    return {
        "at": now.isoformat(),
        "window_days": window_days,
        "invocations": sums,
        "waiting": waiting,
        "last_at": max(calls).isoformat() if calls else "",
    }


def stored(answer: dict[str, Any]) -> idle.Traffic:
    """The facts of an answer that `read` gave."""
    last = answer.get("last_at")
    return idle.Traffic(
        at=datetime.fromisoformat(answer["at"]),
        window_days=answer["window_days"],
        invocations=answer["invocations"],
        last_at=datetime.fromisoformat(last) if last else None,
        waiting=answer.get("waiting", 0.0),
    )


def problem(error: AwsError) -> str:
    """Why there are no numbers, as `Endpoint.traffic_problem` keeps it."""
    what = "refused" if isinstance(error, Denied) else "did not tell"
    return f"CloudWatch {what} the number of calls: {error.message}"[:300]


def _write(rows: Sequence[Endpoint], now: datetime, **changes: Any) -> None:
    pks = [row.pk for row in rows]
    Endpoint.objects.filter(pk__in=pks).update(traffic_check_at=now + REFRESH, **changes)
    for row in rows:
        live.publish(row)
