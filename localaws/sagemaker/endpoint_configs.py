"""Endpoint configurations: which models serve, on what, with which share of the traffic."""

from __future__ import annotations

from typing import Any

from localaws.app import App
from localaws.errors import validation
from localaws.sagemaker import listing, models, records
from localaws.wire import operation

KIND = "endpoint-config"

Members = dict[str, Any]


@operation("sagemaker", "CreateEndpointConfig")
def create(app: App, request: Members) -> Members:
    records.must_be_free(app, KIND, request["EndpointConfigName"])
    variants = [_variant(app, given) for given in request["ProductionVariants"]]
    if len({variant["VariantName"] for variant in variants}) < len(variants):
        raise validation("Production variant names must be unique within an endpoint config.")
    if "AsyncInferenceConfig" in request:
        _check_asynchronous(request["AsyncInferenceConfig"], variants)
    if (
        not request.get("DataCaptureConfig", {})
        .get("DestinationS3Uri", "s3://")
        .startswith("s3://")
    ):
        raise validation("localaws records to addresses that begin with s3:// only.")
    body = {key: value for key, value in request.items() if key != "Tags"}
    record = records.draft(
        app, KIND, request["EndpointConfigName"], "", body | {"ProductionVariants": variants}
    )
    records.create(app, record, request.get("Tags", []))
    return {"EndpointConfigArn": record.arn}


@operation("sagemaker", "DescribeEndpointConfig")
def describe(app: App, request: Members) -> Members:
    record = records.get(app, KIND, request["EndpointConfigName"])
    return record.body | {"EndpointConfigArn": record.arn, "CreationTime": record.created}


@operation("sagemaker", "ListEndpointConfigs")
def list_all(app: App, request: Members) -> Members:
    found, token = listing.page(app, KIND, request, order="Descending")
    configs = [
        {"EndpointConfigName": r.name, "EndpointConfigArn": r.arn, "CreationTime": r.created}
        for r in found
    ]
    return {"EndpointConfigs": configs, **token}


@operation("sagemaker", "DeleteEndpointConfig")
def delete(app: App, request: Members) -> Members:
    """Also while an endpoint uses it, as at Amazon."""
    records.delete(app, KIND, request["EndpointConfigName"])
    return {}


def _variant(app: App, given: Members) -> Members:
    """With its weight filled in. Raises AwsError when its model is missing."""
    if "ModelName" not in given:
        raise validation("localaws needs the ModelName of every production variant.")
    models.primary(app, given["ModelName"])
    if "ServerlessConfig" in given:
        if "InstanceType" in given or "InitialInstanceCount" in given:
            raise validation(
                f"Production variant {given['VariantName']} is serverless and has no instances."
            )
        return {"InitialVariantWeight": 1.0} | given
    if "InstanceType" not in given:
        raise validation(f"InstanceType is required for production variant {given['VariantName']}.")
    return {"InitialVariantWeight": 1.0, "InitialInstanceCount": 1} | given


def _check_asynchronous(config: Members, variants: list[Members]) -> None:
    """Answers go nowhere but to S3: there is no SNS here that could carry them."""
    if any("ServerlessConfig" in variant for variant in variants):
        raise validation("Asynchronous inference is not available on serverless variants.")
    output = config["OutputConfig"]
    if "S3OutputPath" not in output:
        raise validation("localaws needs the S3OutputPath of AsyncInferenceConfig.")
    for path in (output["S3OutputPath"], output.get("S3FailurePath", "s3://")):
        if not path.startswith("s3://"):
            raise validation(f"localaws writes to addresses that begin with s3:// only: {path}.")
