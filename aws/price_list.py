"""AWS's price list: what an instance costs an hour on demand, in the account's region."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

from aws.clients import Account, client
from aws.errors import translated

Purpose = Literal["training", "hosting", "processing"]

# The attribute `component` of SageMaker's products.
_COMPONENTS: dict[Purpose, str] = {
    "training": "Training",
    "hosting": "Hosting",
    "processing": "Processing",
}
# The list is served from three regions, for all of them.
_SERVED = {"eu": "eu-central-1", "ap": "ap-south-1"}
_ELSEWHERE = "us-east-1"


def hourly(account: Account, purpose: Purpose) -> dict[str, float]:
    """US dollars an hour by instance type, of every type that AWS lists for the account's region.

    A handful of calls, 100 types each; {} for a region that is not in the list.
    """
    wanted = {"regionCode": account.region, "component": _COMPONENTS[purpose]}
    served = _SERVED.get(account.region.partition("-")[0], _ELSEWHERE)
    found: dict[str, float] = {}
    with translated():
        pages = client(replace(account, region=served), "pricing").get_paginator("get_products")
        for page in pages.paginate(
            ServiceCode="AmazonSageMaker",
            Filters=[{"Type": "TERM_MATCH", "Field": k, "Value": v} for k, v in wanted.items()],
        ):
            for text in page["PriceList"]:
                product = json.loads(text)
                name = product["product"]["attributes"].get("instanceName", "")
                # Should a type be listed twice, rather promise too high a price than too low.
                for usd in _on_demand(product) if name else ():
                    found[name] = max(usd, found.get(name, 0.0))
    return found


def _on_demand(product: dict[str, Any]) -> Iterator[float]:
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for price in term.get("priceDimensions", {}).values():
            usd = float(price.get("pricePerUnit", {}).get("USD", 0))
            if usd and price.get("unit", "").lower() in {"hrs", "hours", "hour"}:
                yield usd
