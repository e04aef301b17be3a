"""InvokeEndpoint: pick a variant, ask its server, count what happened."""

from __future__ import annotations

from typing import Any

from localaws.app import App
from localaws.engine import invoking, running
from localaws.engine.deployment import Busy, Deployment, Retired
from localaws.engine.invoking import Question
from localaws.engine.server import Reply
from localaws.errors import AwsError, throttled, validation
from localaws.wire import operation

_FORWARDED = {
    "ContentType": "Content-Type",
    "Accept": "Accept",
    "CustomAttributes": "X-Amzn-SageMaker-Custom-Attributes",
    "InferenceId": "X-Amzn-SageMaker-Inference-Id",
}
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
    name, question = request["EndpointName"], Question(request["Body"], forwarded(request))
    while True:
        live = _live(app, name)
        if live.asynchronous:
            raise AwsError(
                "ValidationError", f"Endpoint {name} is asynchronous: use InvokeEndpointAsync."
            )
        variant = _variant(live, request)
        try:
            return variant, invoking.asked(app, name, live, variant, question)
        except Retired:
            continue
        except Busy:
            raise throttled() from None


def _live(app: App, name: str) -> Deployment:
    live = running.engine(app).host.deployment(name)
    if live is None:
        raise AwsError("ValidationError", f"Endpoint {name} of account {app.account_id} not found.")
    return live


def forwarded(request: Members) -> dict[str, str]:
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
