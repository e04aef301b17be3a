"""Three of twelve endpoints idle: found, previewed, deleted before one's eyes, one brought back."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.config import Config
from playwright.sync_api import expect

from tests.tooling.processes import until

pytestmark = [pytest.mark.slow, pytest.mark.browser]
IDLE = ["old-forecast", "old-prices", "old-trial"]
BUSY = [f"shop-{number}" for number in range(1, 6)]
QUIET = ["monthly-report", "weekly-report"]
YOUNG = ["fresh-one", "fresh-two"]
ALL = [*IDLE, *BUSY, *QUIET, *YOUNG]


@pytest.fixture(scope="module")
def aws(console):
    """`aws(service)` is what a notebook on this machine has."""
    data = console.up.data_dir
    keys = json.loads((data / "localaws" / "credentials.json").read_text())
    port = json.loads((data / "ports.json").read_text())["localaws"]
    session = boto3.Session(
        aws_access_key_id=keys["access_key_id"],
        aws_secret_access_key=keys["secret_access_key"],
        region_name="us-east-1",
    )
    options = Config(retries={"total_max_attempts": 1})
    url = f"http://127.0.0.1:{port}"
    return lambda service: session.client(service, endpoint_url=url, config=options)


@pytest.fixture(scope="module")
def fleet(console, endpoint, aws):
    """Twelve beside the other tests' one: ten are 20 days old, seven have a past in CloudWatch."""
    model = endpoint["variants"][0]["model"]
    sagemaker, cloudwatch = aws("sagemaker"), aws("cloudwatch")
    calls = dict.fromkeys(BUSY, 40.0) | dict.fromkeys(QUIET, 1.0)
    for name, count in calls.items():
        cloudwatch.put_metric_data(Namespace="AWS/SageMaker", MetricData=_past(name, count))
    for name in ALL:
        variant = {"VariantName": "AllTraffic", "ModelName": model, "InitialInstanceCount": 1}
        sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[variant | {"InstanceType": "ml.m5.large"}],
        )
        age = [] if name in YOUNG else [{"Key": "localaws:age-days", "Value": "20"}]
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name, Tags=age)
    yield sagemaker
    for found in sagemaker.list_endpoints(MaxResults=100)["Endpoints"]:
        if found["EndpointName"] in ALL:
            sagemaker.delete_endpoint(EndpointName=found["EndpointName"])


def _past(name, count):
    """Calls on one of the last ten days, or on one day alone when they are few."""
    now = datetime.now(UTC)
    days = range(1, 11) if count > 1 else [6]
    dimensions = [
        {"Name": "EndpointName", "Value": name},
        {"Name": "VariantName", "Value": "AllTraffic"},
    ]
    return [
        {
            "MetricName": "Invocations",
            "Dimensions": dimensions,
            "Timestamp": now - timedelta(days=day),
            "Value": count,
        }
        for day in days
    ]


def verdicts(console):
    found = console.call("GET", "/endpoints", params={"per_page": 50})["items"]
    return {one["name"]: one["idle"]["verdict"] for one in found}


@pytest.mark.timeout(240)
def test_what_idles_is_found_deleted_and_brought_back(me, console, fleet):
    words = dict.fromkeys(IDLE, "idle") | dict.fromkeys(BUSY, "busy")
    words |= dict.fromkeys(QUIET, "quiet") | dict.fromkeys(YOUNG, "too young")
    until(lambda: words.items() <= verdicts(console).items(), 90, "a verdict on each")

    me.open("/endpoints/?verdict=idle")
    for name in IDLE:
        expect(me.page.get_by_role("link", name=name)).to_be_visible()
    expect(me.page.get_by_role("link", name="shop-1")).to_have_count(0)
    me.page.get_by_role("link", name="Delete what idles").click()
    me.page.get_by_role("button", name="Show what would go").click()
    for name in IDLE:
        expect(me.page.locator("#content")).to_contain_text(name)
    expect(me.page.locator("#content")).not_to_contain_text("shop-1")
    me.page.get_by_label("Type the number of endpoints to delete").fill("3")
    me.page.evaluate("window.stayed = true")
    me.page.get_by_role("button", name="Delete 3 endpoints").click()
    me.page.get_by_text("Deleting…").wait_for()
    me.page.evaluate("window.stayed = true")
    items = me.page.locator("#items")
    expect(items).to_contain_text("Done", timeout=60_000)  # by itself
    assert me.page.evaluate("window.stayed")
    expect(items.get_by_text("deleted", exact=True)).to_have_count(3)
    left = {one["EndpointName"] for one in fleet.list_endpoints(MaxResults=100)["Endpoints"]}
    assert left & set(ALL) == set(ALL) - set(IDLE)
    configs = fleet.list_endpoint_configs(NameContains="old-")["EndpointConfigs"]
    assert configs == []

    items.get_by_role("link", name="old-prices").click()
    me.page.get_by_role("link", name="Recreate").click()
    me.page.get_by_role("button", name="Recreate it").click()
    me.status("InService")
    [back] = fleet.list_endpoints(NameContains="old-prices")["Endpoints"]
    assert back["EndpointName"] != "old-prices"
    console.call("DELETE", f"/endpoints/{me.page.url.rpartition('/')[2]}")
