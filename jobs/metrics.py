"""What a job's log says about its learning: points per round, the best value, how far it is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min

from jobs import charts, directions, pace, patterns, values
from jobs.catalogue import ALGORITHMS
from jobs.catalogue.definition import Algorithm, Point
from jobs.models import MetricPoint, TrainingJob

EPOCHS = ("epochs", "num_epochs", "n_epochs", "max_epochs", "num_train_epochs")  # of scripts
_COUNT = re.compile(r"[0-9]{1,9}")


def read(algorithm: Algorithm, lines: Iterable[str]) -> list[Point]:
    """Every (metric, step, value) in `lines`, in order, with AWS's names (`validation:auc`)."""
    return [point for line in lines for point in algorithm.read(line)]


def store(job: TrainingJob, lines: Iterable[str]) -> None:
    """Keep the points of new `lines`, the latest value of each metric and the best headline.

    AWS's final values, once there, win over the log's. Runs in the caller's transaction.
    """
    algorithm, lines = ALGORITHMS.get(job.algorithm), list(lines)
    points = read(algorithm, lines) if algorithm else _numbered(job, lines)
    over = pace.done(lines, rounds(job))
    if over > job.rounds_done:
        TrainingJob.objects.filter(pk=job.pk, rounds_done__lt=over).update(rounds_done=over)
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
    told = job.headline_direction if metric == job.headline_metric else ""
    return (told or directions.direction(metric)) == "maximize"


def _best(job: TrainingJob) -> float | None:
    best = Max("value") if maximizes(job, job.headline_metric) else Min("value")
    values = MetricPoint.objects.filter(job=job, name=job.headline_metric)
    value: float | None = values.aggregate(best=best)["best"]
    return value


def rounds(job: TrainingJob) -> int | None:
    """How many rounds or epochs the job will have at most; None when that is not known, or one."""
    algorithm = ALGORITHMS.get(job.algorithm)
    names = (algorithm.steps or EPOCHS[0],) if algorithm else EPOCHS
    known = algorithm.by_name if algorithm else {}
    texts = [job.hyperparameters.get(name) for name in names]
    texts += [known[name].default for name in names if name in known]
    # What Amazon's SDK sends to a script is JSON: "10" may come with its quotes.
    total = next((str(text).strip('"') for text in texts if text), "")
    return int(total) if _COUNT.fullmatch(total) and 1 < int(total) <= pace.MOST else None


def unit(job: TrainingJob) -> str:
    """What its steps are called."""
    return "round" if job.algorithm == "xgboost" else "epoch"


@dataclass(frozen=True)
class Progress:
    """`done` of `total` rounds; `seconds_left` by the pace so far, None while there is none."""

    done: int
    total: int
    seconds_left: float | None
    unit: str

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
    return Progress(done, total, left, unit(job))


def charted(job: TrainingJob, most: int) -> list[str]:
    """The metrics that have a curve, without their channels, the telling one first.

    Of a job that runs also the expected ones; of one that is over those with more than one value.
    """
    counted = MetricPoint.objects.filter(job=job).order_by().values("name")
    counts = {row["name"]: row["count"] for row in counted.annotate(count=Count("pk"))}
    asked = str(job.hyperparameters.get("eval_metric", "")).split(",")
    names = [
        job.headline_metric,
        *(f"validation:{name.strip()}" for name in asked if name.strip()),
        *sorted(counts),
    ]
    if job.is_finished:
        names = [name for name in names if counts.get(name, 0) > 1]
    return [name for name in dict.fromkeys(charts.split(name)[1] for name in names) if name][:most]


def series(job: TrainingJob, metric: str) -> dict[str, list[tuple[int, float]]]:
    """The curves of a metric by channel, train first."""
    points = MetricPoint.objects.filter(job=job)
    known = points.order_by("name").values_list("name", flat=True).distinct()
    names = {name: charts.split(name)[0] for name in known if charts.split(name)[1] == metric}
    channels = sorted(names.values(), key=lambda channel: (channel != "train", channel))
    found: dict[str, list[tuple[int, float]]] = {channel: [] for channel in channels}
    rows = points.filter(name__in=list(names))
    for name, step, value in rows.values_list("name", "step", "value"):
        found[names[name]].append((step, value))
    return found
