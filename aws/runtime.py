"""Asking an endpoint's model."""

import time
from typing import Any

from aws.clients import Account, client
from aws.errors import translated
from aws.types import Invocation

# Bytes of a request's body. AWS's FAQ gives 25 MB for real-time endpoints and 4 MB for serverless
# ones; its API model (botocore, BodyBlob) and the XGBoost container (MAX_CONTENT_LENGTH) say 6 MiB.
# A body that shall work on every instance endpoint stays below the container's limit.
PAYLOAD_LIMIT = 25_000_000
CONTAINER_PAYLOAD_LIMIT = 6 * 2**20
SERVERLESS_PAYLOAD_LIMIT = 4_000_000

MODEL_SECONDS = 60  # what SageMaker gives a model to answer
GRACE_SECONDS = 5  # for SageMaker's own word that the model took too long


def invoke_endpoint(  # noqa: PLR0913  # an invocation has this many independent headers
    account: Account,
    name: str,
    body: bytes,
    *,
    content_type: str,
    accept: str = "",
    variant: str = "",
    component: str = "",
    timeout: float = MODEL_SECONDS,
) -> Invocation:
    """The model's answer to `body`, awaited for `timeout` seconds; asked once, never repeated here.

    `variant` asks one variant whatever its weight; `component` an inference component, which an
    endpoint that runs components must be told. `NotFound` when the endpoint is missing or not
    InService, `ModelError` when the container answers with an error, `Unavailable` when nothing
    comes in time.
    """
    wanted: Any = {"Accept": accept} if accept else {}
    if variant:
        wanted["TargetVariant"] = variant
    if component:
        wanted["InferenceComponentName"] = component
    patience = timeout if timeout < MODEL_SECONDS else timeout + GRACE_SECONDS
    began = time.perf_counter()
    with translated():
        runtime = client(account, "sagemaker-runtime", read_timeout=patience)
        answer = runtime.invoke_endpoint(
            EndpointName=name, Body=body, ContentType=content_type, **wanted
        )
        content = answer["Body"].read()
    return Invocation(
        body=content,
        content_type=answer.get("ContentType", ""),
        variant=answer.get("InvokedProductionVariant", ""),
        latency_ms=(time.perf_counter() - began) * 1000,
    )
