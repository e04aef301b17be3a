"""Asking an endpoint's model."""

import time
from typing import Any

from aws.clients import Account, client
from aws.errors import translated
from aws.types import Invocation

# AWS's FAQ gives 25 MB for real-time endpoints; its API model and the older containers (MAX_CONTENT_LENGTH of the
# XGBoost and framework images) say 6 MiB. Bodies that shall work everywhere stay below the smaller one.
PAYLOAD_LIMIT = 25_000_000
CONTAINER_PAYLOAD_LIMIT = 6 * 2**20
SERVERLESS_PAYLOAD_LIMIT = 4_000_000  # SageMaker developer guide, serverless endpoints


def invoke_endpoint(  # noqa: PLR0913  # an invocation has this many independent headers
    account: Account,
    name: str,
    body: bytes,
    *,
    content_type: str,
    accept: str = "",
    variant: str = "",
    timeout: float = 60,
) -> Invocation:
    """The model's answer to `body`, within `timeout` seconds; asked once, never repeated in here.

    `variant` asks one variant whatever its weight. Raises `NotFound` when the endpoint is missing or not InService,
    `ModelError` when the container answers with an error, `Unavailable` when it takes too long.
    """
    wanted: Any = {"Accept": accept} if accept else {}
    if variant:
        wanted["TargetVariant"] = variant
    began = time.perf_counter()
    with translated():
        # Five seconds more than the model may take, so that SageMaker's own word about it gets through.
        answer = client(account, "sagemaker-runtime", read_timeout=timeout + 5).invoke_endpoint(
            EndpointName=name, Body=body, ContentType=content_type, **wanted
        )
        content = answer["Body"].read()
    return Invocation(
        body=content,
        content_type=answer.get("ContentType", ""),
        variant=answer.get("InvokedProductionVariant", ""),
        latency_ms=(time.perf_counter() - began) * 1000,
    )
