"""When a tuning job ends, and which trials end early."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from localaws.app import App
from localaws.engine.tuning import definitions, stopping
from localaws.engine.tuning.stopping import Curve
from localaws.engine.tuning.trials import Trial
from localaws.sagemaker import records
from localaws.sagemaker.records import Record

Curves = Mapping[int, Curve]
"""By the numbers of the trials."""

_ATTEMPTS = 5
_ALL_FAILED = (
    "No training job succeeded after {} attempts. Please take a look at the training job failures "
    "to get more details."
)
_NO_METRIC = (
    "No objective metrics found after running {} training jobs. Please ensure that the custom "
    "algorithm is emitting the objective metric as defined by the regular expression provided."
)


@dataclass(frozen=True)
class Ending:
    """No further trial starts, those that run are stopped; then the tuning job has `status`."""

    status: str
    reason: str = ""


def due(app: App, record: Record, trials: list[Trial]) -> Ending | None:
    """None while the tuning job goes on."""
    if record.status == "Stopping":
        return Ending("Stopped")
    if "Broken" in record.body:
        return Ending("Failed", record.body["Broken"])
    ended = [trial for trial in trials if not trial.is_active]
    all_over = record.body["Launched"] >= record.body["Most"] and len(ended) == len(trials)
    if (all_over or len(ended) >= _ATTEMPTS) and not _any_use(trials):
        completed = any(trial.record.status == "Completed" for trial in ended)
        text = _NO_METRIC if completed else _ALL_FAILED
        return Ending("Failed", text.format(len(ended)))
    if all_over or _enough(app, record, ended):
        return Ending("Completed")
    return None


def _any_use(trials: list[Trial]) -> bool:
    """Some trial has a value, or may still get one after the first failures."""
    return any(trial.score is not None and trial.record.status != "Failed" for trial in trials)


def _enough(app: App, record: Record, ended: list[Trial]) -> bool:
    """ResourceLimits.MaxRuntimeInSeconds and TuningJobCompletionCriteria."""
    config = record.body["HyperParameterTuningJobConfig"]
    most = config["ResourceLimits"].get("MaxRuntimeInSeconds")
    if most is not None and (records.moment(app) - record.created).total_seconds() >= most:
        return True
    criteria = config.get("TuningJobCompletionCriteria", {})
    scores = [trial.score for trial in ended if trial.score is not None]
    target = criteria.get("TargetObjectiveMetricValue")
    if target is not None and scores and min(scores) <= _as_score(record, target):
        return True
    patience = criteria.get("BestObjectiveNotImproving", {}).get(
        "MaxNumberOfTrainingJobsNotImproving"
    )
    return patience is not None and since_best(scores) >= patience


def _as_score(record: Record, value: float) -> float:
    kind = definitions.of(record.body)[0].objective["Type"]
    return -value if kind == "Maximize" else value


def since_best(scores: Sequence[float]) -> int:
    """How many of the last scores did not better the best before them."""
    bests = list(accumulate(scores, min))
    return len(bests) - 1 - bests.index(bests[-1]) if bests else 0


def losing(app: App, record: Record, found: list[Trial]) -> list[Trial]:
    """Running trials to end early: by Hyperband, or by the median rule where that is asked for."""
    config = record.body["HyperParameterTuningJobConfig"]
    hyperband = config["Strategy"] == "Hyperband"
    if not hyperband and config.get("TrainingJobEarlyStoppingType", "Off") == "Off":
        return []
    lost = []
    for definition in definitions.of(record.body):  # they need not measure the same thing
        mine = [t for t in found if t.record.body["Tuning"]["Definition"] == definition.name]
        active = [trial for trial in mine if trial.is_active]
        if active:
            curves = {trial.number: trial.curve(app) for trial in mine}
            poor = _halved(record, mine, curves) if hyperband else _below_median(mine, curves)
            lost += [trial for trial in active if trial.number in poor]
    return lost


def _halved(record: Record, found: list[Trial], curves: Curves) -> set[int]:
    """Those that used MaxResource epochs, and those that lose at a rung. Ended trials are judged
    first, so that slow ones meet all that were faster.
    """
    from localaws.engine.tuning import studies  # Optuna, wanted only when something is tuned

    least, most = resources(record.body)
    order = sorted(found, key=lambda trial: (trial.is_active, trial.number))
    ordered = {trial.number: curves[trial.number] for trial in order}
    over = {number for number, curve in curves.items() if len(curve) >= most}
    return over | studies.losers(record.body["Id"], ordered, (least, most))


def _below_median(found: list[Trial], curves: Curves) -> set[int]:
    done = [curves[trial.number] for trial in found if not trial.is_active]
    running = [trial.number for trial in found if trial.is_active]
    return {number for number in running if stopping.below_median(curves[number], done)}


def resources(body: dict[str, Any]) -> tuple[int, int]:
    """(MinResource, MaxResource) in epochs. Raises ValueError when the latter is not known."""
    config = body["HyperParameterTuningJobConfig"]
    given = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    least, most = given.get("MinResource", 1), given.get("MaxResource")
    if most is None:
        static = definitions.of(body)[0].static
        most = next((int(static[name]) for name in definitions.EPOCHS if name in static), None)
    if most is None or not 1 <= least <= most:
        raise ValueError("MinResource and MaxResource")
    return least, most
