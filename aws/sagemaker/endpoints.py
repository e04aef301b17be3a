"""Endpoints, and the configs that say which models they run on which machines."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from aws.clients import Account, client
from aws.errors import translated
from aws.sagemaker.tags import as_tags
from aws.times import utc
from aws.types import (
    Asynchronous,
    DataCapture,
    Endpoint,
    EndpointConfig,
    EndpointConfigSpec,
    EndpointConfigSummary,
    EndpointSummary,
    Serverless,
    Share,
    Variant,
    VariantSpec,
)


def create_endpoint_config(account: Account, spec: EndpointConfigSpec) -> str:
    """Write the config; its ARN. `NotFound` when a model is missing."""
    more: Any = {"Tags": as_tags(spec.tags)} if spec.tags else {}
    if spec.asynchronous:
        more["AsyncInferenceConfig"] = _asynchronous_request(spec.asynchronous)
    if spec.capture:
        more["DataCaptureConfig"] = _capture_request(spec.capture)
    if spec.kms_key:
        more["KmsKeyId"] = spec.kms_key
    with translated():
        answer = client(account, "sagemaker").create_endpoint_config(
            EndpointConfigName=spec.name,
            ProductionVariants=[_variant_request(variant) for variant in spec.variants],
            **more,
        )
    return answer["EndpointConfigArn"]


def describe_endpoint_config(account: Account, name: str) -> EndpointConfig:
    with translated():
        answer = client(account, "sagemaker").describe_endpoint_config(EndpointConfigName=name)
    return EndpointConfig(
        name=answer["EndpointConfigName"],
        arn=answer["EndpointConfigArn"],
        variants=(
            *(_variant_spec(variant) for variant in answer["ProductionVariants"]),
            *(
                _variant_spec(variant, is_shadow=True)
                for variant in answer.get("ShadowProductionVariants", ())
            ),
        ),
        created=utc(answer["CreationTime"]),
        asynchronous=_asynchronous(answer.get("AsyncInferenceConfig")),
        capture=_capture(answer.get("DataCaptureConfig")),
        kms_key=answer.get("KmsKeyId", ""),
    )


def delete_endpoint_config(account: Account, name: str) -> None:
    """Delete the config. AWS does so even under a live endpoint: delete the endpoint first."""
    with translated():
        client(account, "sagemaker").delete_endpoint_config(EndpointConfigName=name)


def list_endpoint_configs(account: Account) -> Iterator[EndpointConfigSummary]:
    """Every config, newest first."""
    with translated():
        pages = client(account, "sagemaker").get_paginator("list_endpoint_configs")
        for page in pages.paginate(PaginationConfig={"PageSize": 100}):
            for config in page["EndpointConfigs"]:
                yield EndpointConfigSummary(
                    name=config["EndpointConfigName"],
                    arn=config["EndpointConfigArn"],
                    created=utc(config["CreationTime"]),
                )


def create_endpoint(
    account: Account, name: str, config_name: str, *, tags: Mapping[str, str] | None = None
) -> str:
    """Start the endpoint; its ARN at once. Creating for minutes, then InService or Failed."""
    with translated():
        answer = client(account, "sagemaker").create_endpoint(
            EndpointName=name, EndpointConfigName=config_name, Tags=as_tags(tags or {})
        )
    return answer["EndpointArn"]


def describe_endpoint(account: Account, name: str) -> Endpoint:
    with translated():
        answer = client(account, "sagemaker").describe_endpoint(EndpointName=name)
    return Endpoint(
        name=answer["EndpointName"],
        arn=answer["EndpointArn"],
        status=answer["EndpointStatus"],
        config_name=answer.get("EndpointConfigName", ""),
        failure_reason=answer.get("FailureReason", ""),
        created=utc(answer["CreationTime"]),
        modified=utc(answer["LastModifiedTime"]),
        variants=tuple(_variant(variant) for variant in answer.get("ProductionVariants", ())),
    )


def update_endpoint(account: Account, name: str, config_name: str) -> None:
    """Move to another config, the old one serving meanwhile. `WrongState` while still changing."""
    with translated():
        client(account, "sagemaker").update_endpoint(
            EndpointName=name, EndpointConfigName=config_name
        )


def update_weights_and_capacities(account: Account, name: str, shares: Iterable[Share]) -> None:
    """Change shares and counts of what serves, without a new config. `WrongState` while changing.

    The config goes on naming the old numbers.
    """
    with translated():
        client(account, "sagemaker").update_endpoint_weights_and_capacities(
            EndpointName=name,
            DesiredWeightsAndCapacities=[
                {
                    "VariantName": share.variant,
                    "DesiredWeight": share.weight,
                    "DesiredInstanceCount": share.instance_count,
                }
                for share in shares
            ],
        )


def delete_endpoint(account: Account, name: str) -> None:
    """Begin the deletion: Deleting, then `NotFound`. `WrongState` while still changing."""
    with translated():
        client(account, "sagemaker").delete_endpoint(EndpointName=name)


def list_endpoints(
    account: Account, *, modified_after: datetime | None = None
) -> Iterator[EndpointSummary]:
    """Every endpoint, or those changed after a moment, newest first."""
    since: Any = {} if modified_after is None else {"LastModifiedTimeAfter": modified_after}
    with translated():
        pages = client(account, "sagemaker").get_paginator("list_endpoints")
        for page in pages.paginate(PaginationConfig={"PageSize": 100}, **since):
            for endpoint in page["Endpoints"]:
                yield EndpointSummary(
                    name=endpoint["EndpointName"],
                    arn=endpoint["EndpointArn"],
                    status=endpoint["EndpointStatus"],
                    created=utc(endpoint["CreationTime"]),
                    modified=utc(endpoint["LastModifiedTime"]),
                )


def _variant_request(spec: VariantSpec) -> Any:
    common = {
        "VariantName": spec.name,
        "ModelName": spec.model,
        "InitialVariantWeight": spec.weight,
    }
    if spec.serverless is None:
        return common | {
            "InstanceType": spec.instance_type,
            "InitialInstanceCount": spec.instance_count,
        }
    limits = {
        "MemorySizeInMB": spec.serverless.memory_mb,
        "MaxConcurrency": spec.serverless.max_concurrency,
    }
    if spec.serverless.provisioned:
        limits["ProvisionedConcurrency"] = spec.serverless.provisioned
    return common | {"ServerlessConfig": limits}


def _asynchronous_request(wish: Asynchronous) -> Any:
    output = {"S3OutputPath": wish.output_uri}
    if wish.failure_uri:
        output["S3FailurePath"] = wish.failure_uri
    if wish.max_concurrent is None:
        return {"OutputConfig": output}
    client_config = {"MaxConcurrentInvocationsPerInstance": wish.max_concurrent}
    return {"OutputConfig": output, "ClientConfig": client_config}


def _asynchronous(config: Any) -> Asynchronous | None:
    if config is None:
        return None
    output = config.get("OutputConfig", {})
    return Asynchronous(
        output_uri=output.get("S3OutputPath", ""),
        failure_uri=output.get("S3FailurePath", ""),
        max_concurrent=config.get("ClientConfig", {}).get("MaxConcurrentInvocationsPerInstance"),
    )


def _capture_request(wish: DataCapture) -> Any:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": wish.percent,
        "DestinationS3Uri": wish.uri,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        # Without these all of it is recorded in BASE64.
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json", "application/jsonlines"],
        },
    }


def _capture(config: Any) -> DataCapture | None:
    if not config or not config.get("EnableCapture"):
        return None
    return DataCapture(percent=config["InitialSamplingPercentage"], uri=config["DestinationS3Uri"])


def _variant_spec(variant: Any, *, is_shadow: bool = False) -> VariantSpec:
    config = variant.get("ServerlessConfig")
    return VariantSpec(
        name=variant["VariantName"],
        model=variant.get("ModelName", ""),
        instance_type=variant.get("InstanceType", ""),
        instance_count=0 if config else variant.get("InitialInstanceCount", 1),
        weight=variant.get("InitialVariantWeight", 1.0),
        serverless=_serverless(config) if config else None,
        is_shadow=is_shadow,
    )


def _serverless(config: Any) -> Serverless:
    return Serverless(
        memory_mb=config["MemorySizeInMB"],
        max_concurrency=config["MaxConcurrency"],
        provisioned=config.get("ProvisionedConcurrency", 0),
    )


def _variant(variant: Any) -> Variant:
    return Variant(
        name=variant["VariantName"],
        weight=variant.get("CurrentWeight"),
        desired_weight=variant.get("DesiredWeight"),
        instance_count=variant.get("CurrentInstanceCount"),
        desired_instance_count=variant.get("DesiredInstanceCount"),
    )
