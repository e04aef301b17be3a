"""Batch transform jobs.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
"""

from __future__ import annotations

from typing import Any

from localaws.app import App
from localaws.engine import running
from localaws.engine.transform import paths, processing, progress
from localaws.engine.transform.progress import KIND
from localaws.errors import validation
from localaws.sagemaker import listing, models, records
from localaws.sagemaker.records import Record
from localaws.wire import operation

Members = dict[str, Any]

_PAYLOAD_MB, _MOST_MB = 6, 100


@operation("sagemaker", "CreateTransformJob")
def create(app: App, request: Members) -> Members:
    name = request["TransformJobName"]
    records.must_be_free(app, KIND, name)
    body = {key: value for key, value in request.items() if key != "Tags"}
    body |= _filled_in(request)
    _check(body)
    body |= _resolved(app, body)
    record = records.draft(app, KIND, name, "InProgress", body)
    records.create(app, record, request.get("Tags", []))
    running.engine(app).transformer.submit(name)
    return {"TransformJobArn": record.arn}


@operation("sagemaker", "DescribeTransformJob")
def describe(app: App, request: Members) -> Members:
    return described(records.get(app, KIND, request["TransformJobName"]))


@operation("sagemaker", "ListTransformJobs")
def list_all(app: App, request: Members) -> Members:
    found, token = listing.page(app, KIND, request, order="Descending")
    return {"TransformJobSummaries": [described(record) for record in found], **token}


@operation("sagemaker", "StopTransformJob")
def stop(app: App, request: Members) -> Members:
    name = request["TransformJobName"]
    if records.find(app, KIND, name) is None:
        raise validation(f"Could not find job to update with name: {name}")

    def change(record: Record) -> None:
        if record.status in progress.TERMINAL:
            raise validation(
                f"The request was rejected because the transform job is in status {record.status}."
            )
        record.status = "Stopping"

    records.update(app, KIND, name, change)
    running.engine(app).transformer.stop(name)
    return {}


def described(record: Record) -> Members:
    return record.body | {
        "TransformJobArn": record.arn,
        "TransformJobStatus": record.status,
        "CreationTime": record.created,
        "LastModifiedTime": record.modified,
    }


def _filled_in(request: Members) -> Members:
    plain = {"CompressionType": "None", "SplitType": "None"}
    return {
        "TransformInput": plain | request["TransformInput"],
        "TransformOutput": {"AssembleWith": "None", "KmsKeyId": ""} | request["TransformOutput"],
        "DataProcessing": {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
        | request.get("DataProcessing", {}),
        "MaxPayloadInMB": request.get("MaxPayloadInMB", _PAYLOAD_MB),
        "MaxConcurrentTransforms": request.get("MaxConcurrentTransforms", 1),
    }


def _check(body: Members) -> None:
    payload, at_once = body["MaxPayloadInMB"], body["MaxConcurrentTransforms"]
    if payload > _MOST_MB or payload * at_once > _MOST_MB:
        raise validation(
            "MaxPayloadInMB, and its product with MaxConcurrentTransforms, can not be more than "
            f"{_MOST_MB} MB."
        )
    if body["TransformInput"]["SplitType"] == "None" and body.get("BatchStrategy") == "MultiRecord":
        raise validation("BatchStrategy MultiRecord needs a SplitType other than None.")
    try:
        processing.of(body)
    except (paths.BadPath, processing.Unprocessable) as error:
        raise validation(str(error)) from error


def _resolved(app: App, body: Members) -> Members:
    """What serves, whatever happens to the model meanwhile. Raises AwsError without the model."""
    container = models.primary(app, body["ModelName"])
    megabytes = body["MaxPayloadInMB"] or _MOST_MB
    batch = {
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(body["MaxPayloadInMB"]),
        "SAGEMAKER_BATCH_STRATEGY": body.get("BatchStrategy", "MultiRecord"),
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": str(body["MaxConcurrentTransforms"]),
        "MAX_CONTENT_LENGTH": str(megabytes << 20),
    }
    variant = {
        "VariantName": "AllTraffic",
        "Image": container["Image"],
        "Environment": container.get("Environment", {}) | batch | body.get("Environment", {}),
        "InvocationTimeout": body.get("ModelClientConfig", {}).get(
            "InvocationsTimeoutInSeconds", 600
        ),
    }
    variant |= models.data(container)
    role = models.role(app, body["ModelName"])
    return {"Resolved": variant | {"RoleArn": role}, "Role": role}
