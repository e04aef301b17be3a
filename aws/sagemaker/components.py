"""Inference components: models that share the instances of an endpoint's variant."""

from collections.abc import Iterator
from typing import Any

from aws.clients import Account, client
from aws.errors import translated
from aws.times import utc
from aws.types import InferenceComponent, InferenceComponentSummary


def component_pages(
    account: Account, endpoint: str = ""
) -> Iterator[tuple[list[InferenceComponentSummary], bool]]:
    """Pages of up to 100 of the account, or of an endpoint, each with whether more follow."""
    asked: Any = {"EndpointNameEquals": endpoint} if endpoint else {}
    with translated():
        pages = client(account, "sagemaker").get_paginator("list_inference_components")
        for page in pages.paginate(PaginationConfig={"PageSize": 100}, **asked):
            yield [_summary(one) for one in page["InferenceComponents"]], "NextToken" in page


def describe_component(account: Account, name: str) -> InferenceComponent:
    with translated():
        answer = client(account, "sagemaker").describe_inference_component(
            InferenceComponentName=name
        )
    return InferenceComponent(
        name=answer["InferenceComponentName"],
        status=answer.get("InferenceComponentStatus", ""),
        model=answer.get("Specification", {}).get("ModelName", ""),
        copies=answer.get("RuntimeConfig", {}).get("CurrentCopyCount"),
    )


def delete_component(account: Account, name: str) -> None:
    """Begin the deletion: Deleting, then `NotFound`."""
    with translated():
        client(account, "sagemaker").delete_inference_component(InferenceComponentName=name)


def _summary(one: Any) -> InferenceComponentSummary:
    return InferenceComponentSummary(
        name=one["InferenceComponentName"],
        endpoint=one["EndpointName"],
        variant=one["VariantName"],
        status=one.get("InferenceComponentStatus", ""),
        modified=utc(one["LastModifiedTime"]),
    )
