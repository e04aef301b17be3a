"""Charts without a script: safe SVG, each with its table, leading to rows where there are any."""

import xml.etree.ElementTree as ET
from urllib.parse import parse_qs, urlsplit

import pytest

from results import charts, threshold
from tests.results.outcomes import NAMES, result


def elements(chart, tag):
    # What a page's parser takes as SVG: no prefix, no declaration.
    return [one for one in ET.fromstring(chart.svg).iter() if one.tag == tag]  # noqa: S314  # ours


@pytest.fixture(scope="module")
def results():
    return {task: result(task) for task in NAMES}


@pytest.mark.parametrize("task", [task for task in NAMES if task != "multiclass"])
def test_each_comes_with_the_same_numbers_as_a_table(results, task):
    found = charts.charts(results[task])
    assert [chart.name for chart in found] == list(charts.NAMES[task])
    for chart in found:
        assert elements(chart, "title")[0].text == chart.title
        assert chart.rows
        assert all(len(row) == len(chart.columns) for row in chart.rows)
        assert "href" not in chart.svg
        assert not any(cell.href for row in chart.rows for cell in row)


def test_names_are_only_text():
    found = charts.chart(result("binary", labels=["<b>", '"&']), "scores", rows_url="/r")
    assert "<b>" not in found.svg
    assert elements(found, "svg")


def test_bars_and_dots_lead_to_their_rows(results):
    bars = charts.chart(results["regression"], "residuals", rows_url="/results/x/rows")
    links = [urlsplit(one.get("href")) for one in elements(bars, "a")]
    assert len(links) > 10
    assert {link.path for link in links} == {"/results/x/rows"}
    edges = results["regression"]["outcome"]["residuals"]["edges"]
    last = parse_qs(links[-1].query)
    assert float(last["residual_max"][0]) == edges[-1]
    first = parse_qs(links[0].query)
    assert float(first["residual_min"][0]) == edges[0]
    assert float(first["residual_max"][0]) < edges[1]  # which is the next bin's
    counted = [row[2].href for row in bars.rows]
    assert counted == [one.get("href") for one in elements(bars, "a")]
    dots = charts.chart(results["regression"], "scatter", rows_url="/r")
    assert elements(dots, "a")[0].get("href") == "/r?rows=1"


def test_bars_of_two_classes_lead_to_one_of_them(results):
    found = charts.chart(results["binary"], "scores", rows_url="/r")
    codes = [parse_qs(urlsplit(one.get("href")).query)["actual"][0] for one in elements(found, "a")]
    assert set(codes) == {"0", "1"}
    total = sum(cell.value for row in found.rows for cell in row[2:])
    assert total == results["binary"]["rows"]


def test_the_chosen_threshold_stands_on_the_curves(results):
    one = results["binary"] | {"threshold": 0.4}
    point = threshold.at(one["outcome"], 0.4)
    drawn = ET.fromstring(charts.chart(one, "roc").svg)  # noqa: S314  # ours
    (mark,) = [dot for dot in drawn.iter("circle") if dot.get("class") == "here"]
    low, high, left, right = map(float, drawn.get("data-x").split())
    assert (low, high) == (0, 1)
    expected = left + (1 - point.specificity) * (right - left)
    assert float(mark.get("cx")) == pytest.approx(expected, abs=0.06)
    assert charts.position("pr", threshold.at(one["outcome"], 2)) is None


def test_where_mistakes_cost_least_is_ringed(results):
    def tags(costs):
        drawn = charts.chart(results["binary"] | {"costs": costs}, "pr").svg
        return [one.get("class") for one in ET.fromstring(drawn).iter("circle")]  # noqa: S314

    assert tags({"false_positive": 1, "false_negative": 20}) == ["cheapest", "here"]
    assert tags({}) == ["cheapest away", "here"]


def test_a_curve_that_is_not_there_is_not_drawn():
    bare = {"task": "binary", "labels": ["a", "b"], "confusion": [[1, 0], [0, 1]], "outcome": {}}
    assert charts.charts(bare | {"metrics": {}}) == []
    with pytest.raises(KeyError):
        charts.chart(bare | {"metrics": {}}, "nothing")
