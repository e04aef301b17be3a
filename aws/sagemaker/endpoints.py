"""Endpoints, and the configs that say which models they run on which machines."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from aws.clients import Account, client
from aws.errors import translated
from aws.sagemaker.tags import as_tags
from aws.times import utc
from aws.types import (
    Endpoint,
    EndpointConfig,
    EndpointConfigSpec,
    EndpointConfigSummary,
    EndpointSummary,
    Serverless,
    Variant,
    VariantSpec,
)


def create_endpoint_config(account: Account, spec: EndpointConfigSpec) -> str:
    """Write the config; its ARN. `NotFound` when a model is missing."""
    tags: Any = {"Tags": as_tags(spec.tags)} if spec.tags else {}
    with translated():
        answer = client(account, "sagemaker").create_endpoint_config(
            EndpointConfigName=spec.name,
            ProductionVariants=[_variant_request(variant) for variant in spec.variants],
            **tags,
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
        is_async="AsyncInferenceConfig" in answer,
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
    return {
        "VariantName": spec.name,
        "ModelName": spec.model,
        "InstanceType": spec.instance_type,
        "InitialInstanceCount": spec.instance_count,
        "InitialVariantWeight": spec.weight,
    }


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
