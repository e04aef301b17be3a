"""Any runs of a workspace beside each other: which, what is known of each, their curves."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Max

from core.models import Workspace
from datasets.models import DatasetQuerySet
from jobs import charts, comparison, cost
from jobs.comparison import Facts, Row, Value, number
from jobs.directions import direction
from jobs.machine import Machine
from jobs.models import JobQuerySet, MetricPoint, TrainingJob
from jobs.prices import Book

MOST = 50
DRAWN = 20_000  # points of a figure; never more than charts.LIMIT of a curve
FEWEST = 200
ROUNDS = 50  # of a figure as a table
UID = 20  # characters of what a wrong address is told back
HEAVY = (
    *("transitions", "log_token", "failure_reason", "notes", "hardware", "metric_definitions"),
    *(f"preparation__{name}" for name in ("encoding", "preview", "implied", "artefacts")),
    *(f"preparation__dataset__{name}" for name in DatasetQuerySet.HEAVY),
)


@dataclass(frozen=True)
class Chosen:
    """`missing` are unknown here or somebody else's, which look the same."""

    jobs: list[TrainingJob]
    missing: list[str]
    left_out: int  # beyond MOST


def asked(texts: Iterable[str]) -> list[str]:
    """The uids in an address: comma-separated, repeated, or both; in order, each once."""
    words = [word.strip()[:UID] for text in texts for word in text.split(",")]
    return list(dict.fromkeys(word for word in words if word))


def runs() -> JobQuerySet:
    """Jobs with all that a comparison shows of them."""
    near = ("workspace", "preparation__dataset", "experiment", "tuning_job")
    return TrainingJob.objects.present().select_related(*near).defer(*HEAVY)


def choose(workspace: Workspace, uids: Sequence[str]) -> Chosen:
    """The runs of `uids` that are the workspace's, in that order."""
    wanted = list(uids)[:MOST]
    found = {job.uid: job for job in runs().of(workspace).filter(uid__in=wanted)}
    return Chosen(
        jobs=[found[uid] for uid in wanted if uid in found],
        missing=[uid for uid in wanted if uid not in found],
        left_out=len(uids) - len(wanted),
    )


def table(jobs: Sequence[TrainingJob], *, baseline: str = "", now: datetime) -> list[Row]:
    """Every fact of every run; `baseline` is the uid of the run that others are held against."""
    place = next((place for place, job in enumerate(jobs) if job.uid == baseline), None)
    done = [job.status == TrainingJob.Status.COMPLETED for job in jobs]
    book = Book(jobs[0].workspace.region) if jobs else None
    known = [facts(job, now=now, book=book) for job in jobs]
    return comparison.rows(known, direction, baseline=place, finished=done)


def facts(job: TrainingJob, *, now: datetime, book: Book | None = None) -> Facts:
    """All that may differ between two runs, by key."""
    found: dict[str, Value | None] = {
        "run.algorithm": job.algorithm or "own image",
        "run.image": job.image,
        "run.entry_point": job.entry_point,
        "run.command": shlex.join([*job.entrypoint, *job.arguments]),
        "run.source": job.source,
        "run.experiment": job.experiment.name if job.experiment else "",
        "run.tuning_job": job.tuning_job.name if job.tuning_job else "",
    }
    given = sorted(job.hyperparameters.items())
    found |= {f"param.{name}": value for name, value in given if not name.startswith("_")}
    found |= {f"env.{name}": value for name, value in sorted(job.environment.items())}
    found |= _data(job) | _machine(job) | _results(job, now, book)
    return {key: value for key, value in found.items() if value not in (None, "")}


def _data(job: TrainingJob) -> dict[str, Value | None]:
    made = job.preparation
    if made is None:
        channels = sorted(job.inputs.items())
        return {f"data.{name}": str(one.get("uri", "")) for name, one in channels}
    counted = {f"data.{name}_rows": one.get("rows") for name, one in made.channels.items()}
    return {
        "data.dataset": made.dataset.name,
        "data.version": made.dataset.version,
        "data.preparation": made.name,
        "data.target": made.target,
        "data.task": made.task,
        "data.features": len(made.features),
        "data.split": made.shares,
        "data.seed": made.seed,
        **counted,
    }


def _machine(job: TrainingJob) -> dict[str, Value | None]:
    words = [name for name in Machine.__annotations__ if name not in ("environment", "aws_tags")]
    found = {f"machine.{name}": getattr(job, name) for name in words}
    return found | {"machine.use_spot": "yes" if job.use_spot else "no"}


def _results(job: TrainingJob, now: datetime, book: Book | None) -> dict[str, Value | None]:
    found: dict[str, Value | None] = {
        "result.status": job.status,
        "result.rounds": job.rounds_done or None,
        "result.seconds": job.seconds,
        "result.billable_seconds": job.billable_seconds,
        "result.cost_usd": cost.of(job, now=now, book=book).so_far,
    }
    if job.headline_metric:
        found[f"best.{job.headline_metric}"] = job.headline_value
    return found | {f"metric.{name}": value for name, value in sorted(job.metrics.items())}


def metrics_of(jobs: Sequence[TrainingJob]) -> list[str]:
    """The metrics that any run has, those that tell how a run went first."""
    telling = [job.headline_metric for job in jobs if job.headline_metric]
    seen = sorted({name for job in jobs for name in job.metrics})
    return [name for name in dict.fromkeys([*telling, *seen]) if name in seen]


def curves(jobs: Sequence[TrainingJob], metric: str) -> dict[str, charts.Points]:
    """The points of `metric` by a run's uid, thinned: as many as `DRAWN` leaves to each run.

    One query; a curve at a time is in memory.
    """
    limit = max(FEWEST, min(charts.LIMIT, DRAWN // max(1, len(jobs))))
    uids = {job.pk: job.uid for job in jobs}
    points = MetricPoint.objects.filter(job__in=list(uids), name=metric).order_by("job", "step")
    found = points.values_list("job_id", "step", "value").iterator(chunk_size=10_000)
    return {
        uids[pk]: charts.thinned([(step, value) for _, step, value in curve], limit)
        for pk, curve in groupby(found, key=lambda row: row[0])
    }


def points(jobs: Sequence[TrainingJob], metric: str) -> list[tuple[int, list[float | None]]]:
    """At most ROUNDS rounds (from 1) of `metric`, evenly taken, with a value for each run."""
    rows = MetricPoint.objects.filter(job__in=[job.pk for job in jobs], name=metric)
    last = rows.aggregate(last=Max("step"))["last"]
    if last is None:
        return []
    few = max(1, min(ROUNDS, last + 1) - 1)
    steps = sorted({last * part // few for part in range(few + 1)})
    found = rows.filter(step__in=steps).values_list("step", "job_id", "value")
    values = {(step, pk): value for step, pk, value in found}
    return [(step + 1, [values.get((step, job.pk)) for job in jobs]) for step in steps]


@dataclass(frozen=True)
class Scatter:
    """One fact against another; `dots` are (a run's place, x, y) of the runs that have both."""

    x: Row
    y: Row
    across: list[Row]  # what may stand on each axis
    up: list[Row]

    @property
    def dots(self) -> list[tuple[int, Value, float]]:
        pairs = enumerate(zip(self.x.cells, self.y.cells, strict=True))
        found = ((place, x.value, number(y.value)) for place, (x, y) in pairs)
        return [(place, x, y) for place, x, y in found if x is not None and y is not None]


def scatter(rows: Sequence[Row], x: str, y: str) -> Scatter | None:
    """The facts with the keys `x` and `y`; unknown ones give way to a parameter and a metric."""
    across = [row for row in rows if row.group != "Run"]
    up = [row for row in across if row.group == "Results" and _is_measured(row)]
    if not up:
        return None
    usual = [row for row in across if row.differs and row.group == "Parameters"] or across
    right = next((row for row in across if row.key == x), usual[0])
    above = next((row for row in up if row.key == y), None)
    telling = [row for row in up if row.key.startswith(("best.", "metric."))] or up
    return Scatter(right, above or telling[0], across, up)


def _is_measured(row: Row) -> bool:
    return any(number(cell.value) is not None for cell in row.cells)
