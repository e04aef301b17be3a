"""Figures: few points, the same each time, no spike lost."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.charts import LIMIT, best, metric_figure, thinned

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3_000)


@given(VALUES, st.integers(10, 1_000))
def test_it_keeps_ends_and_extremes_in_few_points(values, limit):
    points = list(enumerate(values))
    kept = thinned(points, limit)
    assert len(kept) <= max(limit, 2)
    assert kept == sorted(kept)
    assert set(kept) <= set(points)
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    shown = [value for _, value in kept]
    assert (min(shown), max(shown)) == (min(values), max(values))
    assert thinned(points, limit) == kept


def test_it_keeps_a_single_spike_among_many():
    points = [(step, 0.0) for step in range(100_000)]
    points[54_321] = (54_321, 9.0)
    kept = thinned(points)
    assert (54_321, 9.0) in kept
    assert len(kept) <= LIMIT


def test_it_draws_train_and_validation_and_marks_the_best_round():
    series = {"train": [(0, 0.5), (1, 0.3)], "validation": [(0, 0.6), (1, 0.4), (2, 0.5)]}
    figure = metric_figure("logloss", series, maximize=False)
    train, validation, star = figure["data"]
    assert (train["name"], train["x"], train["y"]) == ("train", [1, 2], [0.5, 0.3])
    assert validation["line"]["dash"] != train["line"]["dash"]
    assert (star["x"], star["y"], star["name"]) == ([2], [0.4], "best: 0.4 in round 2")


def test_it_marks_the_highest_where_more_is_better():
    assert best([(0, 0.6), (1, 0.9), (2, 0.9)], maximize=True) == (1, 0.9)
    assert best([], maximize=True) is None


def test_it_draws_nothing_of_nothing():
    assert metric_figure("auc", {"train": [], "validation": []}, maximize=True)["data"] == []
