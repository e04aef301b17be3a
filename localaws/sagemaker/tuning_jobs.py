"""Tuning jobs.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html
"""

from __future__ import annotations

import secrets
from typing import Any

from localaws.app import App
from localaws.engine import progress, running
from localaws.engine.tuning import definitions, trials
from localaws.engine.tuning.trials import KIND, Trial
from localaws.errors import validation
from localaws.sagemaker import listing, records, training_requests, tuning_requests, warm_start
from localaws.sagemaker.records import Record
from localaws.wire import operation

Members = dict[str, Any]

_NAME = "HyperParameterTuningJobName"


@operation("sagemaker", "CreateHyperParameterTuningJob")
def create(app: App, request: Members) -> Members:
    records.must_be_free(app, KIND, request[_NAME])
    most = tuning_requests.check(app, request)
    inherited = warm_start.inherited(app, request, most)
    seed = request["HyperParameterTuningJobConfig"].get("RandomSeed", secrets.randbits(32))
    body = {key: value for key, value in request.items() if key != "Tags"}
    body |= _filled_in(request)
    body |= {"Id": secrets.token_hex(8), "Seed": seed, "Most": most, "Launched": 0}
    body["Inherited"] = inherited
    record = records.draft(app, KIND, request[_NAME], "InProgress", body)
    records.create(app, record, request.get("Tags", []))
    running.engine(app).tuner.nudge()
    return {"HyperParameterTuningJobArn": record.arn}


@operation("sagemaker", "DescribeHyperParameterTuningJob")
def describe(app: App, request: Members) -> Members:
    return described(app, records.get(app, KIND, request[_NAME]))


@operation("sagemaker", "ListHyperParameterTuningJobs")
def list_all(app: App, request: Members) -> Members:
    found, token = listing.page(app, KIND, request, order="Ascending", by="Name")
    summaries = [_counted(record, trials.of(app, record.body["Id"])) for record in found]
    return {"HyperParameterTuningJobSummaries": summaries, **token}


@operation("sagemaker", "StopHyperParameterTuningJob")
def stop(app: App, request: Members) -> Members:
    """The trials that run are stopped; what they have is kept."""

    def change(record: Record) -> None:
        if record.status in progress.TERMINAL:
            raise validation(
                "The request was rejected because the hyperparameter tuning job is in status "
                f"{record.status}."
            )
        record.status = "Stopping"

    records.update(app, KIND, request[_NAME], change)
    running.engine(app).tuner.nudge()
    return {}


@operation("sagemaker", "DeleteHyperParameterTuningJob")
def delete(app: App, request: Members) -> Members:
    """For jobs that ended; their training jobs stay."""
    with app.store.transaction():
        record = records.get(app, KIND, request[_NAME])
        if record.status not in progress.TERMINAL:
            raise validation(
                f"The hyperparameter tuning job {record.arn} is in status {record.status} and "
                "cannot be deleted."
            )
        records.delete(app, KIND, record.name)
    return {}


@operation("sagemaker", "ListTrainingJobsForHyperParameterTuningJob")
def list_trials(app: App, request: Members) -> Members:
    record = records.get(app, KIND, request[_NAME])
    found = trials.of(app, record.body["Id"])
    if status := request.get("StatusEquals"):
        found = [trial for trial in found if trial.record.status == status]
    ordered = _ordered(found, request)
    shown, token = listing.slice_of(ordered, request)
    return {"TrainingJobSummaries": [trials.summary(record.name, t) for t in shown], **token}


def _ordered(found: list[Trial], request: Members) -> list[Trial]:
    """By name unless asked otherwise; trials without an objective come last when sorted by it."""
    down = request.get("SortOrder", "Ascending") == "Descending"
    by = request.get("SortBy", "Name")
    if by == "FinalObjectiveMetricValue":
        scored = [trial for trial in found if trial.objective is not None]
        ordered = sorted(scored, key=lambda trial: trial.objective or 0.0, reverse=down)
        return ordered + [trial for trial in found if trial.objective is None]
    keys = {
        "Name": lambda trial: trial.record.name,
        "CreationTime": lambda trial: trial.record.created.isoformat(),
        "Status": lambda trial: trial.record.status,
    }
    return sorted(found, key=keys[by], reverse=down)


def described(app: App, record: Record) -> Members:
    found = trials.of(app, record.body["Id"])
    members = record.body | _counted(record, found)
    if (best := trials.best(found)) is not None:
        members["BestTrainingJob"] = trials.summary(record.name, best)
    members |= _overall_best(app, record, found)
    spent = sum(trial.record.body.get("TrainingTimeInSeconds", 0) for trial in found)
    return members | {"ConsumedResources": {"RuntimeInSeconds": spent}}


def _overall_best(app: App, record: Record, found: list[Trial]) -> Members:
    """For IdenticalDataAndAlgorithm: the best also among the parents' trials."""
    config = record.body.get("WarmStartConfig", {})
    if config.get("WarmStartType") != "IdenticalDataAndAlgorithm":
        return {}
    owners = {trial.record.name: record.name for trial in found}
    every = list(found)
    for item in config["ParentHyperParameterTuningJobs"]:
        parent = records.find(app, KIND, item[_NAME])
        theirs = trials.of(app, parent.body["Id"]) if parent else []
        owners |= {trial.record.name: item[_NAME] for trial in theirs}
        every += theirs
    best = trials.best(every)
    if best is None:
        return {}
    return {"OverallBestTrainingJob": trials.summary(owners[best.record.name], best)}


def _counted(record: Record, found: list[Trial]) -> Members:
    config = record.body["HyperParameterTuningJobConfig"]
    return trials.counters(found) | {
        _NAME: record.name,
        "HyperParameterTuningJobArn": record.arn,
        "HyperParameterTuningJobStatus": record.status,
        "CreationTime": record.created,
        "LastModifiedTime": record.modified,
        "Strategy": config["Strategy"],
        "ResourceLimits": config["ResourceLimits"],
        **(
            {"HyperParameterTuningEndTime": record.body["HyperParameterTuningEndTime"]}
            if "HyperParameterTuningEndTime" in record.body
            else {}
        ),
    }


def _filled_in(request: Members) -> Members:
    """What Describe adds: metric definitions, the objective among the hyperparameters, and what
    the SDK's HyperparameterTuner.attach builds an estimator from.
    """
    filled = []
    for definition in definitions.of(request):
        objective = {definitions.OBJECTIVE: definition.objective["MetricName"]}
        specification = training_requests.specification(
            definition.members["AlgorithmSpecification"], definition.static
        )
        filled.append(
            definition.resources()
            | definition.members
            | {
                "StoppingCondition": {"MaxRuntimeInSeconds": 86400}
                | definition.members["StoppingCondition"],
                "AlgorithmSpecification": specification,
                "StaticHyperParameters": definition.static | objective,
            }
        )
    config = {"TrainingJobEarlyStoppingType": "Off"} | request["HyperParameterTuningJobConfig"]
    if "TrainingJobDefinitions" in request:
        return {"TrainingJobDefinitions": filled, "HyperParameterTuningJobConfig": config}
    return {"TrainingJobDefinition": filled[0], "HyperParameterTuningJobConfig": config}
