"""An endpoint's charts: read while somebody looks, kept in the row, told honestly."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest

from endpoints import idle, metrics
from endpoints.models import Endpoint
from tests.aws.conftest import Reply, credentials, scripted  # noqa: F401  # fixtures for this folder
from tests.endpoints.conftest import fresh, in_service, now, until

SERIES = 9  # of one variant


def answer(*first):
    """CloudWatch's complete answer: the values of the first series, nothing of the others."""
    told = [
        {"Id": f"q{n}", "StatusCode": "Complete", "Timestamps": [], "Values": []}
        for n in range(SERIES)
    ]
    told[0] |= {"Timestamps": [at.timestamp() for at, _ in first], "Values": [v for _, v in first]}
    return Reply(body=json.dumps({"MetricDataResults": told}).encode())


@pytest.fixture
def cloudwatch(scripted, monkeypatch):  # noqa: F811  # that fixture
    """CloudWatch as we tell it to answer."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", scripted.url)
    monkeypatch.setattr("aws.clients._clients", {})
    scripted.says(answer())
    return scripted


def test_each_window_is_read_with_its_period_and_both_namespaces(cloudwatch, make_endpoint):
    endpoint, moment = make_endpoint("prod"), now()
    cloudwatch.says(answer((moment, 7.0)))
    assert metrics.refresh(endpoint, moment)
    asked = [request.body for request in cloudwatch.requests]
    assert len(asked) == 3
    for body in asked:
        for word in (b"/aws/sagemaker/Endpoints", b"AWS/SageMaker", b"VariantName", b"p99"):
            assert word in body
    stored = fresh(endpoint)
    assert [stored.charts[name]["period"] for name in ("1h", "24h", "14d")] == [60, 300, 3600]
    minute = moment.isoformat(timespec="minutes")
    assert stored.charts["24h"]["series"] == {"Invocations": {"AllTraffic": [[minute, 7.0]]}}


def test_what_real_calls_leave_is_charted(aws, lab, requested):
    endpoint = in_service(requested())
    row = ",".join(map(str, lab.features[500])).encode()
    for _ in range(3):
        lab.ask(endpoint.aws_name, row)

    def read():
        Endpoint.objects.filter(pk=endpoint.pk).update(charts=None, charts_at=None)
        metrics.refresh(fresh(endpoint), now() + timedelta(seconds=61))

    def counted():
        series = metrics.told(fresh(endpoint), "1h")["series"]
        points = series.get("Invocations", {}).get("AllTraffic", [])
        return series if sum(value for _, value in points) == 3 else {}

    series = until(read, counted)
    assert {"ModelLatency p50", "ModelLatency p99"} < set(series)
    assert all(value > 0 for _, value in series["ModelLatency p50"]["AllTraffic"])


def test_it_asks_at_most_once_a_minute_whoever_looks(cloudwatch, make_endpoint):
    endpoint, moment = make_endpoint(), now()
    stale = fresh(endpoint)  # what another worker holds
    assert metrics.refresh(endpoint, moment)
    assert not metrics.refresh(stale, moment + timedelta(seconds=30))
    assert len(cloudwatch.requests) == 3


def test_long_windows_are_read_less_often(cloudwatch, make_endpoint):
    endpoint, moment = make_endpoint(), now()
    for minutes, calls in ((0, 3), (1, 4), (6, 6), (61, 9)):
        assert metrics.refresh(fresh(endpoint), moment + timedelta(minutes=minutes))
        assert len(cloudwatch.requests) == calls


@pytest.mark.parametrize(
    ("code", "status", "word"),
    [("AccessDenied", 403, "refused"), ("InternalFailure", 500, "not tell")],
)
def test_a_refusal_is_told_and_keeps_what_was_known(cloudwatch, make_endpoint, code, status, word):
    endpoint, moment = make_endpoint(), now()
    cloudwatch.says(answer((moment, 7.0)))
    metrics.refresh(endpoint, moment)
    cloudwatch.fails(code, "no", status=status)
    metrics.refresh(fresh(endpoint), moment + timedelta(minutes=2))
    stored = fresh(endpoint)
    assert word in metrics.told(stored, "1h")["problem"]
    assert metrics.told(stored, "1h")["series"]
    assert metrics.absent(stored, "1h") == ""


def test_a_sentence_says_why_there_is_nothing(cloudwatch, make_endpoint):
    endpoint = make_endpoint()
    assert metrics.absent(endpoint, "24h") == "Being read from CloudWatch."
    metrics.refresh(endpoint, now())
    assert "nothing of the last 24 hours" in metrics.absent(fresh(endpoint), "24h")
    assert "variants" in metrics.absent(make_endpoint("bare", variants=[]), "24h")
    cloudwatch.fails("AccessDenied", "no", status=403)
    denied = make_endpoint("denied")
    metrics.refresh(denied, now())
    assert "refused" in metrics.absent(fresh(denied), "24h")


def test_asynchronous_endpoints_are_asked_for_their_own_counts(make_endpoint):
    variant = {"name": "v", "model": "m", "instance_count": 1, "kind": idle.ASYNC}
    found = {
        (name, of, query.statistic)
        for name, of, query in metrics.queries(make_endpoint(variants=[variant]), 60)
    }
    assert {
        ("InvocationsProcessed", "v", "Sum"),
        ("InvocationFailures", "v", "Sum"),
        ("ApproximateBacklogSize", "", "Maximum"),
    } < found
    assert not [name for name, _, _ in found if name == "Invocations"]


def test_nothing_is_read_of_what_is_gone(cloudwatch, make_endpoint):
    gone = make_endpoint("gone", "Deleted")
    assert not metrics.refresh(gone, now())
    assert cloudwatch.requests == []


def test_the_page_shows_what_the_row_has(make_endpoint, viewer, signed_in):
    at = now().isoformat(timespec="seconds")
    series = {"ModelLatency p50": {"AllTraffic": [[at, 1500.0]]}}
    charts = {"24h": {"at": at, "period": 300, "series": series}}
    endpoint = make_endpoint(charts=charts, charts_at=now())
    client = signed_in(viewer)
    page = client.get(f"/endpoints/{endpoint.uid}").content.decode()
    assert f"/endpoints/{endpoint.uid}/charts/latency?window=24h" in page
    assert "model p50" in page
    assert "/charts/errors" not in page
    figure = client.get(f"/endpoints/{endpoint.uid}/charts/latency?window=24h").json()
    assert figure["data"][0]["y"] == [1.5]
    assert client.get(f"/endpoints/{endpoint.uid}/charts/latency?window=1h").json()["data"] == []
    assert client.get(f"/endpoints/{endpoint.uid}/charts/none").status_code == 404
    part = client.get(f"/endpoints/{endpoint.uid}/charts?window=1h").content.decode()
    assert "Being read from CloudWatch." in part


def test_charts_that_are_seen_already_are_left_alone(make_endpoint, viewer, signed_in):
    at = now().isoformat(timespec="seconds")
    told = {"at": at, "period": 300, "series": {"Invocations": {"v": [[at, 1.0]]}}}
    endpoint = make_endpoint(charts={"24h": told}, charts_at=now())
    client = signed_in(viewer)
    part = client.get(f"/endpoints/{endpoint.uid}/charts?window=24h").content.decode()
    (again,) = re.findall(r'<section id="charts"[^>]* hx-get="([^"]+)"', part)
    assert client.get(unescape(again)).status_code == 204
    Endpoint.objects.update(charts={"24h": told | {"problem": "CloudWatch refused: no"}})
    assert client.get(unescape(again)).status_code == 200


def test_the_api_answers_in_cloudwatchs_units(make_endpoint, member, api):
    at = now().isoformat(timespec="seconds")
    series = {"ModelLatency p50": {"AllTraffic": [[at, 1500.0]]}}
    charts = {"24h": {"at": at, "period": 300, "series": series}}
    endpoint = make_endpoint(charts=charts, charts_at=now())
    found = api(member).get(f"/api/v1/endpoints/{endpoint.uid}/metrics").json()
    assert (found["window"], found["period"], found["series"]) == ("24h", 300, series)
    empty = api(member).get(f"/api/v1/endpoints/{endpoint.uid}/metrics?window=1h").json()
    assert (empty["series"], empty["absent"]) == ({}, "Being read from CloudWatch.")
    assert Endpoint.objects.get(pk=endpoint.pk).charts == charts
