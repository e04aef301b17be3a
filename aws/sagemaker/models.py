"""Models: an image and an artifact under a name."""

from collections.abc import Iterator, Mapping
from typing import Any

from aws.clients import Account, client
from aws.errors import translated
from aws.sagemaker.tags import as_tags
from aws.times import utc
from aws.types import Model, ModelSpec, ModelSummary

_MADE = (
    *("PrimaryContainer", "Containers", "InferenceExecutionConfig", "ExecutionRoleArn"),
    *("VpcConfig", "EnableNetworkIsolation"),
)


def create_model(account: Account, spec: ModelSpec) -> str:
    """Register the model; its ARN. AWS copies nothing: the artifact must stay where it is."""
    tags: Any = {"Tags": as_tags(spec.tags)} if spec.tags else {}
    with translated():
        answer = client(account, "sagemaker").create_model(
            ModelName=spec.name,
            PrimaryContainer={
                "Image": spec.image,
                "ModelDataUrl": spec.artifact,
                "Environment": dict(spec.environment),
            },
            ExecutionRoleArn=spec.role_arn,
            **tags,
        )
    return answer["ModelArn"]


def create_model_like(
    account: Account, name: str, made: Mapping[str, Any], tags: Mapping[str, str]
) -> str:
    """Register what another model was `made` of under a new name; its ARN."""
    with translated():
        answer = client(account, "sagemaker").create_model(
            ModelName=name, **dict(made), Tags=as_tags(tags)
        )
    return answer["ModelArn"]


def describe_model(account: Account, name: str) -> Model:
    """The model; of a pipeline of several containers, the first."""
    with translated():
        answer = client(account, "sagemaker").describe_model(ModelName=name)
    container: Any = answer.get("PrimaryContainer") or next(iter(answer.get("Containers", ())), {})
    return Model(
        name=answer["ModelName"],
        arn=answer["ModelArn"],
        image=container.get("Image", ""),
        artifact=container.get("ModelDataUrl", ""),
        role_arn=answer.get("ExecutionRoleArn", ""),
        environment=dict(container.get("Environment", {})),
        created=utc(answer["CreationTime"]),
        made=_made(answer),
    )


def _made(answer: Any) -> dict[str, Any]:
    """AWS tells a container's archive twice, and takes it once."""
    found = {name: answer[name] for name in _MADE if answer.get(name)}
    if "Containers" in found:
        found["Containers"] = [_container(one) for one in found["Containers"]]
    if "PrimaryContainer" in found:
        found["PrimaryContainer"] = _container(found["PrimaryContainer"])
    return found


def _container(one: Any) -> dict[str, Any]:
    doubled = {"ModelDataUrl"} if one.get("ModelDataSource") else set()
    return {name: value for name, value in one.items() if value and name not in doubled}


def delete_model(account: Account, name: str) -> None:
    """Forget the model, even under a live endpoint: AWS does not mind. Its artifact stays in S3."""
    with translated():
        client(account, "sagemaker").delete_model(ModelName=name)


def list_models(account: Account) -> Iterator[ModelSummary]:
    """Every model, newest first."""
    for page, _ in model_pages(account, {}):
        yield from page


def model_pages(
    account: Account, filters: Mapping[str, object], *, oldest_first: bool = False
) -> Iterator[tuple[list[ModelSummary], bool]]:
    """Pages of up to 100 models by their creation, each with whether more follow: a call a page.

    `filters` as AWS names them. botocore sends moments in whole seconds, rounded down.
    """
    asked: Any = {
        "SortBy": "CreationTime",
        "SortOrder": "Ascending" if oldest_first else "Descending",
        "PaginationConfig": {"PageSize": 100},
        **filters,
    }
    with translated():
        for page in client(account, "sagemaker").get_paginator("list_models").paginate(**asked):
            yield [_summary(model) for model in page["Models"]], "NextToken" in page


def _summary(model: Any) -> ModelSummary:
    return ModelSummary(
        name=model["ModelName"], arn=model["ModelArn"], created=utc(model["CreationTime"])
    )
