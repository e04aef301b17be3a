"""Metric series: all of the numbers or an error, never some of them."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from aws import cloudwatch, errors
from aws.clients import client
from aws.types import MetricQuery, Point
from tests.aws.conftest import Reply

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
SPAN = {"start": NOW - timedelta(hours=1), "end": NOW + timedelta(minutes=1)}


def minute(number):
    return NOW - timedelta(minutes=number)


def put(account, namespace, metric, dimensions, values):
    """`values` by minutes ago."""
    client(account, "cloudwatch").put_metric_data(
        Namespace=namespace,
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [{"Name": key, "Value": val} for key, val in dimensions.items()],
                "Timestamp": minute(ago),
                "Value": value,
            }
            for ago, value in values.items()
        ],
    )


def test_it_reads_a_training_metric_oldest_first(moto, name):
    namespace = cloudwatch.TRAINING_NAMESPACE
    put(moto, namespace, "validation:auc", {"TrainingJobName": name}, {1: 0.9, 3: 0.7, 2: 0.8})
    put(moto, namespace, "validation:auc", {"TrainingJobName": "another"}, {1: 0.1})
    points = cloudwatch.training_job_metric(moto, name, "validation:auc", **SPAN)
    assert points == [Point(minute(3), 0.7), Point(minute(2), 0.8), Point(minute(1), 0.9)]


def test_it_reads_nothing_where_nothing_is(account):
    assert cloudwatch.training_job_metric(account, "nobody", "validation:auc", **SPAN) == []


def test_it_sums_over_a_period(moto, name):
    put(moto, "AWS/SageMaker", "Invocations", {"EndpointName": name}, {1: 3, 2: 4})
    points = cloudwatch.metric_series(
        moto,
        namespace="AWS/SageMaker",
        metric="Invocations",
        dimensions={"EndpointName": name},
        period=86_400,
        statistic="Sum",
        **SPAN,
    )
    assert sum(point.value for point in points) == 7


def test_it_answers_several_in_their_order(moto, name):
    put(moto, "AWS/SageMaker", "Invocations", {"EndpointName": name}, {1: 3})
    asked = [
        MetricQuery("AWS/SageMaker", metric, {"EndpointName": name}, 60, "Sum")
        for metric in ("Nothing", "Invocations", "Nothing")
    ]
    assert cloudwatch.metric_batch(moto, asked, **SPAN) == [[], [Point(minute(1), 3.0)], []]


def result(status, values=(), identifier="q0"):
    times = [(NOW - timedelta(minutes=number)).timestamp() for number in range(len(values))]
    return {"Id": identifier, "StatusCode": status, "Timestamps": times, "Values": list(values)}


def reply(*results, token=None):
    body = {"MetricDataResults": list(results)} | ({"NextToken": token} if token else {})
    return Reply(body=json.dumps(body).encode())


ONE = [MetricQuery("AWS/SageMaker", "Invocations", {}, 60, "Sum")]


def test_it_puts_pages_together(scripted):
    scripted.says(
        reply(result("PartialData", [1.0]), token="more"), reply(result("Complete", [2.0, 3.0]))
    )
    [points] = cloudwatch.metric_batch(scripted.account, ONE, **SPAN)
    assert sorted(point.value for point in points) == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("PartialData", errors.Unavailable),
        ("InternalError", errors.Unavailable),
        ("Forbidden", errors.Denied),
    ],
)
def test_it_never_takes_a_part_for_the_whole(scripted, status, kind):
    scripted.says(reply(result(status, [1.0])))
    with pytest.raises(kind):
        cloudwatch.metric_batch(scripted.account, ONE, **SPAN)


def test_it_asks_for_at_most_500_at_once(scripted):
    nothing = [result("Complete", identifier=f"q{number}") for number in range(500)]
    scripted.says(reply(*nothing), reply(*nothing[:1]))
    assert cloudwatch.metric_batch(scripted.account, ONE * 501, **SPAN) == [[]] * 501
    sizes = [len(json.loads(one.body)["MetricDataQueries"]) for one in scripted.requests]
    assert sizes == [500, 1]


def test_a_query_without_an_answer_is_not_silence(scripted):
    scripted.says(reply())
    with pytest.raises(errors.Unavailable, match="in part"):
        cloudwatch.metric_batch(scripted.account, ONE, **SPAN)
