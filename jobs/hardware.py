"""How busy a job's instances are, out of CloudWatch into the row, so that pages need not ask AWS.

Namespace and dimension: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db.models import F, Q, QuerySet

from aws import cloudwatch
from aws import errors as aws
from aws.types import MetricQuery, Point
from core import live
from core.models import Workspace
from jobs.models import TrainingJob

CPU, MEMORY, DISK = "CPUUtilization", "MemoryUtilization", "DiskUtilization"
ON_GPU = ("GPUUtilization", "GPUMemoryUtilization")
HOSTS = 4  # a job: more lines are no chart
POINTS = 300  # a series at most: the period grows with the job
SETTLED = timedelta(minutes=3)  # after a job's end its last minute has arrived
PROBLEM = "problem"
log = logging.getLogger(__name__)


def due(workspace: Workspace, now: datetime) -> QuerySet[TrainingJob]:
    """Jobs that run, or ended so lately that numbers may still come; the longest unread first."""
    lately = Q(ended_at__isnull=True, status__in=_OPEN) | Q(ended_at__gt=now - SETTLED)
    unread = Q(hardware_read_at__isnull=True)
    unread |= Q(hardware_read_at__lte=now - timedelta(seconds=_every(workspace)))
    rows = TrainingJob.objects.of(workspace).at_aws().filter(started_at__isnull=False)
    oldest = F("hardware_read_at").asc(nulls_first=True)
    return rows.filter(lately & unread).select_related("workspace").order_by(oldest, "pk")


def refresh(workspace: Workspace, jobs: Iterable[TrainingJob], now: datetime) -> int:
    """Read the series of as many of `jobs` as one GetMetricData takes; how many it took.

    Never raises for AWS: what is refused stands on the row in words, what failed comes later.
    """
    taken, queries = batch(workspace, jobs, now)
    if not taken:
        return 0
    start = min(job.started_at or now for job, _ in taken) - timedelta(minutes=1)
    try:
        series = cloudwatch.metric_batch(workspace.account, queries, start=start, end=now)
    except aws.AwsError as error:
        _fail([job for job, _ in taken], error, now)
        return 0
    found = iter(series)
    for job, names in taken:
        _keep(job, {name: next(found) for name in names}, now)
    return len(taken)


def batch(
    workspace: Workspace, jobs: Iterable[TrainingJob], now: datetime
) -> tuple[list[tuple[TrainingJob, list[str]]], list[MetricQuery]]:
    """The jobs that fit into one call, each with the names of its series; and what to ask."""
    taken: list[tuple[TrainingJob, list[str]]] = []
    queries: list[MetricQuery] = []
    for job in jobs:
        asked = _queries(job, _every(workspace), now)
        if len(queries) + len(asked) > cloudwatch.QUERIES_PER_CALL:
            break
        taken.append((job, list(asked)))
        queries += asked.values()
    return taken, queries


def _queries(job: TrainingJob, every: int, now: datetime) -> dict[str, MetricQuery]:
    """By the name that the row keeps: the metric, and the instance where there are several."""
    lasted = ((job.ended_at or now) - (job.started_at or now)).total_seconds()
    period = every * max(1, ceil(lasted / every / POINTS))
    on_gpu = job.instance_type.startswith(("ml.p", "ml.g"))
    return {
        f"{metric} algo-{host}" if job.instance_count > 1 else metric: MetricQuery(
            cloudwatch.TRAINING_NAMESPACE,
            metric,
            {"Host": f"{job.aws_name}/algo-{host}"},
            period,
            "Average",
        )
        for host in range(1, min(job.instance_count, HOSTS) + 1)
        for metric in (CPU, MEMORY, DISK, *(ON_GPU if on_gpu else ()))
    }


def _every(workspace: Workspace) -> int:
    """Seconds: Amazon measures every minute; here jobs are often over by then."""
    return 60 if workspace.kind == Workspace.Kind.AWS else 5


def _keep(job: TrainingJob, series: dict[str, list[Point]], now: datetime) -> None:
    found = {
        name: [[point.at.isoformat(timespec="seconds"), round(point.value, 2)] for point in points]
        for name, points in series.items()
        if points
    }
    if not found and PROBLEM not in job.hardware:  # late or lost: it takes nothing away
        found = job.hardware
    TrainingJob.objects.filter(pk=job.pk).update(hardware=found, hardware_read_at=now)
    if found != job.hardware:
        live.publish(job)


def _fail(jobs: list[TrainingJob], error: aws.AwsError, now: datetime) -> None:
    log.info("no hardware metrics of %d jobs: %s", len(jobs), error.code or type(error).__name__)
    rows = TrainingJob.objects.filter(pk__in=[job.pk for job in jobs])
    rows.update(hardware_read_at=now)
    if not error.retryable:
        rows.filter(hardware={}).update(hardware={PROBLEM: error.message[:200]})


def series(job: TrainingJob) -> dict[str, list[tuple[str, float]]]:
    """(ISO time, per cent) by what is measured, in words."""
    return {
        _title(name): [(str(at), float(value)) for at, value in points]
        for name, points in job.hardware.items()
        if name != PROBLEM
    }


def summary(job: TrainingJob) -> list[dict[str, Any]]:
    """Average, most and latest per cent of each series."""
    return [
        {
            "title": title,
            "average": sum(value for _, value in points) / len(points),
            "most": max(value for _, value in points),
            "latest": points[-1][1],
        }
        for title, points in series(job).items()
        if points
    ]


def _title(name: str) -> str:
    """`CPUUtilization algo-2` for people."""
    metric, _, host = name.partition(" ")
    words = {
        CPU: "CPU, of one core",
        MEMORY: "memory",
        DISK: "disk",
        ON_GPU[0]: "GPU",
        ON_GPU[1]: "GPU memory",
    }
    return " ".join(filter(None, (words.get(metric, metric), host)))


def absent(job: TrainingJob) -> str:
    """Why there is nothing to chart, in a sentence; "" when there is."""
    if job.hardware and PROBLEM not in job.hardware:
        return ""
    if PROBLEM in job.hardware:
        return f"CloudWatch does not tell: {job.hardware[PROBLEM]}"
    if job.started_at is None:
        return "Nothing is measured before the job has its instances."
    if not job.is_finished:
        return "The first numbers come about a minute after the start."
    if job.hardware_read_at is None:
        return "Not copied: the job had ended before this console saw it. CloudWatch may have them."
    return "CloudWatch has none: it measures once a minute, and short jobs are over by then."


_OPEN = (TrainingJob.Status.IN_PROGRESS, TrainingJob.Status.STOPPING)
