"""The frozen copy that a share link shows: numbers and class names, no other object's identity."""

from datetime import datetime
from typing import Any

from results.models import Evaluation

ALGORITHMS = {"xgboost": "XGBoost"}


def take(evaluation: Evaluation, *, title: str, now: datetime) -> dict[str, Any]:
    """Everything the shared page needs, so that it outlives endpoint, job and data."""
    algorithm = evaluation.preparation.algorithm
    return {
        "version": 1,
        "title": title,
        "taken_at": now.isoformat(timespec="seconds"),
        "task": evaluation.preparation.task,
        "algorithm": ALGORITHMS.get(algorithm, algorithm),
        "split": evaluation.split,
        "rows": evaluation.rows,
        "labels": evaluation.labels,
        "metrics": evaluation.metrics,
        "confusion": evaluation.confusion,
    }
