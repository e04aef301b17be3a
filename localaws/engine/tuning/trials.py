"""Trials: ordinary training jobs that know which tuning job they belong to.

Beside the members of any training job their record holds `Tuning`: `Id` of the tuning job,
`Number` from 1, `Values` of the tuned hyperparameters, `Objective`, and `Definition`, the name of
the training job definition where there are several.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from localaws.app import App
from localaws.engine import metrics, progress
from localaws.sagemaker import records
from localaws.sagemaker.records import Record

KIND = "hyper-parameter-tuning-job"

SCHEMA = """
CREATE INDEX IF NOT EXISTS sagemaker_by_tuning
  ON sagemaker_resources (json_extract(body, '$.Tuning.Id'));
"""

Members = dict[str, Any]


@dataclass(frozen=True)
class Trial:
    record: Record

    @property
    def number(self) -> int:
        return int(self.record.body["Tuning"]["Number"])

    @property
    def values(self) -> dict[str, str]:
        values: dict[str, str] = self.record.body["Tuning"]["Values"]
        return values

    @property
    def objective(self) -> float | None:
        """The last value of the objective; None before the first."""
        value = _last(self.record, self.record.body["Tuning"]["Objective"]["MetricName"])
        return value["Value"] if value and math.isfinite(value["Value"]) else None

    @property
    def score(self) -> float | None:
        """The objective as a number of which less is better."""
        return None if self.objective is None else self._sign() * self.objective

    @property
    def is_active(self) -> bool:
        return self.record.status in progress.ACTIVE

    def curve(self, app: App) -> list[float]:
        """Every value of the objective since the training began, as scores."""
        if "TrainingStartTime" not in self.record.body:
            return []
        name = self.record.body["Tuning"]["Objective"]["MetricName"]
        since = self.record.body["TrainingStartTime"]
        values = metrics.history(app, self.record.name, name, since)
        return [self._sign() * value for value in values if math.isfinite(value)]

    def _sign(self) -> int:
        return -1 if self.record.body["Tuning"]["Objective"]["Type"] == "Maximize" else 1


def of(app: App, tuning_id: str) -> list[Trial]:
    """All that were launched and not deleted, in their order."""
    rows = app.store.connection().execute(
        "SELECT * FROM sagemaker_resources WHERE json_extract(body, '$.Tuning.Id') = ?"
        " ORDER BY json_extract(body, '$.Tuning.Number')",
        (tuning_id,),
    )
    return [Trial(records.from_row(row)) for row in rows]


def best(trials: Iterable[Trial]) -> Trial | None:
    """Also one that was stopped counts, with the value it reached."""
    ended = [t for t in trials if not t.is_active and t.record.status != "Failed"]
    scored = [(t.score, t.number, t) for t in ended if t.score is not None]
    return min(scored, key=lambda item: item[:2])[2] if scored else None


def summary(tuning_name: str, trial: Trial) -> Members:
    """HyperParameterTrainingJobSummary."""
    record, tuning = trial.record, trial.record.body["Tuning"]
    shown = {
        "TrainingJobName": record.name,
        "TrainingJobArn": record.arn,
        "TuningJobName": tuning_name,
        "CreationTime": record.created,
        "TrainingJobStatus": record.status,
        "TunedHyperParameters": trial.values,
        "ObjectiveStatus": objective_status(trial),
    }
    if tuning["Definition"]:
        shown["TrainingJobDefinitionName"] = tuning["Definition"]
    for member in ("TrainingStartTime", "TrainingEndTime", "FailureReason"):
        if member in record.body:
            shown[member] = record.body[member]
    if trial.objective is not None and not trial.is_active:
        value = tuning["Objective"] | {"Value": trial.objective}
        shown["FinalHyperParameterTuningJobObjectiveMetric"] = value
    return shown


def objective_status(trial: Trial) -> str:
    if trial.is_active:
        return "Pending"
    failed = trial.record.status == "Failed" or trial.objective is None
    return "Failed" if failed else "Succeeded"


def counters(trials: list[Trial]) -> Members:
    """TrainingJobStatusCounters and ObjectiveStatusCounters."""
    statuses = Counter(trial.record.status for trial in trials)
    objectives = Counter(map(objective_status, trials))
    return {
        "TrainingJobStatusCounters": {
            "Completed": statuses["Completed"],
            "InProgress": statuses["InProgress"] + statuses["Stopping"],
            "RetryableError": 0,
            "NonRetryableError": statuses["Failed"],
            "Stopped": statuses["Stopped"],
        },
        "ObjectiveStatusCounters": {
            name: objectives[name] for name in ("Succeeded", "Pending", "Failed")
        },
    }


def objective_member(record: Record) -> Members:
    """FinalMetricDataList of a trial, which repeats the objective; nothing for other jobs."""
    if "Tuning" not in record.body:
        return {}
    last = _last(record, record.body["Tuning"]["Objective"]["MetricName"])
    if last is None:
        return {}
    return {
        "FinalMetricDataList": [
            *record.body["FinalMetricDataList"],
            last | {"MetricName": "ObjectiveMetric"},
        ]
    }


def _last(record: Record, metric: str) -> Members | None:
    found = record.body.get("FinalMetricDataList", [])
    return next((item for item in found if item["MetricName"] == metric), None)
