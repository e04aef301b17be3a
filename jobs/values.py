"""A job's hyperparameters and metrics as rows of their own, which lists are filtered by."""

import math
from collections.abc import Mapping

from jobs.models import JobValue, TrainingJob

TEXT = 255


def keep_params(job: TrainingJob) -> None:
    """The hyperparameters of a job that has just been written. Repeatable."""
    _keep(job, JobValue.Kind.PARAM, job.hyperparameters)


def keep_metrics(job: TrainingJob, metrics: Mapping[str, float]) -> None:
    """The latest value of each metric. Repeatable."""
    _keep(job, JobValue.Kind.METRIC, metrics)


def _keep(job: TrainingJob, kind: str, values: Mapping[str, object]) -> None:
    rows = [
        JobValue(job=job, kind=kind, name=name[:TEXT], text=str(value)[:TEXT], number=number(value))
        for name, value in values.items()
        if not name.startswith("_")  # a tuning job's mark on its trials
    ]
    JobValue.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["job", "kind", "name"],
        update_fields=["text", "number"],
    )


def number(value: object) -> float | None:
    """The finite number that `value` says; None for words."""
    try:
        found = float(str(value))
    except ValueError:
        return None
    return found if math.isfinite(found) else None
