"""The price list, as far as SageMaker's instances go: what its table says of us-east-1.

Other regions have no products here, because nothing here knows their prices.
"""

import json
from collections.abc import Iterator
from typing import Any

from localaws.app import App
from localaws.errors import AwsError
from localaws.instances import REGION, Instance, known
from localaws.wire import operation

SERVICE = "AmazonSageMaker"
COMPONENTS = {"Training": "Train", "Hosting": "Host", "Processing": "Processing"}
PAGE = 100


@operation("pricing", "GetProducts")
def get_products(app: App, request: dict[str, Any]) -> dict[str, Any]:
    """Filters match as TERM_MATCH does: the whole value, upper and lower case alike."""
    if request["ServiceCode"] != SERVICE:
        raise AwsError("NotFoundException", f"Invalid service code: {request['ServiceCode']}")
    wanted = request.get("Filters", [])
    if any(one["Type"] != "TERM_MATCH" for one in wanted):
        raise AwsError("InvalidParameterException", "localaws filters by TERM_MATCH only.")
    found = [product for product in _products() if _fits(product, wanted)]
    start, size = _start(request.get("NextToken")), request.get("MaxResults", PAGE)
    answer: dict[str, Any] = {
        "FormatVersion": "aws_v1",
        "PriceList": [json.dumps(product) for product in found[start : start + size]],
    }
    return answer | ({"NextToken": str(start + size)} if start + size < len(found) else {})


def _start(token: str | None) -> int:
    if token and not (token.isascii() and token.isdigit()):
        raise AwsError("InvalidNextTokenException", "The pagination token is invalid.")
    return int(token or 0)


def _fits(product: dict[str, Any], wanted: list[dict[str, str]]) -> bool:
    facts = product["product"]["attributes"] | {
        "productFamily": product["product"]["productFamily"],
        "ServiceCode": SERVICE,
    }
    return all(str(facts.get(one["Field"], "")).lower() == one["Value"].lower() for one in wanted)


def _products() -> Iterator[dict[str, Any]]:
    for instance in known().values():
        for component in COMPONENTS:
            yield _product(instance, component)


def _product(instance: Instance, component: str) -> dict[str, Any]:
    sku = f"{component}.{instance.name}"
    price = {
        "unit": "Hrs",
        "description": f"${instance.usd_per_hour} per {component} {instance.name} hour",
        "pricePerUnit": {"USD": instance.usd_per_hour},
        "beginRange": "0",
        "endRange": "Inf",
        "appliesTo": [],
        "rateCode": f"{sku}.ONDEMAND.HOUR",
    }
    attributes = {
        "servicecode": SERVICE,
        "servicename": "Amazon SageMaker",
        "regionCode": REGION,
        "locationType": "AWS Region",
        "component": component,
        "instanceName": instance.name,
        "instanceType": f"{instance.name}-{component}",
        "vCpu": instance.vcpus,
        "memory": f"{instance.memory_gib} GiB",
        "gpu": instance.gpus,
        "usagetype": f"USE1-{COMPONENTS[component]}:{instance.name}",
        "operation": "RunInstance",
    }
    return {
        "product": {"productFamily": "ML Instance", "attributes": attributes, "sku": sku},
        "serviceCode": SERVICE,
        "terms": {"OnDemand": {f"{sku}.ONDEMAND": {"priceDimensions": {f"{sku}.HOUR": price}}}},
    }
