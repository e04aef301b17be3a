"""From a resolved variant to a model server that answers pings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from localaws.algorithms.images import UnknownImage
from localaws.app import App
from localaws.engine import artifacts, source
from localaws.engine.server import Server
from localaws.errors import AwsError

# Amazon gives a container about four minutes; the variant may say otherwise.
_HEALTH_TIMEOUT = 240.0

Variant = dict[str, Any]
"""VariantName, Image, ModelDataUrl, RoleArn, Environment, Weight, InstanceCount, HealthTimeout,
InvocationTimeout, ServerlessConfig, Asynchronous (how many requests at once per instance),
InstanceType, Capture (a DataCaptureConfig)."""


class NotHealthy(Exception):
    """The model cannot be served; the text is the FailureReason."""


def bring_up(app: App, server: Server, variant: Variant, base: Path) -> None:
    """Fetch the model into `base` and start the server over it. Raises NotHealthy."""
    try:
        base.mkdir(parents=True, exist_ok=True)
        artifacts.extract(app, variant.get("ModelDataUrl"), base / "model")
        source.fetch(app, variant.get("Environment", {}), base)
        healthy = server.start(variant.get("HealthTimeout", _HEALTH_TIMEOUT))
    except UnknownImage as error:
        raise NotHealthy(str(error)) from error
    except (AwsError, ValueError, OSError) as error:
        raise NotHealthy(f"Failed to download model data for container primary: {error}") from error
    if not healthy:
        raise NotHealthy(
            f"The primary container for production variant {variant['VariantName']} did not "
            "pass the ping health check. Please check CloudWatch logs for this endpoint."
        )
