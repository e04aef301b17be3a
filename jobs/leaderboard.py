"""A tuning job's trials, best first, with what varied between them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache

from jobs import importance
from jobs.models import TrainingJob, TuningJob

DIGITS = 8
KEPT_SECONDS = 30 * 86_400


@dataclass(frozen=True)
class Entry:
    """A trial: `value` of the objective (None without one), `varied` hyperparameters as text."""

    job: TrainingJob
    number: int  # from 1, in the order they began
    value: float | None
    varied: dict[str, str]

    @property
    def shown(self) -> list[str]:
        """What varied, in as many digits as tell trials apart."""
        return [_short(text) for text in self.varied.values()]


def of(tuning: TuningJob) -> list[Entry]:
    """Every trial that the mirror knows; those without a value come last, in their order."""
    rows = tuning.trials.filter(deleted_at__isnull=True).order_by("created_at", "pk")
    names = [one["name"] for one in tuning.ranges]
    trials = [
        Entry(
            job,
            number,
            job.metrics.get(tuning.objective, job.headline_value),
            {name: job.hyperparameters.get(name, "") for name in names},
        )
        for number, job in enumerate(rows.defer("transitions", "log_token"), start=1)
    ]
    sign = -1 if tuning.direction == "maximize" else 1
    return sorted(trials, key=lambda t: (t.value is None, sign * (t.value or 0), t.number))


def best_so_far(trials: Sequence[Entry], *, maximize: bool) -> list[tuple[int, float, float]]:
    """(number, value, best until then) of each trial with a value, in the order they began."""
    better = max if maximize else min
    found: list[tuple[int, float, float]] = []
    for trial in sorted(trials, key=lambda one: one.number):
        if trial.value is not None:
            best = better(found[-1][2], trial.value) if found else trial.value
            found.append((trial.number, trial.value, best))
    return found


def _short(text: str) -> str:
    try:
        return f"{float(text):.5g}" if len(text) > DIGITS else text
    except ValueError:
        return text


def finished(trials: Sequence[Entry]) -> list[Entry]:
    """Those whose value will not change any more."""
    return [one for one in trials if one.job.is_finished and one.value is not None]


def importances(tuning: TuningJob, trials: Sequence[Entry]) -> dict[str, float]:
    """See `importance.importances`; of finished trials, kept until there is another one.

    The first answer of a process takes seconds: Optuna and scikit-learn are imported.
    """
    valued = [
        (one.number, one.varied, one.value or 0.0)
        for one in sorted(finished(trials), key=lambda one: one.number)
    ]
    told = json.dumps([tuning.ranges, valued], sort_keys=True)
    key = f"importance:{hashlib.sha256(told.encode()).hexdigest()}"
    found: dict[str, float] | None = cache.get(key)
    if found is None:
        found = importance.importances(
            tuning.ranges, [(varied, value) for _, varied, value in valued]
        )
        cache.set(key, found, KEPT_SECONDS)
    return found
