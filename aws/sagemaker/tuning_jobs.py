"""Hyperparameter tuning jobs and their trials."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aws.clients import Account, client
from aws.errors import translated
from aws.sagemaker.tags import as_tags
from aws.sagemaker.training_jobs import job_definition
from aws.times import utc, utc_or_none
from aws.types import ParameterRange, Trial, TuningJob, TuningJobSpec, TuningJobSummary

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import (
        DescribeHyperParameterTuningJobResponseTypeDef,
        HyperParameterTuningJobSummaryTypeDef,
    )

_KINDS = {
    "integer": "IntegerParameterRanges",
    "continuous": "ContinuousParameterRanges",
    "categorical": "CategoricalParameterRanges",
}


def create_tuning_job(account: Account, spec: TuningJobSpec) -> str:
    """Start the tuning job; its ARN. `AlreadyExists` when the name is taken."""
    with translated():
        answer = client(account, "sagemaker").create_hyper_parameter_tuning_job(
            **tuning_job_request(spec)
        )
    return answer["HyperParameterTuningJobArn"]


def describe_tuning_job(account: Account, name: str) -> TuningJob:
    with translated():
        answer = client(account, "sagemaker").describe_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name
        )
    return _tuning_job(answer)


def stop_tuning_job(account: Account, name: str) -> None:
    """Ask it and its trials to stop. `WrongState` when it is over already."""
    with translated():
        client(account, "sagemaker").stop_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name
        )


def list_tuning_jobs(
    account: Account, *, modified_after: datetime | None = None
) -> Iterator[TuningJobSummary]:
    """Every tuning job, or those changed after a moment, newest first; 100 a call."""
    filters = {} if modified_after is None else {"LastModifiedTimeAfter": modified_after}
    for page, _more in tuning_job_pages(account, filters):
        yield from page


def tuning_job_pages(
    account: Account, filters: Mapping[str, object]
) -> Iterator[tuple[list[TuningJobSummary], bool]]:
    """Pages of up to 100, newest first, each with whether more follow; as `training_job_pages`."""
    asked: Any = {
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        "PaginationConfig": {"PageSize": 100},
        **filters,
    }
    with translated():
        pages = client(account, "sagemaker").get_paginator("list_hyper_parameter_tuning_jobs")
        for page in pages.paginate(**asked):
            jobs = page["HyperParameterTuningJobSummaries"]
            yield [_summary(job) for job in jobs], "NextToken" in page


def _summary(job: "HyperParameterTuningJobSummaryTypeDef") -> TuningJobSummary:
    return TuningJobSummary(
        name=job["HyperParameterTuningJobName"],
        arn=job["HyperParameterTuningJobArn"],
        status=job["HyperParameterTuningJobStatus"],
        created=utc(job["CreationTime"]),
        modified=utc(job.get("LastModifiedTime", job["CreationTime"])),
    )


def list_trials(account: Account, name: str) -> Iterator[Trial]:
    """The training jobs of the tuning job `name`, oldest first; 100 a call."""
    with translated():
        pages = client(account, "sagemaker").get_paginator(
            "list_training_jobs_for_hyper_parameter_tuning_job"
        )
        found = pages.paginate(
            HyperParameterTuningJobName=name,
            SortBy="CreationTime",
            SortOrder="Ascending",
            PaginationConfig={"PageSize": 100},
        )
        for page in found:
            for job in page["TrainingJobSummaries"]:
                final: Any = job.get("FinalHyperParameterTuningJobObjectiveMetric", {})
                yield Trial(
                    name=job["TrainingJobName"],
                    arn=job["TrainingJobArn"],
                    status=job["TrainingJobStatus"],
                    hyperparameters=dict(job.get("TunedHyperParameters", {})),
                    value=final.get("Value"),
                    created=utc(job["CreationTime"]),
                    ended=utc_or_none(job.get("TrainingEndTime")),
                )


def tuning_job_request(spec: TuningJobSpec) -> Any:
    """The members of CreateHyperParameterTuningJob."""
    trial = job_definition(spec.trial)
    trial["StaticHyperParameters"] = dict(spec.trial.hyperparameters)
    request: dict[str, Any] = {
        "HyperParameterTuningJobName": spec.name,
        "HyperParameterTuningJobConfig": _config(spec),
        "TrainingJobDefinition": trial,
    }
    if spec.warm_start:
        parents = [{"HyperParameterTuningJobName": name} for name in spec.parents]
        request["WarmStartConfig"] = {
            "ParentHyperParameterTuningJobs": parents,
            "WarmStartType": spec.warm_start,
        }
    return request | ({"Tags": as_tags(spec.tags)} if spec.tags else {})


def _config(spec: TuningJobSpec) -> dict[str, Any]:
    limits: dict[str, int] = {"MaxParallelTrainingJobs": spec.max_parallel}
    if spec.strategy != "Grid":  # a grid has as many trials as it has points
        limits["MaxNumberOfTrainingJobs"] = spec.max_jobs
    config: dict[str, Any] = {
        "Strategy": spec.strategy,
        "HyperParameterTuningJobObjective": {
            "Type": spec.direction,
            "MetricName": spec.objective,
        },
        "ResourceLimits": limits,
        "ParameterRanges": _ranges(spec.ranges),
        # Hyperband stops trials by itself.
        "TrainingJobEarlyStoppingType": "Auto"
        if spec.early_stopping and spec.strategy != "Hyperband"
        else "Off",
    }
    if spec.seed is not None:
        config["RandomSeed"] = spec.seed
    if spec.strategy == "Hyperband" and spec.max_resource is not None:
        least = spec.min_resource or 1
        config["StrategyConfig"] = {
            "HyperbandStrategyConfig": {"MinResource": least, "MaxResource": spec.max_resource}
        }
    return config


def _ranges(ranges: Iterable[ParameterRange]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in ranges:
        values: dict[str, Any] = {"Name": one.name}
        if one.kind == "categorical":
            values["Values"] = list(one.values)
        else:
            values |= {"MinValue": one.low, "MaxValue": one.high, "ScalingType": one.scaling}
        found.setdefault(_KINDS[one.kind], []).append(values)
    return found


def _tuning_job(answer: "DescribeHyperParameterTuningJobResponseTypeDef") -> TuningJob:
    # AWS leaves out what does not apply (yet), hence the .get.
    config: Any = answer["HyperParameterTuningJobConfig"]
    trial: Any = answer.get("TrainingJobDefinition", {})
    resources = trial.get("ResourceConfig", {})
    best: Any = answer.get("BestTrainingJob", {})
    objective = config.get("HyperParameterTuningJobObjective", {})
    limits = config.get("ResourceLimits", {})
    return TuningJob(
        name=answer["HyperParameterTuningJobName"],
        arn=answer["HyperParameterTuningJobArn"],
        status=answer["HyperParameterTuningJobStatus"],
        failure_reason=answer.get("FailureReason", ""),
        strategy=config["Strategy"],
        objective=objective.get("MetricName", ""),
        direction=objective.get("Type", ""),
        ranges=tuple(_range(kind, one) for kind, one in _told(config)),
        hyperparameters=dict(trial.get("StaticHyperParameters", {})),
        image=trial.get("AlgorithmSpecification", {}).get("TrainingImage", ""),
        instance_type=resources.get("InstanceType", ""),
        instance_count=resources.get("InstanceCount", 1),
        max_jobs=limits.get("MaxNumberOfTrainingJobs", 0),
        max_parallel=limits.get("MaxParallelTrainingJobs", 0),
        counts=_counts(answer),
        best_name=best.get("TrainingJobName", ""),
        best_value=best.get("FinalHyperParameterTuningJobObjectiveMetric", {}).get("Value"),
        created=utc(answer["CreationTime"]),
        ended=utc_or_none(answer.get("HyperParameterTuningEndTime")),
        modified=utc(answer.get("LastModifiedTime", answer["CreationTime"])),
    )


def _told(config: Any) -> Iterator[tuple[str, Any]]:
    for kind, member in _KINDS.items():
        for one in config.get("ParameterRanges", {}).get(member, ()):
            yield kind, one


def _range(kind: str, told: Any) -> ParameterRange:
    return ParameterRange(
        name=told["Name"],
        kind=kind,
        low=told.get("MinValue", ""),
        high=told.get("MaxValue", ""),
        scaling=told.get("ScalingType", "Auto"),
        values=tuple(told.get("Values", ())),
    )


def _counts(answer: "DescribeHyperParameterTuningJobResponseTypeDef") -> dict[str, int]:
    counters: Any = answer.get("TrainingJobStatusCounters", {})
    return {str(name): int(count) for name, count in counters.items()}
