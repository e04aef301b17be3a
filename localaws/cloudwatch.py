"""CloudWatch metrics: raw values in, statistics per period out."""

import json
import re
import statistics as stats
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localaws.app import App
from localaws.errors import AwsError
from localaws.store import Store
from localaws.wire import operation

SCHEMA = """
CREATE TABLE IF NOT EXISTS metric_values (
  id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL,
  at REAL NOT NULL, value REAL NOT NULL, weight REAL NOT NULL, unit TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS metric_values_by_time
  ON metric_values (namespace, name, dimensions, at);
"""
LIST_PAGE = 500
MOST_DATAPOINTS = 1440


@dataclass(frozen=True)
class Metric:
    """CloudWatch treats every set of dimensions as a metric of its own, whatever their order."""

    namespace: str
    name: str
    dimensions: dict[str, str]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.namespace, self.name, json.dumps(sorted(self.dimensions.items()))


@dataclass(frozen=True)
class Value:
    at: float
    value: float
    weight: float
    unit: str


class Metrics:
    """In-process door for the engine; the operations below are the door for clients."""

    def __init__(self, store: Store) -> None:
        self.store = store
        store.install(SCHEMA)

    def put(
        self,
        namespace: str,
        name: str,
        dimensions: dict[str, str],
        value: float,
        at: datetime,
        unit: str = "None",
    ) -> None:
        """Store one value."""
        self.add(Metric(namespace, name, dimensions), [Value(at.timestamp(), value, 1.0, unit)])

    def add(self, metric: Metric, values: Iterable[Value]) -> None:
        with self.store.transaction() as db:
            db.executemany(
                "INSERT INTO metric_values (namespace, name, dimensions, at, value, weight, unit)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(*metric.key, v.at, v.value, v.weight, v.unit) for v in values],
            )

    def buckets(
        self, metric: Metric, start: datetime, end: datetime, period: int
    ) -> dict[datetime, list[Value]]:
        """Values in [start, end) by the start of their period, oldest first."""
        rows = self.store.connection().execute(
            "SELECT at, value, weight, unit FROM metric_values"
            " WHERE namespace = ? AND name = ? AND dimensions = ? AND at >= ? AND at < ?"
            " ORDER BY at",
            (*metric.key, start.timestamp() // period * period, end.timestamp()),
        )
        found: dict[datetime, list[Value]] = defaultdict(list)
        for row in rows:
            found[datetime.fromtimestamp(row["at"] // period * period, UTC)].append(Value(*row))
        return dict(found)


def statistic(name: str, values: list[Value]) -> float:
    """Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p99.

    Raises AwsError InvalidParameterValue for anything else.
    """
    count = sum(value.weight for value in values)
    total = sum(value.value * value.weight for value in values)
    plain = [value.value for value in values]
    known = {
        "SampleCount": count,
        "Sum": total,
        "Average": total / count if count else 0.0,
        "Minimum": min(plain),
        "Maximum": max(plain),
    }
    if name in known:
        return known[name]
    if match := re.fullmatch(r"p(\d{1,2}(?:\.\d{1,10})?|100)", name):
        return _percentile(plain, float(match[1]))
    raise AwsError(
        "InvalidParameterValue", f"The value {name} for parameter Stat is not supported."
    )


def _percentile(values: list[float], rank: float) -> float:
    if len(values) == 1:
        return values[0]
    cuts = stats.quantiles(values, n=1000, method="inclusive")
    position = round(rank * 10)
    return min(values) if position <= 0 else max(values) if position >= 1000 else cuts[position - 1]


def metric_of(request: dict[str, Any]) -> Metric:
    pairs = request.get("Dimensions") or []
    dimensions = {pair["Name"]: pair.get("Value", "") for pair in pairs}
    return Metric(request.get("Namespace", ""), request["MetricName"], dimensions)


@operation("cloudwatch", "PutMetricData")
def put_metric_data(app: App, request: dict[str, Any]) -> None:
    now = app.clock.now()
    with app.store.transaction():
        for datum in request.get("MetricData", []):
            metric = metric_of(datum | {"Namespace": request["Namespace"]})
            at = datum.get("Timestamp", now).timestamp()
            unit = datum.get("Unit", "None")
            app.metrics.add(metric, [Value(at, v, w, unit) for v, w in _datum_values(datum)])


def _datum_values(datum: dict[str, Any]) -> list[tuple[float, float]]:
    """(value, weight). A statistic set becomes its extremes and the mean of what is between."""
    if "Values" in datum:
        counts = datum.get("Counts") or [1.0] * len(datum["Values"])
        if len(counts) != len(datum["Values"]):
            text = "The parameters Values and Counts must have the same length."
            raise AwsError("InvalidParameterValue", text)
        return list(zip(datum["Values"], counts, strict=True))
    if "StatisticValues" in datum:
        return _spread(datum["StatisticValues"])
    return [(datum.get("Value", 0.0), 1.0)]


def _spread(summary: dict[str, float]) -> list[tuple[float, float]]:
    count, total = summary["SampleCount"], summary["Sum"]
    low, high = summary["Minimum"], summary["Maximum"]
    if count <= 2:
        return [(low, 1.0), (high, 1.0)] if count == 2 else [(total, 1.0)]
    return [(low, 1.0), ((total - low - high) / (count - 2), count - 2), (high, 1.0)]


@operation("cloudwatch", "GetMetricStatistics")
def get_metric_statistics(app: App, request: dict[str, Any]) -> dict[str, Any]:
    names = [*request.get("Statistics", []), *request.get("ExtendedStatistics", [])]
    if not names:
        text = "At least one of the parameters Statistics and ExtendedStatistics must be specified."
        raise AwsError("InvalidParameterCombination", text)
    start, end = request["StartTime"], request["EndTime"]
    _check_range(start, end)
    buckets = app.metrics.buckets(metric_of(request), start, end, request["Period"])
    if len(buckets) > MOST_DATAPOINTS:
        text = f"You have requested up to {len(buckets)} datapoints, more than {MOST_DATAPOINTS}."
        raise AwsError("InvalidParameterCombination", text)
    points = [_datapoint(at, values, names) for at, values in buckets.items()]
    return {"Label": request["MetricName"], "Datapoints": points}


def _check_range(start: datetime, end: datetime) -> None:
    if start >= end:
        text = "The parameter StartTime must be less than the parameter EndTime."
        raise AwsError("InvalidParameterCombination", text)


def _datapoint(at: datetime, values: list[Value], names: list[str]) -> dict[str, Any]:
    computed = {name: statistic(name, values) for name in names}
    extended = {name: value for name, value in computed.items() if name.startswith("p")}
    point: dict[str, Any] = {"Timestamp": at, "Unit": values[0].unit, **computed}
    return point | ({"ExtendedStatistics": extended} if extended else {})


@operation("cloudwatch", "GetMetricData")
def get_metric_data(app: App, request: dict[str, Any]) -> dict[str, Any]:
    """MetricStat queries. Expressions are refused by name, never answered with nothing."""
    _check_range(request["StartTime"], request["EndTime"])
    newest_first = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    queries = [query for query in request["MetricDataQueries"] if query.get("ReturnData", True)]
    results = [_query(app, request, query, newest_first=newest_first) for query in queries]
    return {"MetricDataResults": results, "Messages": []}


def _query(
    app: App, request: dict[str, Any], query: dict[str, Any], *, newest_first: bool
) -> dict[str, Any]:
    if "MetricStat" not in query:
        raise AwsError("ValidationError", "Metric math is not implemented by localaws.")
    wanted = query["MetricStat"]
    metric = metric_of(wanted["Metric"])
    buckets = app.metrics.buckets(
        metric, request["StartTime"], request["EndTime"], wanted["Period"]
    )
    ordered = sorted(buckets.items(), reverse=newest_first)
    return {
        "Id": query["Id"],
        "Label": query.get("Label", metric.name),
        "Timestamps": [at for at, _ in ordered],
        "Values": [statistic(wanted["Stat"], values) for _, values in ordered],
        "StatusCode": "Complete",
    }


@operation("cloudwatch", "ListMetrics")
def list_metrics(app: App, request: dict[str, Any]) -> dict[str, Any]:
    rows = app.store.connection().execute(
        "SELECT DISTINCT namespace, name, dimensions FROM metric_values"
        " WHERE namespace = coalesce(?, namespace) AND name = coalesce(?, name)"
        " ORDER BY namespace, name, dimensions",
        (request.get("Namespace"), request.get("MetricName")),
    )
    filters = request.get("Dimensions", [])
    found = [row for row in rows if _has(dict(json.loads(row["dimensions"])), filters)]
    skip = _offset(request.get("NextToken"))
    page = found[skip : skip + LIST_PAGE]
    token = {"NextToken": str(skip + LIST_PAGE)} if len(found) > skip + LIST_PAGE else {}
    metrics = [
        {
            "Namespace": row["namespace"],
            "MetricName": row["name"],
            "Dimensions": [{"Name": n, "Value": v} for n, v in json.loads(row["dimensions"])],
        }
        for row in page
    ]
    return {"Metrics": metrics} | token


def _has(dimensions: dict[str, str], filters: list[dict[str, str]]) -> bool:
    return all(
        item["Name"] in dimensions
        and item.get("Value", dimensions[item["Name"]]) == dimensions[item["Name"]]
        for item in filters
    )


def _offset(token: str | None) -> int:
    if token and not token.isdigit():
        raise AwsError("InvalidParameterValue", "The value of NextToken is invalid.")
    return int(token or 0)
