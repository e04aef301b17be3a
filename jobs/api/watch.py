"""What a job says while it runs: its log, its metrics, how busy its instances are."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import P, QueryEx, Router, Schema

from core import access
from core.http import actor_of
from jobs import hardware, loglines
from jobs.models import MetricPoint, TrainingJob

router = Router()


class Point(Schema):
    step: int
    value: float


class Line(Schema):
    """`level` is error, warning or info; "" for lines from before levels were told."""

    number: int
    at: datetime
    message: str
    level: str


class Lines(Schema):
    """`next` is the `after` of the next call; `complete` says that no more will come."""

    lines: list[Line]
    next: int
    complete: bool


class Hardware(Schema):
    """{series: [[time, per cent]]}, 100 of CPU for each core; `absent` says why there is none."""

    series: dict[str, list[tuple[datetime, float]]]
    absent: str


@router.get("/jobs/{uid}/logs", response=Lines)
def get_logs(
    request: HttpRequest,
    uid: str,
    after: int = 0,
    limit: QueryEx[int, P(ge=1, le=10_000)] = 1_000,
    q: QueryEx[str, P(max_length=200)] = "",
    level: QueryEx[str, P(pattern="^(error|warning)?$")] = "",
) -> dict[str, Any]:
    """Lines after a number, in order; `q` and `level` leave out those that do not match."""
    job = access.fetch(TrainingJob.objects.all(), actor_of(request), uid)
    found = loglines.matching(job, query=q, level=level).filter(number__gt=after)
    lines = list(found[:limit])
    return {
        "lines": lines,
        "next": lines[-1].number if lines else after,
        "complete": job.log_complete and len(lines) < limit,
    }


@router.get("/jobs/{uid}/metrics", response=dict[str, list[Point]])
def get_metrics(request: HttpRequest, uid: str) -> dict[str, list[dict[str, Any]]]:
    job = access.fetch(TrainingJob.objects.all(), actor_of(request), uid)
    series: dict[str, list[dict[str, Any]]] = {}
    points = MetricPoint.objects.filter(job=job)
    for name, step, value in points.values_list("name", "step", "value"):
        series.setdefault(name, []).append({"step": step, "value": value})
    return series


@router.get("/jobs/{uid}/hardware", response=Hardware)
def get_hardware(request: HttpRequest, uid: str) -> dict[str, Any]:
    job = access.fetch(TrainingJob.objects.all(), actor_of(request), uid)
    series = {name: points for name, points in job.hardware.items() if name != hardware.PROBLEM}
    return {"series": series, "absent": hardware.absent(job)}
