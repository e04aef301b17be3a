"""What a job's log says about its learning: points per round, the best value, how far it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min

from jobs import directions, patterns, values
from jobs.catalogue import ALGORITHMS
from jobs.catalogue.definition import Algorithm, Point
from jobs.machine import DIRECTION
from jobs.models import MetricPoint, TrainingJob


def read(algorithm: Algorithm, lines: Iterable[str]) -> list[Point]:
    """Every (metric, step, value) in `lines`, in order, with AWS's names (`validation:auc`)."""
    return [point for line in lines for point in algorithm.read(line)]


def store(job: TrainingJob, lines: Iterable[str]) -> None:
    """Keep the points of new `lines`, the latest value of each metric and the best headline.

    AWS's final values, once there, win over the log's. Runs in the caller's transaction.
    """
    algorithm = ALGORITHMS.get(job.algorithm)
    points = read(algorithm, lines) if algorithm else _numbered(job, lines)
    if not points:
        return
    MetricPoint.objects.bulk_create(
        [MetricPoint(job=job, name=name, step=step, value=value) for name, step, value in points],
        ignore_conflicts=True,
        batch_size=2_000,
    )
    fresh = TrainingJob.objects.select_for_update().get(pk=job.pk)
    latest = {name: value for name, _, value in points}
    merged = latest | fresh.metrics if fresh.is_finished else fresh.metrics | latest
    done = max(fresh.rounds_done, 1 + max(step for _, step, _ in points))
    TrainingJob.objects.filter(pk=job.pk).update(
        metrics=merged, headline_value=_best(job), rounds_done=done
    )
    values.keep_metrics(job, merged)


def _numbered(job: TrainingJob, lines: Iterable[str]) -> list[Point]:
    """What the job's own metric definitions find; a metric's values are numbered from 0."""
    if not job.metric_definitions:
        return []
    seen = MetricPoint.objects.filter(job=job).order_by().values("name")
    steps = {row["name"]: row["last"] + 1 for row in seen.annotate(last=Max("step"))}
    points: list[Point] = []
    for line in lines:
        for name, value in patterns.read(job.metric_definitions, line):
            step = steps.get(name, 0)
            points.append((name, step, value))
            steps[name] = step + 1
    return points


def maximizes(job: TrainingJob, metric: str) -> bool:
    """Whether more of `metric` is better: as the catalogue, the job itself or usual words say."""
    algorithm = ALGORITHMS.get(job.algorithm)
    if algorithm:
        return algorithm.maximizes(metric)
    told = job.aws_tags.get(DIRECTION, "") if metric == job.headline_metric else ""
    return (told or directions.direction(metric)) == "maximize"


def _best(job: TrainingJob) -> float | None:
    best = Max("value") if maximizes(job, job.headline_metric) else Min("value")
    values = MetricPoint.objects.filter(job=job, name=job.headline_metric)
    value: float | None = values.aggregate(best=best)["best"]
    return value


def rounds(job: TrainingJob) -> int | None:
    """How many rounds the job was asked for; None when that is not known."""
    algorithm = ALGORITHMS.get(job.algorithm)
    total = str(job.hyperparameters.get(algorithm.steps, "")) if algorithm else ""
    return int(total) if total.isdigit() and int(total) else None


@dataclass(frozen=True)
class Progress:
    """`done` of `total` rounds; `seconds_left` by the pace so far, None while there is none."""

    done: int
    total: int
    seconds_left: float | None

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total)


def progress(job: TrainingJob, *, now: datetime) -> Progress | None:
    """How far the log has shown the job to be; None when its length is not known."""
    total, done, left = rounds(job), job.rounds_done, None
    if total is None:
        return None
    training = next((t["start"] for t in job.transitions if t["status"] == "Training"), None)
    if done and training and not job.is_finished:
        elapsed = (now - datetime.fromisoformat(training)).total_seconds()
        left = max(0.0, elapsed / done * (total - done))
    return Progress(done, total, left)
