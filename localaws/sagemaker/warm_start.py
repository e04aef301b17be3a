"""What a tuning job takes over from earlier ones.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-warm-start.html
"""

from __future__ import annotations

from typing import Any

from localaws.app import App
from localaws.engine import progress
from localaws.engine.tuning import definitions, trials
from localaws.engine.tuning.definitions import Definition
from localaws.engine.tuning.trials import KIND, Trial
from localaws.errors import validation
from localaws.sagemaker import records
from localaws.sagemaker.records import Record

Members = dict[str, Any]

_MOST_TRIALS = 750
_MOST_MOVED = 10


def inherited(app: App, request: Members, most: int) -> list[tuple[dict[str, str], float]]:
    """(values, score) of the parents' trials. Raises AwsError when the request does not fit."""
    if "WarmStartConfig" not in request:
        return []
    config, found = request["WarmStartConfig"], []
    (mine, *more) = definitions.of(request)
    if more:
        raise validation("Warm start needs a single TrainingJobDefinition.")
    for parent in parents(app, request):
        _check(parent, mine, config["WarmStartType"])
        found += trials.of(app, parent.body["Id"])
    if len(found) + most > _MOST_TRIALS:
        raise validation(
            f"The training jobs of the parents count: {len(found)} + {most} is more than "
            f"{_MOST_TRIALS}."
        )
    names = {parameter.name for parameter in mine.space()}
    return [
        ({name: text for name, text in _given(trial).items() if name in names}, trial.score)
        for trial in found
        if trial.score is not None and not trial.is_active
    ]


def parents(app: App, body: Members) -> list[Record]:
    """The parents' records. Raises AwsError when one is missing."""
    given = body.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
    return [records.get(app, KIND, item["HyperParameterTuningJobName"]) for item in given]


def _given(trial: Trial) -> dict[str, str]:
    texts: dict[str, str] = trial.record.body.get("HyperParameters", {})
    return texts


def _check(parent: Record, mine: Definition, kind: str) -> None:
    if parent.status not in progress.TERMINAL:
        raise validation(
            f"The parent hyperparameter tuning job {parent.name} is in status {parent.status}; it "
            "must be in a terminal state."
        )
    theirs = definitions.of(parent.body)[0]
    if theirs.objective != mine.objective:
        raise validation(f"The objective metric must be the same as in the parent {parent.name}.")
    old = {parameter.name for parameter in theirs.space()}
    new = {parameter.name for parameter in mine.space()}
    if old | theirs.static.keys() != new | mine.static.keys():
        raise validation(f"The hyperparameters must be the same as in the parent {parent.name}.")
    if len(old ^ new) > _MOST_MOVED:
        raise validation(
            f"At most {_MOST_MOVED} hyperparameters may change between static and tuned."
        )
    if kind == "IdenticalDataAndAlgorithm" and _data(theirs) != _data(mine):
        raise validation(
            "IdenticalDataAndAlgorithm needs the InputDataConfig and the TrainingImage of the "
            f"parent {parent.name}."
        )


def _data(definition: Definition) -> tuple[str, list[Members]]:
    return definition.image, definition.members.get("InputDataConfig", [])
