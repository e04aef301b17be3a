"""Endpoints: the engine brings their servers up and down, the status says how far it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from localaws import autoscaling
from localaws.app import App
from localaws.engine import host, running
from localaws.engine.backlog.answering import LARGEST
from localaws.engine.serving import Variant
from localaws.errors import validation
from localaws.sagemaker import endpoint_configs, listing, models, records
from localaws.sagemaker.records import Record
from localaws.wire import operation

KIND = host.KIND
_AT_ONCE = 4
"""Requests of an asynchronous endpoint per instance where the configuration leaves it to us."""
AGE = "localaws:age-days"
_BUSY = ("Creating", "Updating", "Deleting", "RollingBack", "SystemUpdating")

Members = dict[str, Any]


@operation("sagemaker", "CreateEndpoint")
def create(app: App, request: Members) -> Members:
    records.must_be_free(app, KIND, request["EndpointName"])
    body = _deployed(app, request["EndpointConfigName"])
    record = records.draft(app, KIND, request["EndpointName"], "Creating", body)
    if age := _age(request.get("Tags", [])):
        record.created = record.modified = record.created - age
        body["Aged"] = True
    records.create(app, record, request.get("Tags", []))
    running.engine(app).host.create(record.name)
    return {"EndpointArn": record.arn}


@operation("sagemaker", "DescribeEndpoint")
def describe(app: App, request: Members) -> Members:
    return described(records.get(app, KIND, request["EndpointName"]))


def described(record: Record) -> Members:
    """ProductionVariants are absent while Creating, as at Amazon."""
    members = record.body | _summary(record)
    if record.status == "Creating":
        del members["ProductionVariants"]
    return members


@operation("sagemaker", "ListEndpoints")
def list_all(app: App, request: Members) -> Members:
    found, token = listing.page(app, KIND, request, order="Descending")
    return {"Endpoints": [_summary(record) for record in found], **token}


@operation("sagemaker", "UpdateEndpoint")
def update(app: App, request: Members) -> Members:
    """The old configuration serves until the new one is healthy."""
    changes = _deployed(app, request["EndpointConfigName"])
    excluded = {
        item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties", [])
    }

    def change(record: Record) -> None:
        _must_be_idle(record)
        if record.status == "Failed":
            raise validation(f'Cannot update failed endpoint "{record.arn}": delete it.')
        _must_keep_types(app, record, changes["Deployed"])
        if request.get("RetainAllVariantProperties"):
            _retain(changes, record.body, excluded)
        record.status = "Updating"

    record = records.update(app, KIND, request["EndpointName"], change)
    running.engine(app).host.update(record.name, changes)
    return {"EndpointArn": record.arn}


@operation("sagemaker", "UpdateEndpointWeightsAndCapacities")
def update_weights(app: App, request: Members) -> Members:
    """Nothing has to start here: the endpoint is Updating for a moment only."""

    def change(record: Record) -> None:
        _must_be_idle(record)
        for desired in request["DesiredWeightsAndCapacities"]:
            _weigh(record, desired)
        record.status = "Updating"

    record = records.update(app, KIND, request["EndpointName"], change)
    running.engine(app).host.weigh(record.name, in_service)
    return {"EndpointArn": record.arn}


@operation("sagemaker", "DeleteEndpoint")
def delete(app: App, request: Members) -> Members:
    def change(record: Record) -> None:
        _must_be_idle(record)
        record.status = "Deleting"

    record = records.update(app, KIND, request["EndpointName"], change)
    autoscaling.forget(app, record.name)
    running.engine(app).host.delete(record.name)
    return {}


def in_service(record: Record) -> None:
    """What serves goes on serving, with the weights and counts that were asked for.

    Also after an update to another configuration that localaws did not live to finish.
    """
    record.status = "InService"
    record.body.pop("FailureReason", None)
    pairs = zip(record.body["Deployed"], record.body["ProductionVariants"], strict=True)
    for variant, shown in pairs:
        _apply(variant, shown, shown["DesiredWeight"], shown["DesiredInstanceCount"])


def _age(tags: list[dict[str, str]]) -> timedelta | None:
    """As if it had been made so many days ago: localaws' own tag, for tests of what has long idled.

    Raises AwsError when its value is no number of days.
    """
    days = next((tag["Value"] for tag in tags if tag["Key"] == AGE), None)
    if days is None:
        return None
    if not (days.isascii() and days.isdigit() and 0 < int(days) <= 3650):
        raise validation(f"The tag {AGE} has a number of days, 1 to 3650.")
    return timedelta(days=int(days))


def _must_be_idle(record: Record) -> None:
    if record.status in _BUSY:
        raise validation(f'Cannot update in-progress endpoint "{record.arn}".')


def _must_keep_types(app: App, record: Record, after: list[Variant]) -> None:
    """A variant that scales by itself keeps its instance type, and stays."""
    types = {variant["VariantName"]: variant.get("InstanceType") for variant in after}
    scaling = autoscaling.variants(app, record.name)
    for variant in record.body["Deployed"]:
        name, known = variant["VariantName"], variant.get("InstanceType")
        if name in scaling and known and types.get(name) != known:
            raise validation(
                f"The update would change the instance type of variant {name}, which is registered "
                "as a scalable target with Application Auto Scaling. Deregister it first."
            )


def _summary(record: Record) -> Members:
    return {
        "EndpointName": record.name,
        "EndpointArn": record.arn,
        "EndpointStatus": record.status,
        "CreationTime": record.created,
        "LastModifiedTime": record.modified,
    }


def _deployed(app: App, config: str) -> Members:
    """What a configuration means now: it and its models may be deleted while the endpoint lives.

    Raises AwsError when the configuration or a model of it is missing.
    """
    given = records.get(app, endpoint_configs.KIND, config).body
    asynchronous = given.get("AsyncInferenceConfig")
    variants = [_resolved(app, variant) for variant in given["ProductionVariants"]]
    if asynchronous is not None:
        variants = [_queued(variant, asynchronous) for variant in variants]
    capture = given.get("DataCaptureConfig")
    if capture is not None and capture.get("EnableCapture", True):
        variants = [variant | {"Capture": capture} for variant in variants]
    return {
        "EndpointConfigName": config,
        "AsyncInferenceConfig": asynchronous,
        "DataCaptureConfig": capture and _capture_summary(capture),
        "Deployed": variants,
        "ProductionVariants": [_described(app, variant) for variant in variants],
    }


def _capture_summary(config: Members) -> Members:
    is_on = config.get("EnableCapture", True)
    return {
        "EnableCapture": is_on,
        "CaptureStatus": "Started" if is_on else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        "KmsKeyId": config.get("KmsKeyId", ""),
    }


def _resolved(app: App, variant: Members) -> Variant:
    container = models.primary(app, variant["ModelName"])
    resolved = {
        "VariantName": variant["VariantName"],
        "Image": container["Image"],
        "RoleArn": models.role(app, variant["ModelName"]),
        "Environment": container.get("Environment", {}),
        "Weight": variant["InitialVariantWeight"],
        "InstanceCount": variant.get("InitialInstanceCount", 0),
        "InstanceType": variant.get("InstanceType"),
    }
    resolved |= models.data(container)
    if "ContainerStartupHealthCheckTimeoutInSeconds" in variant:
        resolved["HealthTimeout"] = variant["ContainerStartupHealthCheckTimeoutInSeconds"]
    if "ServerlessConfig" in variant:
        resolved["ServerlessConfig"] = variant["ServerlessConfig"]
    return resolved


def _queued(variant: Variant, config: Members) -> Variant:
    """For an asynchronous endpoint, whose requests may be a gigabyte."""
    at_once = config.get("ClientConfig", {}).get("MaxConcurrentInvocationsPerInstance", _AT_ONCE)
    environment = {"MAX_CONTENT_LENGTH": str(LARGEST)} | variant["Environment"]
    return variant | {"Asynchronous": at_once, "Environment": environment}


def _described(app: App, variant: Variant) -> Members:
    image = {
        "SpecifiedImage": variant["Image"],
        "ResolvedImage": variant["Image"],
        "ResolutionTime": app.clock.now(),
    }
    described = {
        "VariantName": variant["VariantName"],
        "DeployedImages": [image],
        "CurrentWeight": variant["Weight"],
        "DesiredWeight": variant["Weight"],
        "CurrentInstanceCount": variant["InstanceCount"],
        "DesiredInstanceCount": variant["InstanceCount"],
    }
    if "ServerlessConfig" in variant:
        described["CurrentServerlessConfig"] = variant["ServerlessConfig"]
    return described


def _retain(changes: Members, now: Members, excluded: set[str]) -> None:
    """RetainAllVariantProperties: weights and counts of variants that keep their name.

    Serverless variants have no count to keep.
    """
    kept = {variant["VariantName"]: variant for variant in now["Deployed"]}
    for variant, shown in zip(changes["Deployed"], changes["ProductionVariants"], strict=True):
        old = kept.get(variant["VariantName"], variant)
        heavy = variant if "DesiredWeight" in excluded else old
        serverless = "ServerlessConfig" in variant or "ServerlessConfig" in old
        counted = variant if serverless or "DesiredInstanceCount" in excluded else old
        _apply(variant, shown, heavy["Weight"], counted["InstanceCount"])


def _weigh(record: Record, desired: Members) -> None:
    pairs = zip(record.body["Deployed"], record.body["ProductionVariants"], strict=True)
    for variant, shown in pairs:
        if variant["VariantName"] == desired["VariantName"]:
            shown["DesiredWeight"] = desired.get("DesiredWeight", variant["Weight"])
            shown["DesiredInstanceCount"] = desired.get(
                "DesiredInstanceCount", variant["InstanceCount"]
            )
            return
    raise validation(
        f'The variant name(s) "{desired["VariantName"]}" is/are not present within endpoint '
        f'"{record.arn}".'
    )


def _apply(variant: Variant, shown: Members, weight: float, count: int) -> None:
    variant["Weight"] = shown["CurrentWeight"] = shown["DesiredWeight"] = weight
    variant["InstanceCount"] = count
    shown["CurrentInstanceCount"] = shown["DesiredInstanceCount"] = count
