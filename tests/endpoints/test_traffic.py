"""Calls counted by CloudWatch, per variant; what is missing is never counted as zero."""

import json
from datetime import timedelta

import pytest

from aws import cloudwatch as cloudwatch_of_aws
from aws.types import Point
from endpoints import traffic
from endpoints.models import Endpoint
from tests.aws.conftest import Reply, credentials, scripted  # noqa: F401  # fixtures for this folder
from tests.endpoints.conftest import fresh, in_service, now, until


def silent(queries):
    """CloudWatch's answer to so many queries when nothing was called."""
    told = [{"Id": f"q{n}", "StatusCode": "Complete", "Values": []} for n in range(queries)]
    return Reply(body=json.dumps({"MetricDataResults": told}).encode())


@pytest.fixture
def cloudwatch(scripted, monkeypatch):  # noqa: F811  # that fixture
    """CloudWatch as we tell it to answer."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", scripted.url)
    monkeypatch.setattr("aws.clients._clients", {})
    return scripted


def test_calls_are_counted(aws, lab, requested, workspace):
    endpoint = in_service(requested())
    row = ",".join(map(str, lab.features[500])).encode()
    for _ in range(3):
        lab.ask(endpoint.aws_name, row)

    def read():
        Endpoint.objects.filter(pk=endpoint.pk).update(traffic_check_at=now())
        traffic.refresh(workspace, now() + timedelta(seconds=61))

    until(read, lambda: (fresh(endpoint).traffic or {}).get("invocations") == {"AllTraffic": 3.0})
    stored = fresh(endpoint)
    assert stored.traffic["last_at"]
    assert stored.traffic_problem == ""
    assert traffic.verdict(stored, now()).word == "busy"


def test_calls_are_kept_by_day(make_endpoint):
    moment = now()
    query = traffic.queries(make_endpoint())[0]
    ages = (timedelta(minutes=1), timedelta(hours=25), timedelta(hours=27), timedelta(days=40))
    points = [Point(moment - age, 1.0) for age in ages]
    found = traffic._summed([(query, points)], moment, 30)
    # A period of two hours belongs to the day that it ends in.
    assert found["by_day"]["AllTraffic"][:2] == [2.0, 1.0]
    assert found["by_day"]["AllTraffic"][29] == 1.0
    assert found["invocations"] == {"AllTraffic": 4.0}


def test_all_that_is_due_is_read_in_few_calls(cloudwatch, make_endpoint, workspace, monkeypatch):
    monkeypatch.setattr(cloudwatch_of_aws, "QUERIES_PER_CALL", 4)
    variants = [
        {"name": name, "model": "m", "instance_count": 1, "kind": "real-time"} for name in "ab"
    ]
    for number in range(5):
        make_endpoint(f"ep{number}", variants=variants)
    cloudwatch.says(*(silent(queries) for queries in (4, 4, 2)))
    assert traffic.refresh(workspace, now() + timedelta(seconds=1)) == 5
    assert len(cloudwatch.requests) == 3
    assert all(row.traffic["invocations"] == {"a": 0.0, "b": 0.0} for row in Endpoint.objects.all())


def test_a_failure_ends_the_pass_and_names_only_its_batch(
    cloudwatch, make_endpoint, workspace, monkeypatch
):
    monkeypatch.setattr(cloudwatch_of_aws, "QUERIES_PER_CALL", 1)
    first, second = make_endpoint("one"), make_endpoint("two")
    cloudwatch.fails("AccessDenied", "no", status=403)
    traffic.refresh(workspace, now() + timedelta(seconds=1))
    assert len(cloudwatch.requests) == 1
    assert fresh(first).traffic_problem
    assert fresh(second).traffic_problem == ""


def test_it_asks_again_only_after_minutes(aws, requested, workspace):
    in_service(requested())
    moment = now() + timedelta(seconds=1)
    read = traffic.refresh(workspace, moment)
    assert read >= 1
    assert traffic.refresh(workspace, moment) == 0
    assert traffic.refresh(workspace, moment + traffic.REFRESH) == read


@pytest.mark.parametrize(
    ("code", "status"),
    [("AccessDenied", 403), ("InternalFailure", 500), ("Throttling", 400)],
)
def test_a_refused_reading_makes_the_verdict_unknown(
    cloudwatch, make_endpoint, workspace, code, status
):
    long_ago = now() - timedelta(days=40)
    endpoint = make_endpoint(aws_created_at=long_ago, aws_modified_at=long_ago)
    cloudwatch.fails(code, "no", status=status)
    assert traffic.refresh(workspace, now() + timedelta(seconds=1)) == 0
    stored = fresh(endpoint)
    assert "CloudWatch" in stored.traffic_problem
    found = traffic.verdict(stored, now())
    assert (found.word, found.reason) == ("unknown", stored.traffic_problem)


def test_an_earlier_reading_does_not_hide_a_later_refusal(cloudwatch, make_endpoint, workspace):
    long_ago = now() - timedelta(days=40)
    earlier = {
        "at": now().isoformat(),
        "window_days": 14,
        "invocations": {"AllTraffic": 0.0},
        "last_at": "",
    }
    endpoint = make_endpoint(aws_created_at=long_ago, aws_modified_at=long_ago, traffic=earlier)
    assert traffic.verdict(endpoint, now()).word == "idle"
    cloudwatch.fails("AccessDenied", "no", status=403)
    traffic.refresh(workspace, now() + timedelta(seconds=1))
    assert traffic.verdict(fresh(endpoint), now()).word == "unknown"
    assert fresh(endpoint).traffic == earlier


def test_only_what_serves_is_asked_about(cloudwatch, make_endpoint, workspace):
    make_endpoint("a", "Creating")
    make_endpoint("b", "Deleted")
    make_endpoint("c", "InService", variants=[])
    assert traffic.refresh(workspace, now() + timedelta(seconds=1)) == 0
    assert cloudwatch.requests == []


def test_both_dimensions_are_named(cloudwatch, make_endpoint, workspace):
    make_endpoint("prod")
    cloudwatch.says(Reply(500))
    traffic.refresh(workspace, now() + timedelta(seconds=1))
    asked = cloudwatch.requests[0].body
    for word in (b"EndpointName", b"VariantName", b"AllTraffic", b"prod", b"Invocations"):
        assert word in asked
