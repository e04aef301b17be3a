"""Training jobs."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aws.clients import Account, client
from aws.errors import translated
from aws.sagemaker.tags import as_tags
from aws.times import utc, utc_or_none
from aws.types import ChannelSpec, TrainingJob, TrainingJobSpec, TrainingJobSummary, Transition

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import (
        ChannelUnionTypeDef,
        DescribeTrainingJobResponseTypeDef,
        TrainingJobSummaryTypeDef,
    )


def create_training_job(account: Account, spec: TrainingJobSpec) -> str:
    """Start the job; its ARN. `AlreadyExists` when the name is taken, also by a job long over."""
    with translated():
        answer = client(account, "sagemaker").create_training_job(**training_job_request(spec))
    return answer["TrainingJobArn"]


def describe_training_job(account: Account, name: str) -> TrainingJob:
    with translated():
        answer = client(account, "sagemaker").describe_training_job(TrainingJobName=name)
    return _training_job(answer)


def stop_training_job(account: Account, name: str) -> None:
    """Ask the job to stop: Stopping, then Stopped. `WrongState` when it is over already."""
    with translated():
        client(account, "sagemaker").stop_training_job(TrainingJobName=name)


def list_training_jobs(
    account: Account, *, modified_after: datetime | None = None
) -> Iterator[TrainingJobSummary]:
    """Every job, or those changed after a moment, newest first; 100 a call."""
    filters = {} if modified_after is None else {"LastModifiedTimeAfter": modified_after}
    for page, _more in training_job_pages(account, filters):
        yield from page


def training_job_pages(
    account: Account, filters: Mapping[str, object], *, oldest_first: bool = False
) -> Iterator[tuple[list[TrainingJobSummary], bool]]:
    """Pages of up to 100 jobs by their creation, each with whether more follow: one call a page.

    `filters` as AWS names them. botocore sends moments in whole seconds, rounded down.
    """
    asked: Any = {
        "SortBy": "CreationTime",
        "SortOrder": "Ascending" if oldest_first else "Descending",
        "PaginationConfig": {"PageSize": 100},
        **filters,
    }
    with translated():
        for page in (
            client(account, "sagemaker").get_paginator("list_training_jobs").paginate(**asked)
        ):
            yield [_summary(job) for job in page["TrainingJobSummaries"]], "NextToken" in page


def _summary(job: "TrainingJobSummaryTypeDef") -> TrainingJobSummary:
    return TrainingJobSummary(
        name=job["TrainingJobName"],
        arn=job["TrainingJobArn"],
        status=job["TrainingJobStatus"],
        secondary_status=job.get("SecondaryStatus", ""),
        created=utc(job["CreationTime"]),
        modified=utc(job.get("LastModifiedTime", job["CreationTime"])),
        ended=utc_or_none(job.get("TrainingEndTime")),
    )


def training_job_request(spec: TrainingJobSpec) -> Any:
    """The members of CreateTrainingJob."""
    definition = job_definition(spec)
    request: dict[str, Any] = {"TrainingJobName": spec.name} | definition
    # AWS refuses some of these when they are there and empty.
    optional = {"Tags": as_tags(spec.tags), "HyperParameters": dict(spec.hyperparameters)}
    return request | {name: value for name, value in optional.items() if value}


def job_definition(spec: TrainingJobSpec) -> dict[str, Any]:
    """What a training job and the trials of a tuning job are asked for alike."""
    algorithm: dict[str, Any] = {"TrainingImage": spec.image, "TrainingInputMode": "File"}
    if spec.metric_definitions:
        found = spec.metric_definitions.items()
        algorithm["MetricDefinitions"] = [{"Name": name, "Regex": regex} for name, regex in found]
    if spec.entrypoint:
        algorithm["ContainerEntrypoint"] = list(spec.entrypoint)
    if spec.arguments:
        algorithm["ContainerArguments"] = list(spec.arguments)
    limits: dict[str, int] = {"MaxRuntimeInSeconds": spec.max_runtime_seconds}
    if spec.use_spot:
        limits["MaxWaitTimeInSeconds"] = spec.max_wait_seconds or spec.max_runtime_seconds
    request: dict[str, Any] = {
        "AlgorithmSpecification": algorithm,
        "RoleArn": spec.role_arn,
        "OutputDataConfig": {"S3OutputPath": spec.output_s3_uri},
        "ResourceConfig": {
            "InstanceType": spec.instance_type,
            "InstanceCount": spec.instance_count,
            "VolumeSizeInGB": spec.volume_gb,
        },
        "StoppingCondition": limits,
    }
    optional: dict[str, Any] = {
        "InputDataConfig": [_channel(channel) for channel in spec.channels],
        "Environment": dict(spec.environment),
        "EnableManagedSpotTraining": spec.use_spot,
    }
    return request | {name: value for name, value in optional.items() if value}


def _channel(spec: ChannelSpec) -> "ChannelUnionTypeDef":
    channel: ChannelUnionTypeDef = {
        "ChannelName": spec.name,
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": spec.s3_uri,
                "S3DataDistributionType": "ShardedByS3Key" if spec.sharded else "FullyReplicated",
            }
        },
    }
    if spec.content_type:
        channel["ContentType"] = spec.content_type
    return channel


def _training_job(answer: "DescribeTrainingJobResponseTypeDef") -> TrainingJob:
    # The stubs promise every member; AWS leaves out what does not apply (yet), hence the .get.
    resources: Any = answer.get("ResourceConfig", {})
    limits: Any = answer.get("StoppingCondition", {})
    return TrainingJob(
        name=answer["TrainingJobName"],
        arn=answer["TrainingJobArn"],
        status=answer["TrainingJobStatus"],
        secondary_status=answer.get("SecondaryStatus", ""),
        transitions=_transitions(answer),
        failure_reason=answer.get("FailureReason", ""),
        artifact=_artifact(answer),
        metrics=_metrics(answer),
        hyperparameters=dict(answer.get("HyperParameters", {})),
        image=answer["AlgorithmSpecification"].get("TrainingImage", ""),
        instance_type=resources.get("InstanceType", ""),
        instance_count=resources.get("InstanceCount", 1),
        created=utc(answer["CreationTime"]),
        started=utc_or_none(answer.get("TrainingStartTime")),
        ended=utc_or_none(answer.get("TrainingEndTime")),
        modified=utc(answer.get("LastModifiedTime", answer["CreationTime"])),
        training_seconds=answer.get("TrainingTimeInSeconds"),
        billable_seconds=answer.get("BillableTimeInSeconds"),
        role_arn=answer.get("RoleArn", ""),
        output_s3_uri=answer.get("OutputDataConfig", {}).get("S3OutputPath", ""),
        channels=_channels(answer),
        use_spot=answer.get("EnableManagedSpotTraining", False),
        tuning_job_arn=answer.get("TuningJobArn", ""),
        volume_gb=resources.get("VolumeSizeInGB", 0),
        max_runtime_seconds=limits.get("MaxRuntimeInSeconds", 0),
        max_wait_seconds=limits.get("MaxWaitTimeInSeconds"),
        environment=dict(answer.get("Environment", {})),
    )


def _transitions(answer: "DescribeTrainingJobResponseTypeDef") -> tuple[Transition, ...]:
    return tuple(
        Transition(
            status=step["Status"],
            start=utc(step["StartTime"]),
            end=utc_or_none(step.get("EndTime")),
            message=step.get("StatusMessage", ""),
        )
        for step in answer.get("SecondaryStatusTransitions", ())
    )


def _artifact(answer: "DescribeTrainingJobResponseTypeDef") -> str:
    # AWS names the artifact's place from the start, but only these states have put one there.
    if answer["TrainingJobStatus"] not in ("Completed", "Stopped"):
        return ""
    return answer.get("ModelArtifacts", {}).get("S3ModelArtifacts", "")


def _metrics(answer: "DescribeTrainingJobResponseTypeDef") -> dict[str, float]:
    return {
        metric["MetricName"]: metric["Value"]
        for metric in answer.get("FinalMetricDataList", ())
        if "MetricName" in metric and "Value" in metric
    }


def _channels(answer: "DescribeTrainingJobResponseTypeDef") -> tuple[ChannelSpec, ...]:
    return tuple(
        ChannelSpec(
            name=channel["ChannelName"],
            s3_uri=channel["DataSource"].get("S3DataSource", {}).get("S3Uri", ""),
            content_type=channel.get("ContentType", ""),
        )
        for channel in answer.get("InputDataConfig", ())
    )
