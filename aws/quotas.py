"""Service Quotas: how many instances of a type may train at once, and which types may at all."""

from collections.abc import Iterator

from aws.clients import Account, client
from aws.errors import translated

SERVICE = "sagemaker"


def training_quota(instance_type: str, *, spot: bool) -> str:
    """The quota's name at AWS."""
    return f"{instance_type} for {'spot ' if spot else ''}training job usage"


def codes(account: Account, *, read_timeout: float = 0) -> Iterator[tuple[str, str]]:
    """(name, code) of SageMaker's quotas, 100 a call, some twenty calls for all of them.

    A quota has the same code in every account and region.
    """
    with translated():
        quotas = client(account, "service-quotas", read_timeout=read_timeout)
        for page in quotas.get_paginator("list_service_quotas").paginate(ServiceCode=SERVICE):
            for quota in page["Quotas"]:
                yield quota["QuotaName"], quota["QuotaCode"]


def value(account: Account, code: str, *, read_timeout: float = 0) -> float:
    """What the account is allowed; `NotFound` when AWS applies no such quota to it."""
    with translated():
        quotas = client(account, "service-quotas", read_timeout=read_timeout)
        answer = quotas.get_service_quota(ServiceCode=SERVICE, QuotaCode=code)
    return float(answer["Quota"]["Value"])


def training_types(account: Account) -> frozenset[str]:
    """The instance types that CreateTrainingJob takes, as this botocore knows them; no call."""
    with translated():
        shape = client(account, "sagemaker").meta.service_model.shape_for("TrainingInstanceType")
    return frozenset(getattr(shape, "enum", ()))
