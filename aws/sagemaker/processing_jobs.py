"""Processing jobs: a program over files from S3, whose own files go back there."""

from typing import TYPE_CHECKING, Any

from aws.clients import Account, client
from aws.errors import translated
from aws.sagemaker.tags import as_tags
from aws.times import utc, utc_or_none
from aws.types import ProcessingInput, ProcessingJob, ProcessingJobSpec, ProcessingOutput

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import DescribeProcessingJobResponseTypeDef


def create_processing_job(account: Account, spec: ProcessingJobSpec) -> str:
    """Start the job; its ARN. `AlreadyExists` when the name is taken, also by a job long over."""
    with translated():
        answer = client(account, "sagemaker").create_processing_job(**_request(spec))
    return answer["ProcessingJobArn"]


def describe_processing_job(account: Account, name: str) -> ProcessingJob:
    with translated():
        answer = client(account, "sagemaker").describe_processing_job(ProcessingJobName=name)
    return _processing_job(answer)


def stop_processing_job(account: Account, name: str) -> None:
    """Ask the job to stop: Stopping, then Stopped. `WrongState` when it is over already."""
    with translated():
        client(account, "sagemaker").stop_processing_job(ProcessingJobName=name)


def _request(spec: ProcessingJobSpec) -> Any:
    return {
        "ProcessingJobName": spec.name,
        "AppSpecification": {
            "ImageUri": spec.image,
            "ContainerEntrypoint": list(spec.entrypoint),
            **({"ContainerArguments": list(spec.arguments)} if spec.arguments else {}),
        },
        "RoleArn": spec.role_arn,
        "ProcessingInputs": [_input(one) for one in spec.inputs],
        "ProcessingOutputConfig": {"Outputs": [_output(one) for one in spec.outputs]},
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": spec.instance_type,
                "InstanceCount": spec.instance_count,
                "VolumeSizeInGB": spec.volume_gb,
            }
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": spec.max_runtime_seconds},
        "Tags": as_tags(spec.tags),
    }


def _input(given: ProcessingInput) -> dict[str, Any]:
    return {
        "InputName": given.name,
        "S3Input": {
            "S3Uri": given.s3_uri,
            "LocalPath": given.path,
            "S3DataType": "ManifestFile" if given.is_manifest else "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "ShardedByS3Key" if given.is_sharded else "FullyReplicated",
        },
    }


def _output(given: ProcessingOutput) -> dict[str, Any]:
    return {
        "OutputName": given.name,
        "S3Output": {"S3Uri": given.s3_uri, "LocalPath": given.path, "S3UploadMode": "EndOfJob"},
    }


def _processing_job(answer: "DescribeProcessingJobResponseTypeDef") -> ProcessingJob:
    # The stubs promise every member; AWS leaves out what does not apply (yet), hence the .get.
    cluster: Any = answer.get("ProcessingResources", {}).get("ClusterConfig", {})
    return ProcessingJob(
        name=answer["ProcessingJobName"],
        arn=answer["ProcessingJobArn"],
        status=answer["ProcessingJobStatus"],
        failure_reason=answer.get("FailureReason", ""),
        exit_message=answer.get("ExitMessage", ""),
        image=answer["AppSpecification"]["ImageUri"],
        instance_type=cluster.get("InstanceType", ""),
        instance_count=cluster.get("InstanceCount", 1),
        created=utc(answer["CreationTime"]),
        started=utc_or_none(answer.get("ProcessingStartTime")),
        ended=utc_or_none(answer.get("ProcessingEndTime")),
    )
