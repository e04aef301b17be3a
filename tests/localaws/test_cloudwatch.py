"""Metrics through JSON, as boto3 speaks now, and through the Query protocol of older SDKs."""

import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

START = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
SPAN = {"StartTime": START, "EndTime": START + timedelta(minutes=10)}


@pytest.fixture
def cloudwatch(localaws):
    return localaws.client("cloudwatch")


@pytest.fixture
def metric(cloudwatch):
    """Values 1..4 in the first minute, 10 in the third."""
    name = {
        "Namespace": f"Test/{secrets.token_hex(4)}",
        "MetricName": "Latency",
        "Dimensions": [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}],
    }
    series = [(0, 1), (10, 2), (20, 3), (59, 4), (125, 10)]
    data = [
        {
            "MetricName": "Latency",
            "Dimensions": name["Dimensions"],
            "Timestamp": START + timedelta(seconds=seconds),
            "Value": value,
            "Unit": "Microseconds",
        }
        for seconds, value in series
    ]
    cloudwatch.put_metric_data(Namespace=name["Namespace"], MetricData=data)
    return name


def test_it_computes_statistics_per_period(cloudwatch, metric):
    wanted = ["Sum", "Average", "Minimum", "Maximum", "SampleCount"]
    points = cloudwatch.get_metric_statistics(**metric, **SPAN, Period=60, Statistics=wanted)
    first, second = sorted(points["Datapoints"], key=lambda point: point["Timestamp"])
    assert first["Timestamp"] == START
    assert [first[name] for name in wanted] == [10, 2.5, 1, 4, 4]
    assert second["Timestamp"] == START + timedelta(minutes=2)
    assert (second["Sum"], second["Unit"]) == (10, "Microseconds")


def test_it_computes_percentiles(cloudwatch, metric):
    answer = cloudwatch.get_metric_statistics(
        **metric, **SPAN, Period=60, ExtendedStatistics=["p50"]
    )
    first = min(answer["Datapoints"], key=lambda point: point["Timestamp"])
    assert first["ExtendedStatistics"] == {"p50": 2.5}


def test_it_finds_a_metric_whatever_the_order_of_dimensions(cloudwatch, metric):
    turned = metric | {"Dimensions": metric["Dimensions"][::-1]}
    answer = cloudwatch.get_metric_statistics(**turned, **SPAN, Period=60, Statistics=["Sum"])
    assert len(answer["Datapoints"]) == 2


def test_it_does_not_mix_metrics_of_fewer_dimensions(cloudwatch, metric):
    fewer = metric | {"Dimensions": metric["Dimensions"][:1]}
    answer = cloudwatch.get_metric_statistics(**fewer, **SPAN, Period=60, Statistics=["Sum"])
    assert answer["Datapoints"] == []


def test_it_answers_metric_data_in_the_order_asked(cloudwatch, metric):
    query = {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    for order, expected in (("TimestampAscending", [10, 10]), ("TimestampDescending", [10, 10])):
        answer = cloudwatch.get_metric_data(MetricDataQueries=[query], ScanBy=order, **SPAN)
        result = answer["MetricDataResults"][0]
        assert result["Values"] == expected
        descending = order == "TimestampDescending"
        assert result["Timestamps"] == sorted(result["Timestamps"], reverse=descending)
        assert (result["Id"], result["StatusCode"]) == ("m1", "Complete")


def test_it_refuses_metric_math_rather_than_answer_nothing(cloudwatch):
    with pytest.raises(ClientError, match="not implemented"):
        cloudwatch.get_metric_data(MetricDataQueries=[{"Id": "e1", "Expression": "m1*2"}], **SPAN)


def test_it_weighs_counted_values_and_statistic_sets(cloudwatch, metric):
    namespace, name = metric["Namespace"], "Counted"
    data = [
        {"MetricName": name, "Timestamp": START, "Values": [1.0, 5.0], "Counts": [3.0, 1.0]},
        {
            "MetricName": name,
            "Timestamp": START,
            "StatisticValues": {"SampleCount": 4, "Sum": 20, "Minimum": 0, "Maximum": 12},
        },
    ]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    [point] = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Period=60,
        Statistics=["Sum", "SampleCount", "Minimum", "Maximum"],
        **SPAN,
    )["Datapoints"]
    found = [point[key] for key in ("Sum", "SampleCount", "Minimum", "Maximum")]
    assert found == [28, 8, 0, 12]


def test_it_lists_metrics_by_dimension(cloudwatch, metric):
    wanted = {"Namespace": metric["Namespace"], "Dimensions": [{"Name": "A", "Value": "1"}]}
    [found] = cloudwatch.list_metrics(**wanted)["Metrics"]
    assert found["MetricName"] == "Latency"
    assert found["Dimensions"] == metric["Dimensions"]
    other = wanted | {"Dimensions": [{"Name": "A", "Value": "9"}]}
    assert cloudwatch.list_metrics(**other)["Metrics"] == []


def test_it_speaks_the_query_protocol(localaws, metric):
    parameters = {
        "Action": "GetMetricStatistics",
        "Version": "2010-08-01",
        "Namespace": metric["Namespace"],
        "MetricName": "Latency",
        "Dimensions.member.1.Name": "A",
        "Dimensions.member.1.Value": "1",
        "Dimensions.member.2.Name": "B",
        "Dimensions.member.2.Value": "2",
        "StartTime": "2026-01-02T03:00:00Z",
        "EndTime": "2026-01-02T03:10:00Z",
        "Period": "60",
        "Statistics.member.1": "Maximum",
    }
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode(parameters).encode()
    status, headers, answer = localaws.call("POST", "/", body, form, service="monitoring")
    assert (status, headers["content-type"]) == (200, "text/xml")
    assert b"<GetMetricStatisticsResult>" in answer
    assert answer.count(b"<Maximum>") == 2
    wrong = urlencode(parameters | {"Period": "soon"}).encode()
    status, _, answer = localaws.call("POST", "/", wrong, form, service="monitoring")
    assert status == 400
    assert b"<ErrorResponse><Error><Type>Sender</Type>" in answer
