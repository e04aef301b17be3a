"""How often endpoints are called, from CloudWatch into the rows; and the verdict on a row.

What is counted has both EndpointName and VariantName: asked by endpoint alone it answers nothing
for everybody. Only complete answers are kept; a failed reading is written down as the reason why
the verdict is unknown.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from aws import cloudwatch
from aws.errors import AwsError, Denied
from aws.types import MetricQuery, Point
from core import live
from core.models import Workspace
from endpoints import idle
from endpoints.columns import Judging
from endpoints.models import Endpoint
from endpoints.models.endpoints import EndpointQuerySet

REFRESH = timedelta(minutes=5)
# Two-hourly sums of 30 days: 500 series fit into two answers however busy they are (an answer has
# 100,800 points at most), and into one when most are silent.
PERIOD = 7200
READ_DAYS = 30
BACKLOG = "ApproximateBacklogSize"  # of an asynchronous endpoint, whatever the variant
WRITTEN = 100  # rows a statement
COMPONENT = "InferenceComponentName"


def refresh(workspace: Workspace, now: datetime) -> int:
    """Read the traffic of all endpoints that are due, at most every `REFRESH` each; how many.

    As many as fit into one GetMetricData at a time; the first that fails ends the pass.
    """
    due = (
        Endpoint.objects.active()
        .of(workspace)
        .filter(status=Endpoint.Status.IN_SERVICE, traffic_check_at__lte=now)
        .exclude(variants=[])
        .defer("charts", "recipe")
        .order_by("traffic_check_at", "pk")
    )
    done = 0
    for batch in batches(due):
        try:
            answers = read(workspace, batch, now, window_days=READ_DAYS)
        except AwsError as error:
            _write_problem(batch, now, problem(error))
            break
        _write(batch, answers, now)
        done += len(batch)
    return done


def batches(rows: Iterable[Endpoint]) -> Iterator[list[Endpoint]]:
    """`rows`, as many together as one call may ask about."""
    batch: list[Endpoint] = []
    size = 0
    for row in rows:
        more = len(queries(row))
        if batch and size + more > cloudwatch.QUERIES_PER_CALL:
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += more
    if batch:
        yield batch


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
    quiet_below: float = 0.0,
) -> idle.Verdict:
    """What the row's numbers say; asks nobody."""
    told = facts(endpoint)
    return idle.verdict(told, now, window_days=window_days, grace=grace, quiet_below=quiet_below)


def judge(endpoint: Endpoint, now: datetime, judging: Judging) -> idle.Verdict:
    """`verdict` over the days and after the grace that somebody chose."""
    return verdict(endpoint, now, window_days=judging.days, grace=judging.grace_time)


def judged(rows: EndpointQuerySet, now: datetime, judging: Judging) -> list[int]:
    """The keys of those of `rows` whose verdict is the word that somebody asks for."""
    thin = judged_fields(rows.select_related(None))
    return [row.pk for row in thin if judge(row, now, judging).word == judging.word]


def judged_fields(rows: EndpointQuerySet) -> EndpointQuerySet:
    """`rows` with no more than a verdict and a price need: a thousand in one look."""
    times = ("aws_created_at", "aws_modified_at")
    told = ("traffic", "traffic_problem", "variants", "components")
    return rows.only("status", "hourly_cost", *times, *told).order_by()


def facts(endpoint: Endpoint) -> idle.Facts:
    moments = [at for at in (endpoint.aws_created_at, endpoint.aws_modified_at) if at]
    return idle.Facts(
        status=endpoint.status,
        changed=max(moments) if moments else None,
        variants=[one["name"] for one in counted(endpoint)],
        traffic=stored(endpoint.traffic) if endpoint.traffic else None,
        problem=endpoint.traffic_problem,
        kind=endpoint.kind,
    )


def counted(endpoint: Endpoint) -> list[dict[str, Any]]:
    """What its calls are counted by: its variants, or the inference components on them."""
    return list(endpoint.components if endpoint.kind == idle.COMPONENTS else endpoint.variants)


def queries(endpoint: Endpoint) -> list[MetricQuery]:
    """What tells of the endpoint's calls; nothing where this console cannot count them."""
    named = {"EndpointName": endpoint.aws_name}
    space = cloudwatch.ENDPOINT_NAMESPACE
    found = [
        MetricQuery(space, metric, _dimensions(endpoint, one["name"]), PERIOD, "Sum")
        for one in counted(endpoint)
        for metric in idle.CALLS.get(endpoint.kind, ())
    ]
    if endpoint.kind == idle.ASYNC:
        found.append(MetricQuery(space, BACKLOG, named, PERIOD, "Maximum"))
    return found


def _dimensions(endpoint: Endpoint, name: str) -> dict[str, str]:
    """Of a component its name alone: with the endpoint's nothing is published."""
    if endpoint.kind == idle.COMPONENTS:
        return {COMPONENT: name}
    return {"EndpointName": endpoint.aws_name, "VariantName": name}


def _summed(
    found: list[tuple[MetricQuery, list[Point]]], now: datetime, window_days: int
) -> dict[str, Any]:
    by_day: dict[str, list[float]] = {}
    waiting = [0.0] * window_days
    for query, points in found:
        variant = query.dimensions.get("VariantName") or query.dimensions.get(COMPONENT, "")
        counts = by_day.setdefault(variant, [0.0] * window_days) if variant else waiting
        for point in points:
            day = _days_before(now, point.at, window_days)
            counts[day] = counts[day] + point.value if variant else max(counts[day], point.value)
    calls = [point.at for _, points in found for point in points if point.value > 0]
    return {
        "at": now.isoformat(),
        "window_days": window_days,
        "invocations": {variant: sum(counts) for variant, counts in by_day.items()},
        "waiting": max(waiting),
        "by_day": by_day,
        "waiting_by_day": waiting if any(waiting) else [],
        "last_at": max(calls).isoformat() if calls else "",
    }


def _days_before(now: datetime, at: datetime, window_days: int) -> int:
    """By the end of the period that begins at `at`: no call is taken for an older one."""
    end = at + timedelta(seconds=PERIOD)
    return min(max((now - end).days, 0), window_days - 1)


def stored(answer: dict[str, Any]) -> idle.Traffic:
    last = answer.get("last_at")
    return idle.Traffic(
        at=datetime.fromisoformat(answer["at"]),
        window_days=answer["window_days"],
        invocations=answer["invocations"],
        last_at=datetime.fromisoformat(last) if last else None,
        waiting=answer.get("waiting", 0.0),
        by_day=answer.get("by_day", {}),
        waiting_by_day=answer.get("waiting_by_day", ()),
    )


def by_day(endpoint: Endpoint, days: int) -> list[float]:
    """Calls of all variants in each of the last `days` days, the oldest first; [] if unknown."""
    counts = (endpoint.traffic or {}).get("by_day", {}).values()
    return [sum(day) for day in zip(*counts, strict=True)][:days][::-1]


def problem(error: AwsError) -> str:
    """Why there are no numbers, as `Endpoint.traffic_problem` keeps it."""
    what = "refused" if isinstance(error, Denied) else "did not tell"
    return f"CloudWatch {what} the number of calls: {error.message}"[:300]


def _write(rows: list[Endpoint], answers: dict[int, dict[str, Any]], now: datetime) -> None:
    for row in rows:
        told = answers[row.pk]
        if row.traffic_problem or _gist(row.traffic) != _gist(told):
            live.publish(row)
        row.traffic, row.traffic_problem, row.traffic_check_at = told, "", now + REFRESH
    fields = ["traffic", "traffic_problem", "traffic_check_at"]
    Endpoint.objects.bulk_update(rows, fields, batch_size=WRITTEN)


def _gist(told: dict[str, Any] | None) -> list[Any]:
    """What a page that is open should show at once."""
    return [(told or {}).get(name) for name in ("invocations", "waiting", "last_at")]


def _write_problem(rows: list[Endpoint], now: datetime, words: str) -> None:
    pks = [row.pk for row in rows]
    again = now + REFRESH
    Endpoint.objects.filter(pk__in=pks).update(traffic_check_at=again, traffic_problem=words)
    for row in rows:
        if row.traffic_problem != words:
            live.publish(row)
