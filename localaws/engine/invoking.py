"""One request to one variant of an endpoint, timed and counted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from localaws.app import App
from localaws.engine.deployment import Deployment
from localaws.engine.server import Reply, TimedOut, Unreachable
from localaws.engine.tally import Tally

_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the "
    "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)


@dataclass(frozen=True)
class Question:
    body: bytes
    headers: Mapping[str, str]
    timeout: float | None = None
    """In seconds; None for that of the variant."""


def asked(tally: Tally, endpoint: str, live: Deployment, variant: str, question: Question) -> Reply:
    """Status 0 with the reason as its body when there is no answer. Raises Retired and Busy."""
    with live.using(variant) as server:
        started = time.perf_counter()
        try:
            reply = server.invoke(question.body, question.headers, question.timeout)
        except TimedOut:
            reply = Reply(0, {}, _TIMED_OUT.encode())
        except Unreachable as error:
            reply = Reply(0, {}, str(error).encode())
        latency = (time.perf_counter() - started) * 1e6
    instances = live.instances.get(variant, 0)
    if live.asynchronous:
        tally.add_asynchronous(endpoint, variant, reply.status, latency)
    else:
        tally.add(endpoint, variant, reply.status, latency, instances=instances)
    return reply


def complaint(app: App, endpoint: str, reply: Reply) -> str:
    """What a caller is told of an answer other than 2xx, in Amazon's words."""
    side = "client" if 400 <= reply.status < 500 else "server"
    text = reply.body.decode("utf-8", "replace")
    console = f"https://{app.region}.console.aws.amazon.com/cloudwatch/home?region={app.region}"
    return (
        f'Received {side} error ({reply.status}) from primary with message "{text}". See '
        f"{console}#logEventViewer:group={log_group(endpoint)} in account {app.account_id} for "
        "more information."
    )


def log_group(endpoint: str) -> str:
    return f"/aws/sagemaker/Endpoints/{endpoint}"
