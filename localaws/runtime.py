"""InvokeEndpoint: pick a variant, ask its server, count what happened."""

from __future__ import annotations

import random
import time
from typing import Any

from localaws.app import App
from localaws.engine import running
from localaws.engine.host import Deployment
from localaws.engine.server import Reply, TimedOut, Unreachable
from localaws.errors import AwsError, validation
from localaws.wire import operation

_FORWARDED = {
    "ContentType": "Content-Type",
    "Accept": "Accept",
    "CustomAttributes": "X-Amzn-SageMaker-Custom-Attributes",
    "InferenceId": "X-Amzn-SageMaker-Inference-Id",
}
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the "
    "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)

Members = dict[str, Any]


@operation("sagemaker-runtime", "InvokeEndpoint")
def invoke(app: App, request: Members) -> Members:
    """Raises AwsError ModelError (424) when the model answers anything but 2xx, or nothing."""
    name, body = request["EndpointName"], request["Body"]
    live = running.engine(app).host.deployment(name)
    if live is None:
        raise AwsError("ValidationError", f"Endpoint {name} of account {app.account_id} not found.")
    variant = _variant(live, request)
    headers = {_FORWARDED[key]: request[key] for key in _FORWARDED if key in request}
    started = time.perf_counter()
    reply = _reply(live, variant, body, headers)
    latency = (time.perf_counter() - started) * 1e6
    running.engine(app).tally.add(
        name, variant, reply.status, latency, instances=live.instances.get(variant, 0)
    )
    if not 200 <= reply.status < 300:
        raise _model_error(app, name, reply)
    answer = {
        "Body": reply.body,
        "ContentType": reply.headers.get("Content-Type", "application/octet-stream"),
        "InvokedProductionVariant": variant,
    }
    if attributes := reply.headers.get("X-Amzn-SageMaker-Custom-Attributes"):
        answer["CustomAttributes"] = attributes
    return answer


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
    names, weights = list(live.weights), list(live.weights.values())
    if not sum(weights):
        raise validation(f"Every variant of {request['EndpointName']} has weight 0.")
    return random.choices(names, weights)[0]  # noqa: S311  sharing traffic is no secret


def _reply(live: Deployment, variant: str, body: bytes, headers: dict[str, str]) -> Reply:
    try:
        return live.servers[variant].invoke(body, headers)
    except TimedOut:
        return Reply(0, {}, _TIMED_OUT.encode())
    except Unreachable as error:
        return Reply(0, {}, str(error).encode())


def _model_error(app: App, name: str, reply: Reply) -> AwsError:
    side = "client" if 400 <= reply.status < 500 else "server"
    text = reply.body.decode("utf-8", "replace")
    group = f"/aws/sagemaker/Endpoints/{name}"
    console = f"https://{app.region}.console.aws.amazon.com/cloudwatch/home?region={app.region}"
    return AwsError(
        "ModelError",
        f'Received {side} error ({reply.status}) from primary with message "{text}". See '
        f"{console}#logEventViewer:group={group} in account {app.account_id} for more information.",
        424,
        OriginalStatusCode=reply.status,
        OriginalMessage=text,
        LogStreamArn=f"arn:aws:logs:{app.region}:{app.account_id}:log-group:{group}",
    )
