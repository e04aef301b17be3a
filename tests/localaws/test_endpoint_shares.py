"""Weights and instance counts of a live endpoint."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.localaws.lab import Lab, until

ROW = b",".join([b"1.0"] * 30)


@pytest.fixture
def lab(own_localaws):
    lab = Lab(own_localaws)
    lab.trained("shared-model")
    for name in ("one", "two"):
        lab.model(name, "s3://lab-bucket/out/shared-model/output/model.tar.gz")
    lab.config("pair", one=1, two=0)
    lab.endpoint("pair", "pair")
    return lab


def per_instance(lab):
    found = lab.localaws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="InvocationsPerInstance",
        Dimensions=[
            {"Name": "EndpointName", "Value": "pair"},
            {"Name": "VariantName", "Value": "two"},
        ],
        StartTime=datetime.now(UTC) - timedelta(minutes=5),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in found["Datapoints"])


def test_it_shares_as_desired_also_after_a_kill(lab):
    desired = [
        {"VariantName": "one", "DesiredWeight": 0},
        {"VariantName": "two", "DesiredWeight": 1, "DesiredInstanceCount": 4},
    ]
    lab.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="pair", DesiredWeightsAndCapacities=desired
    )
    lab.localaws.kill()
    lab.localaws.restart()
    lab.sagemaker = lab.localaws.client("sagemaker")
    lab.runtime = lab.localaws.client("sagemaker-runtime")
    variants = {v["VariantName"]: v for v in lab.settled("pair", "InService")["ProductionVariants"]}
    assert variants["one"]["CurrentWeight"] == variants["one"]["DesiredWeight"] == 0
    assert variants["two"]["CurrentInstanceCount"] == 4
    for _ in range(2):
        answer = lab.runtime.invoke_endpoint(EndpointName="pair", ContentType="text/csv", Body=ROW)
        assert answer["InvokedProductionVariant"] == "two"
    until(lambda: per_instance(lab), lambda total: total == 0.5)
