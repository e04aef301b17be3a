"""Metric series."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from aws.clients import Account, client
from aws.errors import Denied, Unavailable, translated
from aws.times import utc
from aws.types import MetricQuery, Point

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import (
        MetricDataQueryTypeDef,
        MetricDataResultTypeDef,
        MetricTypeDef,
    )

TRAINING_NAMESPACE = "/aws/sagemaker/TrainingJobs"
ENDPOINT_NAMESPACE = (
    "AWS/SageMaker"  # dimensions EndpointName and VariantName; latencies in microseconds
)
QUERIES_PER_CALL = 500  # GetMetricData's maximum


def metric_series(  # noqa: PLR0913  # CloudWatch addresses one series by this many names
    account: Account,
    *,
    namespace: str,
    metric: str,
    dimensions: Mapping[str, str],
    start: datetime,
    end: datetime,
    period: int,
    statistic: str,
) -> list[Point]:
    """One series, oldest first, a point per `period` seconds that has data; see `metric_batch`."""
    query = MetricQuery(namespace, metric, dimensions, period, statistic)
    return metric_batch(account, [query], start=start, end=end)[0]


def training_job_metric(
    account: Account, job_name: str, metric: str, start: datetime, end: datetime
) -> list[Point]:
    """A training job's own metric, such as validation:auc: one averaged point a minute."""
    return metric_series(
        account,
        namespace=TRAINING_NAMESPACE,
        metric=metric,
        dimensions={"TrainingJobName": job_name},
        start=start,
        end=end,
        period=60,
        statistic="Average",
    )


def metric_batch(
    account: Account, queries: Sequence[MetricQuery], *, start: datetime, end: datetime
) -> list[list[Point]]:
    """The series of `queries`, in their order, each oldest first. No data is an empty list.

    Less than all the data is an error, `Unavailable` when CloudWatch answered in part, `Denied`
    when it kept something back: a missing number must never look like a zero.
    """
    series: list[list[Point]] = []
    for first in range(0, len(queries), QUERIES_PER_CALL):
        series += _fetch(account, queries[first : first + QUERIES_PER_CALL], start, end)
    return series


def _fetch(
    account: Account, queries: Sequence[MetricQuery], start: datetime, end: datetime
) -> list[list[Point]]:
    asked = [_request(f"q{number}", query) for number, query in enumerate(queries)]
    points: dict[str, list[Point]] = {query["Id"]: [] for query in asked}
    states: dict[str, str] = dict.fromkeys(points, "Missing")  # silence is not an empty series
    with translated():
        pages = client(account, "cloudwatch").get_paginator("get_metric_data")
        for page in pages.paginate(
            MetricDataQueries=asked, StartTime=start, EndTime=end, ScanBy="TimestampAscending"
        ):
            for result in page["MetricDataResults"]:
                points[result["Id"]] += _points(result)
                # PartialData on every page but the last.
                states[result["Id"]] = result.get("StatusCode", "Complete")
    _insist_on_all(states.values())
    return [sorted(found, key=lambda point: point.at) for found in points.values()]


def _request(identifier: str, query: MetricQuery) -> "MetricDataQueryTypeDef":
    metric: MetricTypeDef = {
        "Namespace": query.namespace,
        "MetricName": query.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in query.dimensions.items()],
    }
    return {
        "Id": identifier,
        "MetricStat": {"Metric": metric, "Period": query.period, "Stat": query.statistic},
    }


def _points(result: "MetricDataResultTypeDef") -> list[Point]:
    times, values = result.get("Timestamps", ()), result.get("Values", ())
    return [Point(utc(at), value) for at, value in zip(times, values, strict=True)]


def _insist_on_all(states: Iterable[str]) -> None:
    for state in states:
        if state == "Forbidden":
            raise Denied("CloudWatch keeps a metric back.", code=state)
        if state != "Complete":
            raise Unavailable("CloudWatch answered only in part.", code=state)
