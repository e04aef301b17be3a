"""Figures and tables of what CloudWatch told."""

from datetime import UTC, datetime, timedelta

import pytest

from endpoints import charts

AT = datetime(2026, 3, 20, 12, tzinfo=UTC)


def points(*values, period=60):
    """A point each period; None leaves one out."""
    moments = [(AT + timedelta(seconds=period * n)).isoformat() for n in range(len(values))]
    return [[at, value] for at, value in zip(moments, values, strict=True) if value is not None]


def test_latencies_are_drawn_in_milliseconds():
    series = {"ModelLatency p99": {"AllTraffic": points(1500.0, 2500.0)}}
    found = charts.figure(charts.PANELS["latency"], series, 60)
    assert [trace["name"] for trace in found["data"]] == ["AllTraffic: model p99"]
    assert found["data"][0]["y"] == [1.5, 2.5]


def test_a_missing_measurement_breaks_the_line():
    series = {"CPUUtilization": {"v": points(5.0, 6.0, None, None, 7.0)}}
    found = charts.figure(charts.PANELS["machines"], series, 60)
    assert found["data"][0]["y"] == [5.0, 6.0, None, 7.0]


def test_calls_are_bars_as_wide_as_their_period():
    series = {"Invocations": {"v": points(5.0, None, 7.0)}}
    (bars,) = charts.figure(charts.PANELS["calls"], series, 60)["data"]
    assert (bars["type"], bars["width"], bars["y"]) == ("bar", 60_000, [5.0, 7.0])


def test_a_queue_is_a_line_beside_the_bars():
    series = {
        "InvocationsProcessed": {"v": points(5.0)},
        "ApproximateBacklogSize": {"": points(9.0, 8.0)},
    }
    found = charts.figure(charts.PANELS["calls"], series, 60)["data"]
    assert [trace["type"] for trace in found] == ["bar", "scatter"]


def test_each_variant_has_its_own_line():
    series = {"Invocations": {"a": points(1.0), "b": points(2.0)}}
    found = charts.figure(charts.PANELS["calls"], series, 60)
    assert [trace["name"] for trace in found["data"]] == ["a: calls", "b: calls"]


def test_a_panel_without_points_is_not_shown():
    assert not charts.has(charts.PANELS["errors"], {"Invocations": {"v": points(1.0)}})
    assert charts.figure(charts.PANELS["errors"], {}, 60)["data"] == []


def test_the_table_sums_what_is_counted_and_averages_what_is_measured():
    series = {
        "InvocationsProcessed": {"v": points(3.0, 1.0)},
        "ApproximateBacklogSize": {"": points(8.0, 2.0)},
        "ModelLatency p50": {"v": points(1000.0, 3000.0)},
    }
    processed, waiting = charts.table(charts.PANELS["calls"], series)
    assert (processed["in_all"], processed["most"], processed["latest"]) == (4.0, 3.0, 1.0)
    assert (waiting["variant"], waiting["in_all"]) == ("the endpoint", None)
    (latency,) = charts.table(charts.PANELS["latency"], series)
    assert latency["average"] == 2.0


@pytest.mark.parametrize(
    ("counts", "path"),
    [
        ([], ""),
        ([0.0, 0.0], ""),
        ([0.0, 1.0, 1000.0], "M1 16v-1h.8v1zM2 16v-16h.8v16z"),
    ],
)
def test_a_day_with_calls_is_visible_beside_a_busy_one(counts, path):
    assert charts.spark(counts) == path


def test_an_hour_that_nobody_wrote_down_is_a_gap():
    known = [(AT, 1.0), (AT + timedelta(hours=1), 2.0), (AT + timedelta(hours=5), 3.0)]
    (line,) = charts.burn_figure(known)["data"]
    assert line["y"] == [1.0, 2.0, None, 3.0]
    axis = charts.burn_figure(known[:1])["layout"]["xaxis"]
    assert axis["range"][0] < axis["range"][1]
    assert charts.burn_figure([])["data"] == []
