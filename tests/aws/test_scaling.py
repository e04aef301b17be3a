"""Bounds of instance counts and what they follow; moto says what Amazon would."""

import pytest

from aws import errors, scaling
from aws.clients import client

OF = scaling.resource("one", "AllTraffic")
THEIRS = scaling.resource("two", "AllTraffic")


def read(account, of):
    [(bounds, more)] = scaling.bounds_pages(account)
    [(policies, _)] = scaling.policy_pages(account)
    assert not more
    found = [(one.resource, one.least, one.most) for one in bounds if one.resource == of]
    return found, [(one.name, one.calls) for one in policies if one.resource == of]


def test_a_variant_scales_until_it_is_deregistered(moto):
    for most in (3, 4):
        scaling.register(moto, OF, 1, most)
    scaling.track(moto, OF, 50.0)
    scaling.track(moto, OF, 60.0)
    assert read(moto, OF) == ([(OF, 1, 4)], [(scaling.POLICY, 60.0)])
    scaling.deregister(moto, OF)
    assert read(moto, OF)[0] == []
    with pytest.raises(errors.AwsError):
        scaling.deregister(moto, OF)


def test_somebody_elses_policy_of_the_same_kind_is_changed(moto):
    scaling.register(moto, THEIRS, 1, 3)
    metric = {"PredefinedMetricSpecification": {"PredefinedMetricType": scaling.METRIC}}
    client(moto, "application-autoscaling").put_scaling_policy(
        **scaling._named(THEIRS),
        PolicyName="theirs",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 9.0} | metric,
    )
    scaling.track(moto, THEIRS, 70.0)
    assert read(moto, THEIRS)[1] == [("theirs", 70.0)]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ObjectNotFoundException", errors.NotFound),
        ("AccessDeniedException", errors.Denied),
        ("ConcurrentUpdateException", errors.Unavailable),
        ("LimitExceededException", errors.QuotaExceeded),
        ("InternalServiceException", errors.Unavailable),
    ],
)
def test_its_refusals_have_kinds(scripted, code, kind):
    scripted.fails(code, "no")
    with pytest.raises(kind):
        scaling.deregister(scripted.account, OF)
