"""Rows are divided by a column, and where the answers are worst is told first."""

import numpy as np
import polars as pl
import pytest

from results import slices

HITS = slices.Measure("accuracy", np.ones(400))


def texts(values):
    return pl.Series("c", [str(value) for value in values], dtype=pl.String)


def hits(wrong) -> slices.Measure:
    """400 answers, wrong where `wrong` is."""
    predicted = np.where(wrong, 0.0, 1.0)
    return slices.measure("binary", np.ones(400), predicted)


def test_words_make_a_slice_each_with_its_share_and_interval():
    town = ["here" if n < 100 else "there" for n in range(400)]
    wrong = np.array([n < 50 for n in range(400)])
    here, there = sorted(
        slices.of_column("town", texts(town), hits(wrong)), key=lambda s: s["rows"]
    )
    assert (here["value"], here["rows"], here["value_here"], here["value_rest"]) == (
        *("here", 100),
        *(0.5, 1.0),
    )
    assert (there["value"], there["rows"]) == ("there", 300)
    assert here["interval"] == pytest.approx([0.404, 0.596], abs=1e-3)  # Wilson
    assert here["low"] is here["high"] is None


def test_numbers_make_bins_of_equal_size_that_hold_each_row_once():
    cells = texts([*range(390), *[""] * 10])
    found = slices.of_column("n", cells, HITS, fewest=1)
    assert [one["rows"] for one in found] == [78, 78, 78, 78, 78, 10]
    assert found[0]["low"] is None
    assert found[4]["high"] is None
    assert [one["low"] for one in found[1:5]] == [one["high"] for one in found[:4]]
    assert found[5]["value"] == ""
    inside = [slices.within(cells, one) for one in found]
    assert [int(flags.sum()) for flags in inside] == [one["rows"] for one in found]
    assert (np.sum(inside, axis=0) == 1).all()


def test_a_few_numbers_are_told_apart_one_by_one():
    found = slices.of_column("n", texts([n % 4 for n in range(400)]), HITS)
    assert [one["value"] for one in found] == ["0", "1", "2", "3"]


def test_a_number_that_most_rows_have_is_one_bin():
    cells = texts([0] * 350 + list(range(1, 51)))
    found = slices.of_column("n", cells, HITS, fewest=1)
    assert sum(one["rows"] for one in found) == 400 or found == []
    for one in found:
        assert slices.within(cells, one).sum() == one["rows"]


def test_fewer_than_twenty_rows_are_no_slice_and_neither_are_all():
    town = ["rare"] * 19 + ["usual"] * 381
    assert [one["value"] for one in slices.of_column("t", texts(town), HITS)] == ["usual"]
    assert slices.of_column("t", texts(["all"] * 400), HITS) == []


def test_missing_cells_are_one_slice_however_they_are_spelt():
    cells = texts(["", "NA", "x", "y"] * 100)
    found = {one["value"]: one["rows"] for one in slices.of_column("c", cells, HITS)}
    assert found == {"": 200, "x": 100, "y": 100}
    assert slices.within(cells, {"value": ""}).sum() == 200


def test_the_weakest_come_first_and_only_those_that_are_worse():
    wrong = np.array([n < 60 or n % 40 == 39 for n in range(400)])
    columns = [
        ("noise", texts([n % 2 for n in range(400)])),
        ("place", texts(["bad" if n < 80 else "good" for n in range(400)])),
        ("number", texts(range(400))),
    ]
    found = slices.weakest(columns, hits(wrong))
    assert [(one["column"], one["value"]) for one in found[:2]] == [
        ("number", "below 79.8"),
        ("place", "bad"),
    ]
    assert all(one["value_here"] < one["value_rest"] for one in found)


def test_errors_of_numbers_are_worse_when_they_are_larger():
    actual = np.zeros(400)
    predicted = np.where(np.arange(400) < 100, 3.0, 1.0)
    measured = slices.measure("regression", actual, predicted)
    town = texts(["far" if n < 100 else "near" for n in range(400)])
    (far,) = slices.weakest([("town", town)], measured)
    assert (far["value"], far["metric"], far["value_here"], far["value_rest"]) == (
        *("far", "rmse"),
        *(3.0, 1.0),
    )
    low, high = far["interval"]
    assert low <= 3 <= high


@pytest.mark.parametrize("rows", [20, 21, 400])
def test_every_interval_holds_its_value(rows):
    rng = np.random.default_rng(rows)
    cells = texts(rng.integers(0, 3, rows))
    measured = slices.measure("regression", rng.normal(size=rows), rng.normal(size=rows))
    for one in slices.of_column("c", cells, measured, fewest=2):
        low, high = one["interval"]
        assert 0 <= low <= one["value_here"] <= high
