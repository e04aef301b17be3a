"""Models: an image and its model data. Nothing runs until an endpoint uses it."""

from __future__ import annotations

from typing import Any

from localaws.app import App
from localaws.engine.channels import split
from localaws.errors import AwsError, validation
from localaws.sagemaker import listing, records
from localaws.sagemaker.records import Record
from localaws.wire import operation

KIND = "model"

Members = dict[str, Any]


@operation("sagemaker", "CreateModel")
def create(app: App, request: Members) -> Members:
    records.must_be_free(app, KIND, request["ModelName"])
    body = {key: value for key, value in request.items() if key != "Tags"}
    if "PrimaryContainer" in body:
        body["PrimaryContainer"] = _container(app, body["PrimaryContainer"])
    elif len(body.get("Containers", [])) == 1:
        body["Containers"] = [_container(app, body["Containers"][0])]
    else:
        raise validation("localaws serves models of exactly one container.")
    record = records.draft(app, KIND, request["ModelName"], "", body)
    records.create(app, record, request.get("Tags", []))
    return {"ModelArn": record.arn}


@operation("sagemaker", "DescribeModel")
def describe(app: App, request: Members) -> Members:
    return described(records.get(app, KIND, request["ModelName"]))


def described(record: Record) -> Members:
    isolated = {"EnableNetworkIsolation": False}
    return isolated | record.body | {"ModelArn": record.arn, "CreationTime": record.created}


@operation("sagemaker", "ListModels")
def list_all(app: App, request: Members) -> Members:
    found, token = listing.page(app, KIND, request, order="Descending")
    models = [{"ModelName": r.name, "ModelArn": r.arn, "CreationTime": r.created} for r in found]
    return {"Models": models, **token}


@operation("sagemaker", "DeleteModel")
def delete(app: App, request: Members) -> Members:
    """Also while an endpoint uses it, as at Amazon."""
    records.delete(app, KIND, request["ModelName"])
    return {}


def primary(app: App, name: str) -> Members:
    """The one container of a model. Raises AwsError when there is no such model."""
    body = records.get(app, KIND, name).body
    container: Members = body.get("PrimaryContainer") or body["Containers"][0]
    return container


def role(app: App, name: str) -> str:
    """The ARN of the role that the model runs in; empty when it names none. Raises AwsError."""
    return str(records.get(app, KIND, name).body.get("ExecutionRoleArn", ""))


def data(container: Members) -> Members:
    """ModelDataUrl: an archive, or a prefix that ends with a slash; nothing without model data."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    url = container.get("ModelDataUrl") or source.get("S3Uri")
    return {"ModelDataUrl": url} if url else {}


def _container(app: App, given: Members) -> Members:
    """`Mode` and a derived ModelDataSource are filled in. Raises AwsError without image or data."""
    if "Image" not in given:
        raise validation("localaws needs the Image of the container.")
    source = given.get("ModelDataSource", {}).get("S3DataSource", {})
    url = data(given).get("ModelDataUrl")
    filled = {"Mode": "SingleModel"} | given
    if url is None:
        return filled
    if source.get("S3DataType") == "S3Prefix":
        _check_prefix(app, source)
        return filled
    try:
        app.objects.open(*split(url)).close()
    except AwsError:
        raise validation(f"Could not find model data at {url}.") from None
    derived = {"S3Uri": url, "S3DataType": "S3Object", "CompressionType": "Gzip"}
    return filled | {"ModelDataUrl": url, "ModelDataSource": {"S3DataSource": derived | source}}


def _check_prefix(app: App, source: Members) -> None:
    """Hosting insists on the slash at the end, and on files that are not compressed."""
    url = source["S3Uri"]
    if not url.endswith("/") or source.get("CompressionType") != "None":
        raise validation(
            f"S3DataType S3Prefix needs CompressionType None and an S3Uri that ends with a slash: "
            f"{url}."
        )
    try:
        found = app.objects.list(*split(url))
    except AwsError:
        found = []
    if not found:
        raise validation(f"Could not find model data at {url}.")
