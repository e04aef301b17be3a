"""What an endpoint is made of, read at AWS before it goes, so that the same can come back."""

from dataclasses import asdict
from typing import Any

from aws import sagemaker
from aws.clients import Account
from aws.errors import NotFound
from aws.types import Endpoint as Seen
from aws.types import EndpointConfig, VariantSpec
from endpoints import cost, scaling
from endpoints.models import Endpoint


def of(endpoint: Endpoint, seen: Seen) -> dict[str, Any]:
    """The variants as they run now, their models, and what else the config says.

    `lost` says why it cannot be made again from this, "" when it can; `hourly_usd` is what ends
    to flow, None when nothing is billed or no price is known. Raises AwsError.
    """
    account = endpoint.workspace.account
    billed = {"hourly_usd": endpoint.hourly_cost if seen.status in cost.BILLED else None}
    try:
        config = sagemaker.describe_endpoint_config(account, seen.config_name)
    except NotFound:
        return billed | {"lost": "its configuration was deleted before it was."}
    names = dict.fromkeys(variant.model for variant in config.variants if variant.model)
    models = {name: _model(account, name) for name in names}
    return billed | {
        "variants": [_variant(variant, seen, config.kms_key) for variant in config.variants],
        "models": models,
        "async_config": asdict(config.asynchronous) if config.asynchronous else {},
        "data_capture": asdict(config.capture) if config.capture else {},
        "autoscaling": {
            variant: {name: entry[name] for name in ("min", "max", "target")}
            for variant, entry in endpoint.autoscaling.items()
            if entry.get("pending") != scaling.END
        },
        "lost": _lost(config, models),
    }


def _variant(spec: VariantSpec, seen: Seen, kms_key: str) -> dict[str, Any]:
    """As it runs: weights and counts may have moved since the config was written."""
    now = next((variant for variant in seen.variants if variant.name == spec.name), None)
    return {
        "name": spec.name,
        "model": spec.model,
        "instance_type": spec.instance_type,
        "instance_count": (now.instance_count if now else None) or spec.instance_count,
        "weight": spec.weight if now is None or now.weight is None else now.weight,
        "serverless": asdict(spec.serverless) if spec.serverless else None,
    } | ({"kms_key": kms_key} if kms_key else {})


def _model(account: Account, name: str) -> dict[str, Any] | None:
    """None when somebody deleted it.

    `made` has the values of its environment, secrets too: no page, answer or audit shows them.
    """
    try:
        model = sagemaker.describe_model(account, name)
    except NotFound:
        return None
    told = {"image": model.image, "artifact": model.artifact}
    return told | {"environment": [*model.environment], "made": dict(model.made)}


def _lost(config: EndpointConfig, models: dict[str, dict[str, Any] | None]) -> str:
    if any(variant.is_shadow for variant in config.variants):
        return "it had a shadow variant."
    if any(not variant.model for variant in config.variants):
        return "it ran inference components."
    gone = [name for name, model in models.items() if model is None]
    return f"its model {', '.join(gone)} was deleted before it was." if gone else ""
