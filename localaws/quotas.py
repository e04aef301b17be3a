"""Service Quotas of SageMaker: how many instances of a type may train at once.

Only answered, never enforced: this machine's own limit is the number of jobs it runs at once.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from localaws.app import App
from localaws.errors import AwsError
from localaws.instances import known
from localaws.wire import operation

SERVICE = "sagemaker"
USES = ("training job usage", "spot training job usage", "endpoint usage", "processing job usage")
VALUE = 64.0
PAGE = 100


@operation("service-quotas", "ListServiceQuotas")
def list_service_quotas(app: App, request: dict[str, Any]) -> dict[str, Any]:
    _check(request["ServiceCode"])
    found = [_quota(app, name) for name in _names().values()]
    if code := request.get("QuotaCode"):
        found = [quota for quota in found if quota["QuotaCode"] == code]
    token, size = request.get("NextToken", "0"), request.get("MaxResults", PAGE)
    if not (token.isascii() and token.isdigit()):
        raise AwsError("InvalidPaginationTokenException", "Invalid NextToken.")
    end = int(token) + size
    answer: dict[str, Any] = {"Quotas": found[int(token) : end]}
    return answer | ({"NextToken": str(end)} if end < len(found) else {})


@operation("service-quotas", "GetServiceQuota")
def get_service_quota(app: App, request: dict[str, Any]) -> dict[str, Any]:
    _check(request["ServiceCode"])
    if request["QuotaCode"] not in _names():
        raise _missing(f"The request failed because the quota {request['QuotaCode']} is unknown.")
    return {"Quota": _quota(app, _names()[request["QuotaCode"]])}


@cache
def _names() -> Mapping[str, str]:
    """Names of quotas by code, in the order of the names."""
    names = sorted(f"{instance} for {use}" for instance in known() for use in USES)
    return {_code(name): name for name in names}


def _code(name: str) -> str:
    return f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}"


def _quota(app: App, name: str) -> dict[str, Any]:
    code = _code(name)
    return {
        "ServiceCode": SERVICE,
        "ServiceName": "Amazon SageMaker",
        "QuotaArn": f"arn:aws:servicequotas:{app.region}:{app.account_id}:{SERVICE}/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": VALUE,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }


def _check(service: str) -> None:
    if service != SERVICE:
        raise _missing(f"The request failed because the service {service} is unknown.")


def _missing(message: str) -> AwsError:
    return AwsError("NoSuchResourceException", message)
