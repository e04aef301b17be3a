"""The price list and the quotas of SageMaker's instances."""

import json

import pytest
from botocore.exceptions import ClientError


def matching(**facts):
    return [{"Type": "TERM_MATCH", "Field": name, "Value": facts[name]} for name in facts]


@pytest.fixture
def prices(localaws):
    return localaws.client("pricing")


@pytest.fixture
def quotas(localaws):
    return localaws.client("service-quotas")


def products(prices, size=100, **facts):
    pages = prices.get_paginator("get_products").paginate(
        ServiceCode="AmazonSageMaker", Filters=matching(**facts), MaxResults=size
    )
    return [json.loads(text) for page in pages for text in page["PriceList"]]


def test_it_names_the_price_of_an_hour(prices):
    (product,) = products(
        prices, regionCode="us-east-1", component="training", instanceName="ml.m5.large"
    )
    assert product["product"]["attributes"]["usagetype"] == "USE1-Train:ml.m5.large"
    (term,) = product["terms"]["OnDemand"].values()
    (price,) = term["priceDimensions"].values()
    assert (price["unit"], price["pricePerUnit"]) == ("Hrs", {"USD": "0.115"})


def test_it_pages_through_products(prices):
    facts = {"regionCode": "us-east-1", "component": "Hosting"}
    assert len(products(prices, **facts)) > 30
    assert products(prices, size=7, **facts) == products(prices, **facts)


def test_it_knows_no_prices_of_other_regions(prices):
    assert products(prices, regionCode="eu-west-1") == []


def test_it_refuses_what_is_no_service_or_page(prices):
    with pytest.raises(ClientError, match="NotFoundException"):
        prices.get_products(ServiceCode="Nothing")
    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        prices.get_products(ServiceCode="AmazonSageMaker", NextToken="second")
    contains = {"Type": "CONTAINS", "Field": "component", "Value": "Train"}
    with pytest.raises(ClientError, match="TERM_MATCH"):
        prices.get_products(ServiceCode="AmazonSageMaker", Filters=[contains])


def test_it_tells_a_quota_by_its_code(quotas):
    pages = quotas.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
    found = {one["QuotaName"]: one for page in pages for one in page["Quotas"]}
    assert len(found) > 100  # more than a page
    listed = found["ml.m5.large for spot training job usage"]
    asked = quotas.get_service_quota(ServiceCode="sagemaker", QuotaCode=listed["QuotaCode"])
    assert asked["Quota"] == listed
    assert listed["Value"] == 64.0


def test_it_has_no_quota_of_an_unknown_code(quotas):
    for asked in (
        {"ServiceCode": "sagemaker", "QuotaCode": "L-0"},
        {"ServiceCode": "ec2", "QuotaCode": "L-0"},
    ):
        with pytest.raises(ClientError, match="NoSuchResourceException"):
            quotas.get_service_quota(**asked)
