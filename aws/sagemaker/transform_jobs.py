"""Batch transform jobs: lines from S3 through a model, and its answers back to S3."""

from typing import TYPE_CHECKING, Any

from aws.clients import Account, client
from aws.errors import translated
from aws.sagemaker.tags import as_tags
from aws.times import utc, utc_or_none
from aws.types import TransformJob, TransformJobSpec

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import DescribeTransformJobResponseTypeDef


def create_transform_job(account: Account, spec: TransformJobSpec) -> str:
    """Start the job; its ARN. `AlreadyExists` when the name is taken, also by a job long over."""
    with translated():
        answer = client(account, "sagemaker").create_transform_job(**_request(spec))
    return answer["TransformJobArn"]


def describe_transform_job(account: Account, name: str) -> TransformJob:
    with translated():
        answer = client(account, "sagemaker").describe_transform_job(TransformJobName=name)
    return _transform_job(answer)


def stop_transform_job(account: Account, name: str) -> None:
    """Ask the job to stop: Stopping, then Stopped. `WrongState` when it is over already."""
    with translated():
        client(account, "sagemaker").stop_transform_job(TransformJobName=name)


def _request(spec: TransformJobSpec) -> Any:
    at_once = {"MaxConcurrentTransforms": spec.max_concurrent} if spec.max_concurrent else {}
    return {
        "TransformJobName": spec.name,
        "ModelName": spec.model,
        "MaxPayloadInMB": spec.max_payload_mb,
        "BatchStrategy": "MultiRecord",
        **at_once,
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": spec.input_uri}},
            "ContentType": spec.content_type,
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": spec.output_uri,
            "Accept": spec.accept,
            "AssembleWith": "Line",
        },
        "TransformResources": {
            "InstanceType": spec.instance_type,
            "InstanceCount": spec.instance_count,
        },
        "Tags": as_tags(spec.tags),
    }


def _transform_job(answer: "DescribeTransformJobResponseTypeDef") -> TransformJob:
    # The stubs promise every member; AWS leaves out what does not apply (yet), hence the .get.
    machines: Any = answer.get("TransformResources", {})
    return TransformJob(
        name=answer["TransformJobName"],
        arn=answer["TransformJobArn"],
        status=answer["TransformJobStatus"],
        failure_reason=answer.get("FailureReason", ""),
        model=answer["ModelName"],
        instance_type=machines.get("InstanceType", ""),
        instance_count=machines.get("InstanceCount", 1),
        created=utc(answer["CreationTime"]),
        started=utc_or_none(answer.get("TransformStartTime")),
        ended=utc_or_none(answer.get("TransformEndTime")),
    )
