"""Application Auto Scaling of endpoints: targets, policies, and counts that follow the calls."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from localaws.scaler import Bounds, wanted
from tests.localaws.conftest import LocalAws
from tests.localaws.hosting import config, obedient, variant
from tests.localaws.lab import Lab, refusal, until

NAME = "scaled"
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": f"endpoint/{NAME}/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
METRIC = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
TRACKING = {"TargetValue": 60.0, "PredefinedMetricSpecification": METRIC}
BOUNDS = Bounds(1, 6)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    service = LocalAws(tmp_path_factory.mktemp("scaling") / "data", "--allow-scripts")
    lab = Lab(service)
    obedient(lab, "model")
    config(lab, "small", variant("model"))
    config(lab, "large", variant("model", InstanceType="ml.m5.xlarge"))
    yield lab
    service.stop()


@pytest.fixture
def scaling(lab):
    return lab.localaws.client("application-autoscaling")


@pytest.fixture
def endpoint(lab):
    lab.endpoint(NAME, "small")
    yield NAME
    until(lambda: _gone(lab), bool)


def _gone(lab):
    try:
        lab.sagemaker.delete_endpoint(EndpointName=NAME)
    except ClientError as error:
        return "Could not find" in str(error)
    return False


def put(scaling, name="calls", **tracking):
    return scaling.put_scaling_policy(
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=TRACKING | tracking,
        **TARGET,
    )


def count(lab):
    [shown] = lab.sagemaker.describe_endpoint(EndpointName=NAME)["ProductionVariants"]
    return shown["CurrentInstanceCount"]


def test_counts_follow_bounds_and_calls_until_the_endpoint_goes(lab, scaling, endpoint):
    first = scaling.register_scalable_target(MinCapacity=2, MaxCapacity=5, **TARGET)
    assert first["ScalableTargetARN"].startswith("arn:aws:application-autoscaling:us-east-1:")
    until(lambda: count(lab), lambda found: found == 2)
    again = scaling.register_scalable_target(MinCapacity=1, **TARGET)
    assert again["ScalableTargetARN"] == first["ScalableTargetARN"]
    [target] = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 5)

    now = datetime.now(UTC).replace(second=0, microsecond=0)
    dimensions = [
        {"Name": "EndpointName", "Value": NAME},
        {"Name": "VariantName", "Value": "AllTraffic"},
    ]
    data = [
        {
            "MetricName": "InvocationsPerInstance",
            "Dimensions": dimensions,
            "Timestamp": now + timedelta(minutes=minute, seconds=5),
            "Value": 120.0,
        }
        for minute in range(-4, 2)
    ]
    metrics = lab.localaws.client("cloudwatch")
    metrics.put_metric_data(Namespace="AWS/SageMaker", MetricData=data)
    put(scaling, ScaleOutCooldown=0)
    until(lambda: count(lab), lambda found: found == 5)  # 2 x 120 / 60 is 4, and then again

    lab.settled(NAME, "InService")
    code, text = refusal(
        lab.sagemaker.update_endpoint, EndpointName=NAME, EndpointConfigName="large"
    )
    assert (code, "scalable target" in text) == ("ValidationException", True)
    lab.sagemaker.delete_endpoint(EndpointName=NAME)
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []


def test_it_refuses_in_amazons_words(lab, scaling, endpoint):
    missing = {"code": "ObjectNotFoundException"}
    assert refusal(scaling.deregister_scalable_target, **TARGET)[0] == missing["code"]
    code, text = refusal(put, scaling=scaling)
    assert (code, text.startswith("No scalable target registered for")) == (missing["code"], True)
    code, text = refusal(scaling.register_scalable_target, MinCapacity=3, MaxCapacity=2, **TARGET)
    assert (code, "less than minimum" in text) == ("ValidationException", True)
    elsewhere = TARGET | {"ResourceId": "endpoint/nowhere/variant/AllTraffic"}
    found = refusal(scaling.register_scalable_target, MinCapacity=1, MaxCapacity=2, **elsewhere)
    assert found[0] == "ValidationException"
    scaling.register_scalable_target(MinCapacity=1, MaxCapacity=2, **TARGET)
    put(scaling)
    assert put(scaling, TargetValue=80.0)["Alarms"] == []
    assert refusal(put, scaling=scaling, name="another")[0] == "ValidationException"
    [policy] = scaling.describe_scaling_policies(**TARGET)["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 80.0
    scaling.delete_scaling_policy(PolicyName="calls", **TARGET)
    found = refusal(scaling.delete_scaling_policy, PolicyName="calls", **TARGET)
    assert found[0] == missing["code"]
    scaling.deregister_scalable_target(**TARGET)


BUSY, CALM, LOW = [90.0] * 15, [58.0] * 15, [10.0] * 15


@pytest.mark.parametrize(
    ("minutes", "idle", "more", "count"),
    [
        (BUSY, 400, {}, 3),
        (BUSY, 100, {}, 2),  # it cools down
        (BUSY, 100, {"ScaleOutCooldown": 60}, 3),
        ([None] * 13 + [90.0] * 2, 400, {}, 2),  # two minutes are too few
        ([*BUSY[:14], None], 400, {}, 2),
        (CALM, 400, {}, 2),
        (LOW, 400, {}, 1),
        (LOW, 100, {}, 2),
        (LOW, 400, {"DisableScaleIn": True}, 2),
        ([*LOW[:14], 58.0], 400, {}, 2),
        ([None, *LOW[1:]], 400, {}, 2),  # a minute without a value proves nothing
        ([None] * 15, 4000, {}, 2),
        ([900.0] * 15, 400, {}, 6),
    ],
)
def test_it_tracks_the_target(minutes, idle, more, count):
    assert wanted(2, BOUNDS, TRACKING | more, minutes, idle) == count
    assert 1 <= wanted(9, BOUNDS, TRACKING | more, minutes, idle) <= 6
