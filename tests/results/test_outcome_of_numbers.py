"""Predicted numbers: our figures are scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from results import intervals
from results.outcome import Table, build

CLOSE = {"rel": 1e-9, "abs": 1e-9}
numbers = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=60)


def of_numbers(actual, predicted):
    actual, predicted = np.asarray(actual, dtype=float), np.asarray(predicted, dtype=float)
    return build("regression", Table(np.arange(1, len(actual) + 1), predicted, actual), [])


@given(numbers)
@settings(max_examples=80, deadline=None)
def test_it_agrees_with_scikit_learn(pairs):
    actual, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    metrics, _, outcome = of_numbers(actual, predicted)
    expected = {
        "rmse": reference.root_mean_squared_error(actual, predicted),
        "mae": reference.mean_absolute_error(actual, predicted),
        "median_error": reference.median_absolute_error(actual, predicted),
    }
    if (np.abs(actual) > 1e-6).all():
        expected["mape"] = reference.mean_absolute_percentage_error(actual, predicted)
    assert {name: metrics[name] for name in expected} == pytest.approx(expected, **CLOSE)
    assert sum(outcome["residuals"]["counts"]) == len(pairs)


def test_a_zero_has_no_percentage():
    assert "mape" not in of_numbers([0.0, 1.0], [0.5, 1.0])[0]


def test_intervals_hold_the_figures_and_shrink_with_more_rows():
    random = np.random.default_rng(2)
    widths = []
    for rows in (300, 30_000):
        actual = np.sort(random.normal(50, 10, rows))  # in an order, as files are
        metrics, _, outcome = of_numbers(actual, actual + random.normal(0, 3, rows))
        for name, (low, high) in outcome["intervals"].items():
            assert low < metrics[name] < high, name
        low, high = outcome["intervals"]["rmse"]
        widths.append(high - low)
    assert widths[0] / widths[1] == pytest.approx(10, rel=0.35)


def test_groups_of_rows_are_as_good_as_the_rows():
    random = np.random.default_rng(4)
    columns = np.column_stack([np.ones(6_000), np.sort(random.exponential(2, 6_000))])
    means = np.divide(*intervals.resampled_sums(columns).T[::-1])
    grouped = intervals.of_draws(means, columns[:, 1].mean())
    assert grouped == pytest.approx(intervals.of_mean(columns[:, 1]), rel=0.01)


def test_the_baseline_is_the_mean_or_the_median():
    _, _, outcome = of_numbers([1.0, 2.0, 9.0], [1.0, 2.0, 8.0])
    base = outcome["baseline"]
    assert base["rmse"] == pytest.approx(np.std([1, 2, 9]))
    assert base["mae"] == pytest.approx(8 / 3)
    assert (base["median_error"], base["r2"]) == (1.0, 0.0)


def test_a_thousand_points_stand_for_many_and_are_the_same_again():
    actual = np.arange(5_000.0)
    points = of_numbers(actual, actual + 1)[2]["points"]
    assert len(points) == 1_000
    assert all(a + 1 == p and row == a + 1 for a, p, row in points)
    assert points == of_numbers(actual, actual + 1)[2]["points"]
    assert len(of_numbers(actual[:1_000], actual[:1_000])[2]["points"]) == 1_000
