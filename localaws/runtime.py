"""InvokeEndpoint, at once and later: pick a variant, ask its server, count what happened."""

from __future__ import annotations

import time
import uuid
from typing import Any

from localaws.app import App
from localaws.engine import host, invoking, running
from localaws.engine.backlog.entries import Entry
from localaws.engine.deployment import Busy, Deployment, Retired
from localaws.engine.invoking import Question
from localaws.engine.server import Reply
from localaws.errors import AwsError, throttled, validation
from localaws.sagemaker import records
from localaws.wire import operation

_FORWARDED = {
    "ContentType": "Content-Type",
    "Accept": "Accept",
    "CustomAttributes": "X-Amzn-SageMaker-Custom-Attributes",
    "InferenceId": "X-Amzn-SageMaker-Inference-Id",
}  # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html
_TTL, _ASYNC_TIMEOUT = 21600, 900

Members = dict[str, Any]


@operation("sagemaker-runtime", "InvokeEndpoint")
def invoke(app: App, request: Members) -> Members:
    """Raises AwsError ModelError (424) when the model answers anything but 2xx, or nothing."""
    variant, reply = _answered(app, request)
    if not 200 <= reply.status < 300:
        raise _model_error(app, request["EndpointName"], reply)
    answer = {
        "Body": reply.body,
        "ContentType": reply.headers.get("Content-Type", "application/octet-stream"),
        "InvokedProductionVariant": variant,
    }
    if attributes := reply.headers.get("X-Amzn-SageMaker-Custom-Attributes"):
        answer["CustomAttributes"] = attributes
    return answer


def _answered(app: App, request: Members) -> tuple[str, Reply]:
    """The variant and its answer, also when the endpoint is updated at this moment."""
    name, question = request["EndpointName"], Question(request["Body"], _forwarded(request))
    tally = running.engine(app).tally
    while True:
        live = _live(app, name)
        if live.asynchronous:
            raise AwsError(
                "ValidationError", f"Endpoint {name} is asynchronous: use InvokeEndpointAsync."
            )
        variant = _variant(live, request)
        try:
            reply = invoking.asked(tally, name, live, variant, question)
        except Retired:
            continue
        except Busy:
            raise throttled() from None
        if live.capture:
            running.engine(app).recorder.add(live.capture, name, variant, question, reply)
        return variant, reply


@operation("sagemaker-runtime", "InvokeEndpointAsync")
def invoke_async(app: App, request: Members) -> Members:
    """202 once the request is stored; its answer goes to OutputLocation."""
    name = request["EndpointName"]
    if not _live(app, name).asynchronous:
        raise AwsError(
            "ValidationError", f"Endpoint {name} is not asynchronous: use InvokeEndpoint."
        )
    if ("InputLocation" in request) == bool(request.get("Body")):
        raise AwsError("ValidationError", "Exactly one of InputLocation and Body must be given.")
    if not request.get("InputLocation", "s3://").startswith("s3://"):
        raise AwsError("ValidationError", "localaws reads an InputLocation that begins with s3://.")
    number = str(uuid.uuid4())
    places = _places(app, request, number)
    stored = places | {
        "Headers": _forwarded(request),
        "TTL": request.get("RequestTTLSeconds", _TTL),
        "Timeout": request.get("InvocationTimeoutSeconds", _ASYNC_TIMEOUT),
    }
    if "InputLocation" in request:
        stored["InputLocation"] = request["InputLocation"]
    body = request.get("Body") or None
    running.engine(app).backlog.add(Entry(number, name, time.time(), stored, body))
    return places | {"InferenceId": request.get("InferenceId", number)}


def _places(app: App, request: Members, number: str) -> dict[str, str]:
    """OutputLocation, and FailureLocation when the configuration has an S3FailurePath."""
    record = records.get(app, host.KIND, request["EndpointName"])
    output = record.body["AsyncInferenceConfig"]["OutputConfig"]
    extension, name = request.get("S3OutputPathExtension", ""), request.get("Filename")
    names = {"S3OutputPath": name or f"{number}.out", "S3FailurePath": f"{number}-error.out"}
    parts = {
        key: [output[key].rstrip("/"), extension.strip("/"), names[key]]
        for key in names
        if key in output
    }
    shown = {"S3OutputPath": "OutputLocation", "S3FailurePath": "FailureLocation"}
    return {shown[key]: "/".join(filter(None, found)) for key, found in parts.items()}


def _live(app: App, name: str) -> Deployment:
    live = running.engine(app).host.deployment(name)
    if live is None:
        raise AwsError("ValidationError", f"Endpoint {name} of account {app.account_id} not found.")
    return live


def _forwarded(request: Members) -> dict[str, str]:
    """The headers for the container."""
    return {_FORWARDED[key]: request[key] for key in _FORWARDED if key in request}


def _variant(live: Deployment, request: Members) -> str:
    """TargetVariant, or by chance in proportion to the weights."""
    target: str | None = request.get("TargetVariant")
    if target is not None:
        if target not in live.servers:
            raise AwsError(
                "ValidationError",
                f"Variant {target} not found for endpoint {request['EndpointName']}.",
            )
        return target
    chosen = live.chosen()
    if chosen is None:
        raise validation(f"Every variant of {request['EndpointName']} has weight 0.")
    return chosen


def _model_error(app: App, name: str, reply: Reply) -> AwsError:
    group = invoking.log_group(name)
    return AwsError(
        "ModelError",
        invoking.complaint(app, name, reply),
        424,
        OriginalStatusCode=reply.status,
        OriginalMessage=reply.body.decode("utf-8", "replace"),
        LogStreamArn=f"arn:aws:logs:{app.region}:{app.account_id}:log-group:{group}",
    )
