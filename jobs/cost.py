"""What a job costs: list prices times the time that AWS bills."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from core.models import Workspace
from jobs.models import TrainingJob, TuningJob
from jobs.prices import SHIPPED_REGION, Book, Rate


@dataclass(frozen=True)
class Cost:
    """US dollars; `is_charged` is False on this machine, where they are what Amazon would charge.

    `so_far` is None when no price is known; `cap` is what the maximum runtime would cost. `rate`
    says whose price it is, and of when.
    """

    rate: Rate | None
    hourly: float | None
    so_far: float | None
    cap: float | None
    is_charged: bool


def of(job: TrainingJob, *, now: datetime, book: Book | None = None) -> Cost:
    """Billed seconds once AWS has said them, until then the time since training began.

    Whoever asks for many jobs hands in their workspace's `book`: each new one is a query.
    """
    seconds = float(job.billable_seconds or 0)
    if job.billable_seconds is None and job.started_at:
        seconds = max(0.0, ((job.ended_at or now) - job.started_at).total_seconds())
    return _cost(job, seconds, job.max_runtime_seconds, book)


def saved(job: TrainingJob) -> float | None:
    """The share that spot instances saved, by Amazon's formula; None where that is not known."""
    trained, billed = job.training_seconds, job.billable_seconds
    if not job.use_spot or not trained or billed is None:
        return None
    return max(0.0, 1 - billed / trained)


def of_tuning(job: TuningJob, *, book: Book | None = None, billed: int | None = None) -> Cost:
    """What its finished trials cost, and what all of them would at their maximum runtime.

    Whoever asks for many hands in the seconds `billed` for their trials, and the `book`.
    """
    if billed is None:
        billed = job.trials.aggregate(seconds=Sum("billable_seconds"))["seconds"] or 0
    return _cost(job, billed, job.max_runtime_seconds * job.max_jobs, book)


def _cost(job: TrainingJob | TuningJob, seconds: float, most: float, book: Book | None) -> Cost:
    rate = (book or Book(job.workspace.region)).rate(job.instance_type)
    hourly = rate.usd_per_hour * job.instance_count if rate else None
    return Cost(
        rate=rate,
        hourly=hourly,
        so_far=None if hourly is None else hourly * seconds / 3_600,
        cap=None if hourly is None else hourly * most / 3_600,
        is_charged=job.workspace.kind == Workspace.Kind.AWS,
    )


def per_hour(instance_type: str, instance_count: int = 1, book: Book | None = None) -> float | None:
    """US dollars an hour for all instances; None for a type without a known price."""
    rate = (book or Book(SHIPPED_REGION)).rate(instance_type)
    return None if rate is None else rate.usd_per_hour * instance_count
