"""Application Auto Scaling of endpoints: bounds of instance counts, and what they follow.

A target is a variant with its bounds; a policy tracks calls an instance and minute. Deregistering
a target takes its policies along, and so does deleting its endpoint, for who may deregister.
https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html
"""

from collections.abc import Iterator
from typing import Any, Final

from aws.clients import Account, client
from aws.errors import translated
from aws.types import ScalingBounds, ScalingPolicy

SERVICE: Final = "application-autoscaling"
NAMESPACE = "sagemaker"
METRIC = "SageMakerVariantInvocationsPerInstance"
POLICY = "mlconsole-calls-per-instance"
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
COPIES = "sagemaker:inference-component:DesiredCopyCount"


def resource(endpoint: str, variant: str) -> str:
    return f"endpoint/{endpoint}/variant/{variant}"


def bounds_pages(account: Account) -> Iterator[tuple[list[ScalingBounds], bool]]:
    """Pages of up to 50 variants of the account that scale, each with whether more follow."""
    asked: Any = {"ServiceNamespace": NAMESPACE, "ScalableDimension": INSTANCES}
    with translated():
        pages = client(account, SERVICE).get_paginator("describe_scalable_targets")
        for page in pages.paginate(**asked):
            found = [
                ScalingBounds(one["ResourceId"], one["MinCapacity"], one["MaxCapacity"])
                for one in page["ScalableTargets"]
            ]
            yield found, "NextToken" in page


def policy_pages(account: Account) -> Iterator[tuple[list[ScalingPolicy], bool]]:
    """Pages of policies of variants (AWS gives ten a page), each with whether more follow."""
    asked: Any = {"ServiceNamespace": NAMESPACE, "ScalableDimension": INSTANCES}
    with translated():
        pages = client(account, SERVICE).get_paginator("describe_scaling_policies")
        for page in pages.paginate(**asked):
            yield [_policy(one) for one in page["ScalingPolicies"]], "NextToken" in page


def register(account: Account, of: str, least: int, most: int) -> None:
    """Let the count of the resource `of` move between bounds; repeatable, also with others."""
    with translated():
        client(account, SERVICE).register_scalable_target(
            **_named(of), MinCapacity=least, MaxCapacity=most
        )


def track(account: Account, of: str, calls: float) -> None:
    """Aim at so many calls an instance and minute; repeatable.

    AWS allows one such policy a target, so one that somebody made is changed. `NotFound` when the
    resource is not registered.
    """
    with translated():
        found = client(account, SERVICE).describe_scaling_policies(**_named(of))
        known = [one for one in map(_policy, found["ScalingPolicies"]) if one.calls is not None]
        client(account, SERVICE).put_scaling_policy(
            **_named(of),
            PolicyName=known[0].name if known else POLICY,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": calls,
                "PredefinedMetricSpecification": {"PredefinedMetricType": METRIC},
            },
        )


def deregister(account: Account, of: str, *, dimension: str = INSTANCES) -> None:
    """Leave the count as it is from now on; the policies go. `NotFound` when nothing scales it."""
    with translated():
        client(account, SERVICE).deregister_scalable_target(**_named(of, dimension))


def _named(of: str, dimension: str = INSTANCES) -> dict[str, str]:
    return {"ServiceNamespace": NAMESPACE, "ResourceId": of, "ScalableDimension": dimension}


def _policy(one: Any) -> ScalingPolicy:
    """`calls` is None where something else is tracked."""
    tracking = one.get("TargetTrackingScalingPolicyConfiguration", {})
    metric = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    calls = tracking["TargetValue"] if metric == METRIC else None
    return ScalingPolicy(one["ResourceId"], one["PolicyName"], calls)
