"""Variants scale as asked, whatever is killed or refused in between, and never outlive it."""

import json

import pytest
from django.urls import reverse

from core.errors import InvalidFields
from core.models import AuditEvent, Heartbeat
from endpoints import delete, mirror, plans, protect, scaling, sizing, update
from endpoints.models import Endpoint
from endpoints.sizing import Bounds, Setup
from endpoints.tasks import sweep_endpoints
from tests.endpoints.conftest import fresh, in_service, now, until
from tests.endpoints.test_crashes import swept_and_killed
from tests.jobs.conftest import committed  # noqa: F401  # a fixture

ASKED = {"min": 2, "max": 4, "target": 120.0}
BOUNDS = Bounds(2, 4, 120.0)


@pytest.fixture
def autoscaling(aws):
    client = aws.client("application-autoscaling")
    yield client
    for one in client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]:
        names = ("ServiceNamespace", "ResourceId", "ScalableDimension")
        client.deregister_scalable_target(**{name: one[name] for name in names})


def at_aws(client):
    """(bounds, calls) by resource."""
    rows = client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    policies = client.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    calls = {
        one["ResourceId"]: one["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
        for one in policies
    }
    assert len(calls) == len(policies)
    return {
        one["ResourceId"]: (one["MinCapacity"], one["MaxCapacity"], calls.get(one["ResourceId"]))
        for one in rows
    }


def look(workspace):
    Heartbeat.objects.filter(name__startswith="rest:mirror:scaling").delete()
    scaling.look(workspace, now())


def sweep():
    Endpoint.objects.update(next_check_at=now())
    sweep_endpoints()


def test_it_is_applied_once_it_serves_read_back_and_gone_before_its_endpoint(
    autoscaling, who, requested, workspace
):
    endpoint = requested(instance_count=2, autoscaling=BOUNDS)
    assert endpoint.autoscaling == {"AllTraffic": ASKED | {"pending": "set"}}
    scaling.look(workspace, now())  # what nobody told AWS yet is not forgotten
    endpoint = in_service(endpoint)
    for _ in range(2):
        sweep()
    resource = scaling.resource(endpoint.aws_name, "AllTraffic")
    assert at_aws(autoscaling) == {resource: (2, 4, 120.0)}
    assert fresh(endpoint).autoscaling == {"AllTraffic": ASKED}
    scaling.request(who, fresh(endpoint), "AllTraffic", Bounds(1, 3, 60.0), now())
    sweep()
    assert at_aws(autoscaling) == {resource: (1, 3, 60.0)}
    names = {"ServiceNamespace": "sagemaker", "ResourceId": resource}
    dimension = {"ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
    autoscaling.register_scalable_target(**names, **dimension, MaxCapacity=6)
    look(workspace)
    assert fresh(endpoint).autoscaling["AllTraffic"]["max"] == 6

    endpoint = fresh(endpoint)
    assert [item.kind for item in plans.plan(endpoint).goes][:2] == ["scaling", "endpoint"]
    delete.request(who, endpoint, now())
    until(sweep_and_look(workspace), lambda: fresh(endpoint).status == "Deleted")
    assert at_aws(autoscaling) == {}
    kept = {"min": 1, "max": 6, "target": 60.0}
    assert fresh(endpoint).recipe["autoscaling"] == {"AllTraffic": kept}


def sweep_and_look(workspace):
    def work():
        sweep()
        mirror.look(workspace, now())

    return work


def test_a_deletion_called_off_leaves_it_scaling(autoscaling, who, requested, workspace):
    endpoint = in_service(requested(instance_count=2, autoscaling=BOUNDS))
    sweep()
    delete.request(who, fresh(endpoint), now())
    row = fresh(endpoint)
    [first, *_] = row.leftovers
    assert delete._STEPS[first["kind"]](row, first["name"], now())
    assert at_aws(autoscaling) == {}
    Endpoint.objects.filter(pk=row.pk).update(leftovers=row.leftovers[1:])
    protect.protect(who, fresh(endpoint), now(), reason="wanted")
    sweep()
    assert fresh(endpoint).delete_requested_at is None
    sweep()
    assert at_aws(autoscaling) == {scaling.resource(endpoint.aws_name, "AllTraffic"): (2, 4, 120.0)}


def test_it_ends_and_the_count_stays(autoscaling, who, requested):
    endpoint = in_service(requested(instance_count=2, autoscaling=BOUNDS))
    sweep()
    for _ in range(2):
        scaling.end(who, fresh(endpoint), "AllTraffic", now())
    sweep()
    assert (at_aws(autoscaling), fresh(endpoint).autoscaling) == ({}, {})
    assert AuditEvent.objects.filter(action="endpoint.scale").count() == 1


@pytest.fixture
def faulty(aws):
    """`faulty(code, status)` is how every call of autoscaling ends."""

    def rules(*found):
        body = json.dumps(found).encode()
        assert aws.call("PUT", "/_localaws/faults", body, service="localaws")[0] == 200

    def set_rule(code, status):
        rule = {"kind": "error", "service": "application-autoscaling", "message": "not authorized"}
        rules(rule | {"code": code, "status": status})

    yield set_rule
    rules()


def test_without_the_permission_all_else_works(
    faulty, who, requested, workspace, signed_in, member
):
    endpoint = in_service(requested(instance_count=2, autoscaling=BOUNDS))
    faulty("AccessDeniedException", 403)
    sweep()
    look(workspace)
    assert fresh(endpoint).autoscaling == {"AllTraffic": ASKED | {"problem": "not authorized"}}
    page = signed_in(member).get(reverse("endpoints:detail", args=[endpoint.uid])).content.decode()
    assert "not known" in page
    assert "AWS refuses our credentials" in page
    delete.request(who, fresh(endpoint), now())
    until(sweep_and_look(workspace), lambda: fresh(endpoint).status == "Deleted")


def test_it_is_told_again_while_aws_is_away(faulty, requested):
    endpoint = in_service(requested(instance_count=2, autoscaling=BOUNDS))
    faulty("InternalServiceException", 500)
    sweep()
    assert fresh(endpoint).autoscaling == {"AllTraffic": ASKED | {"pending": "set"}}


@pytest.mark.parametrize(
    ("bounds", "more", "field"),
    [
        (Bounds(0, 2, 5.0), {}, "scale_min"),
        (Bounds(3, 2, 5.0), {}, "scale_max"),
        (Bounds(1, 99, 5.0), {}, "scale_max"),
        (Bounds(1, 2, 0.0), {}, "scale_target"),
        (Bounds(1, 2, 5.0), {"kind": "serverless"}, "scale_max"),
        (Bounds(1, 2, 5.0), {"kind": "asynchronous"}, "scale_max"),
        (Bounds(1, 2, 5.0), {"instance_type": "ml.t2.medium"}, "scale_max"),
        (Bounds(2, 3, 5.0), {}, "instance_count"),
    ],
)
def test_what_cannot_scale_is_refused_with_the_reason(bounds, more, field):
    setup = sizing.filled(Setup(kind=more.get("kind", "real-time")), "b")
    machine = {"instance_type": more.get("instance_type", "ml.m5.large")}
    share = sizing.Share(**machine, instance_count=1, scaling=bounds)
    assert list(sizing.problems([share], setup, bucket="b")) == [field]


@pytest.mark.django_db
def test_an_update_keeps_what_scales_in_its_bounds(who, make_endpoint):
    endpoint = make_endpoint(autoscaling={"AllTraffic": ASKED})
    endpoint.variants[0]["instance_count"] = 2
    endpoint.variants[0]["weight"] = 1.0
    endpoint.save()
    [variant] = endpoint.variants
    for told, field in (
        ({"instance_type": "ml.m5.xlarge"}, "instance_type"),
        ({"instance_count": 5}, "instance_count"),
    ):
        changes = [update.unchanged(variant, **told)]
        with pytest.raises(InvalidFields) as refused:
            update.request(who, endpoint, changes, Setup(), now())
        assert list(refused.value.errors) == [field]
    assert update.request(who, endpoint, [update.unchanged(variant, weight=2.0)], Setup(), now())
    endpoint.variants[0] |= {"weight": 2.0, "instance_count": 4}  # it scaled meanwhile
    assert update._reached(endpoint)


@pytest.mark.django_db
def test_page_and_api_set_and_end_it(signed_in, member, api, make_endpoint):
    endpoint = make_endpoint()
    browser, address = signed_in(member), reverse("endpoints:scaling", args=[endpoint.uid])
    assert b"Let it scale" in browser.get(address).content
    wish = {"variant": "AllTraffic", "scale_min": "1", "scale_max": "0", "scale_target": "9"}
    assert browser.post(address, wish).status_code == 422
    assert browser.post(address, wish | {"scale_max": "3"}).status_code == 302
    entry = {"min": 1, "max": 3, "target": 9.0, "pending": "set"}
    assert fresh(endpoint).autoscaling == {"AllTraffic": entry}
    assert (
        b"between 1 and 3" in browser.get(reverse("endpoints:detail", args=[endpoint.uid])).content
    )
    assert (
        b"AWS keeps its instance type" in browser.get(f"/endpoints/{endpoint.uid}/update").content
    )
    client, path = api(member), f"/api/v1/endpoints/{endpoint.uid}/autoscaling"
    answer = client.put(path, {"min": 1, "max": 5, "target": 7}, content_type="application/json")
    assert answer.json()["autoscaling"]["AllTraffic"]["max"] == 5
    wrong = client.put(path, {"min": 0, "max": 5, "target": 7}, content_type="application/json")
    assert (wrong.status_code, "scale_min" in wrong.content.decode()) == (422, True)
    assert client.delete(path).json()["autoscaling"]["AllTraffic"]["pending"] == "end"


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_a_kill_between_its_calls_changes_nothing_in_the_end(autoscaling, requested, aws):
    endpoint = in_service(requested(instance_count=2, autoscaling=BOUNDS))
    Endpoint.objects.update(next_check_at=now())
    assert swept_and_killed(aws, "endpoints.scaling.after_register")
    assert fresh(endpoint).autoscaling["AllTraffic"]["pending"] == "set"
    sweep()
    assert fresh(endpoint).autoscaling == {"AllTraffic": ASKED}
    assert at_aws(autoscaling) == {scaling.resource(endpoint.aws_name, "AllTraffic"): (2, 4, 120.0)}


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.usefixtures("committed")
def test_a_deletion_killed_after_its_autoscaling_ended_goes_on(
    autoscaling, who, requested, aws, workspace
):
    endpoint = in_service(requested(instance_count=2, autoscaling=BOUNDS))
    sweep()
    delete.request(who, fresh(endpoint), now())
    Endpoint.objects.update(next_check_at=now())
    assert swept_and_killed(aws, "endpoints.delete.after_scaling")
    assert (at_aws(autoscaling), fresh(endpoint).status) == ({}, "InService")
    until(sweep_and_look(workspace), lambda: fresh(endpoint).status == "Deleted")
    assert fresh(endpoint).recipe["autoscaling"] == {"AllTraffic": ASKED}
