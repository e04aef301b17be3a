"""What a job costs: list prices times the time that AWS bills."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from aws import pricing
from core.models import Workspace
from jobs.models import TrainingJob, TuningJob


@dataclass(frozen=True)
class Cost:
    """US dollars; `is_charged` is False on this machine, where they are what Amazon would charge.

    `so_far` is None when no price is known; `cap` is what the maximum runtime would cost.
    """

    hourly: float | None
    so_far: float | None
    cap: float | None
    is_charged: bool


def of(job: TrainingJob, *, now: datetime) -> Cost:
    """Billed seconds once AWS has said them, until then the time since training began."""
    seconds = float(job.billable_seconds or 0)
    if job.billable_seconds is None and job.started_at:
        seconds = max(0.0, ((job.ended_at or now) - job.started_at).total_seconds())
    hourly = per_hour(job.instance_type, job.instance_count)
    return Cost(
        hourly=hourly,
        so_far=None if hourly is None else hourly * seconds / 3_600,
        cap=None if hourly is None else hourly * job.max_runtime_seconds / 3_600,
        is_charged=job.workspace.kind == Workspace.Kind.AWS,
    )


def of_tuning(job: TuningJob) -> Cost:
    """What its finished trials cost, and what all of them would at their maximum runtime."""
    hourly = per_hour(job.instance_type, job.instance_count)
    billed = job.trials.aggregate(seconds=Sum("billable_seconds"))["seconds"] or 0
    return Cost(
        hourly=hourly,
        so_far=None if hourly is None else hourly * billed / 3_600,
        cap=None if hourly is None else hourly * job.max_runtime_seconds * job.max_jobs / 3_600,
        is_charged=job.workspace.kind == Workspace.Kind.AWS,
    )


def per_hour(instance_type: str, instance_count: int = 1) -> float | None:
    """US dollars an hour for all instances; None for a type without a known price."""
    price = pricing.hourly(instance_type, purpose="training")
    return None if price is None else price.usd_per_hour * instance_count
