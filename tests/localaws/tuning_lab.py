"""Tuning jobs in short calls."""

from typing import Any

from tests.localaws.lab import BUCKET, ROLE, XGBOOST, Lab, channel, until

TERMINAL = {"Completed", "Failed", "Stopped"}
RANGES = {
    "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.9"}],
    "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "2", "MaxValue": "6"}],
}
STATIC = {"objective": "binary:logistic", "num_round": "5"}
OBJECTIVE = {"Type": "Minimize", "MetricName": "validation:logloss"}


def config(strategy: str = "Random", jobs: int | None = 3, **members: Any) -> dict[str, Any]:
    limits = {"MaxParallelTrainingJobs": 2}
    if jobs is not None:
        limits["MaxNumberOfTrainingJobs"] = jobs
    return {
        "Strategy": strategy,
        "HyperParameterTuningJobObjective": OBJECTIVE,
        "ResourceLimits": limits,
        "ParameterRanges": RANGES,
        "RandomSeed": 1,
    } | members


def definition(**members: Any) -> dict[str, Any]:
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    return {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "InputDataConfig": [channel("train"), channel("validation")],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/tuned"},
        "ResourceConfig": resources,
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "StaticHyperParameters": STATIC,
    } | members


class TuningLab(Lab):
    def tune(self, name: str, settings: dict[str, Any], **members: Any) -> str:
        request = {
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobConfig": settings,
            "TrainingJobDefinition": definition(),
        }
        answer = self.sagemaker.create_hyper_parameter_tuning_job(**request | members)
        return str(answer["HyperParameterTuningJobArn"])

    def tuning(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.sagemaker.describe_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name
        )
        return found

    def tuned(self, name: str, seconds: float = 90) -> dict[str, Any]:
        """Once it has ended."""
        found: dict[str, Any] = until(
            lambda: self.tuning(name),
            lambda job: job["HyperParameterTuningJobStatus"] in TERMINAL,
            seconds,
        )
        return found

    def trials(self, name: str, **members: Any) -> list[dict[str, Any]]:
        answer = self.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
            **{"HyperParameterTuningJobName": name, "MaxResults": 100} | members
        )
        found: list[dict[str, Any]] = answer["TrainingJobSummaries"]
        return found
