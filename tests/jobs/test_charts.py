"""Figures: few points, the same each time, no spike lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.charts import LIMIT, best, hardware_figure, metric_figure, split, thinned

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


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("validation:auc", ("validation", "auc")),
        ("test:macro_f_beta", ("test", "macro_f_beta")),
        ("train:rmse:epoch", ("train", "rmse:epoch")),
        ("val_loss", ("validation", "loss")),
        ("valid:acc", ("validation", "acc")),
        ("loss", ("", "loss")),
        ("training_speed", ("", "training_speed")),
    ],
)
def test_it_tells_channels_from_metrics(name, parts):
    assert split(name) == parts


def test_it_marks_the_best_of_what_was_not_learned_from():
    figure = metric_figure("mse", {"train": [(0, 0.1)], "test": [(0, 3.0)]}, maximize=False)
    assert figure["data"][-1]["y"] == [3.0]
    alone = metric_figure("loss", {"": [(0, 2.0), (1, 1.0)]}, maximize=False, unit="epoch")
    assert alone["data"][-1]["name"] == "best: 1 in epoch 2"
    assert alone["layout"]["xaxis"]["title"]["text"] == "epoch"


def test_it_draws_how_busy_instances_were_over_time():
    series = {"CPU": [("2026-05-01T12:00:00", 90.0), ("2026-05-01T12:01:00", 80.0)], "memory": []}
    cpu, memory = hardware_figure(series)["data"]
    assert cpu["x"] == ["2026-05-01T12:00:00", "2026-05-01T12:01:00"]
    assert cpu["line"]["dash"] != memory["line"]["dash"]
