"""botocore's service models: the description of every request and answer."""

from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

SERVICES = (
    *("s3", "sagemaker", "sagemaker-runtime", "logs", "cloudwatch", "sts", "iam"),
    *("pricing", "service-quotas", "sqs", "application-autoscaling"),
)


@cache
def service(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def operation(service_name: str, name: str) -> OperationModel | None:
    model = service(service_name)
    return model.operation_model(name) if name in model.operation_names else None


@cache
def target_prefixes() -> dict[str, str]:
    """X-Amz-Target prefix -> service."""
    found = {}
    for name in SERVICES:
        prefix = service(name).metadata.get("targetPrefix")
        if prefix:
            found[prefix] = name
    return found
