"""One threshold moves everything: the stored curve says the same as counting the rows."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results import threshold
from results.outcome import Table, build

scores = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))
rows = st.lists(st.tuples(st.booleans(), scores), min_size=1, max_size=60)


def outcome_of(truth, scored):
    truth, scored = np.asarray(truth, dtype=float), np.asarray(scored, dtype=float)
    both = np.column_stack([1 - scored, scored])
    table = Table(np.arange(len(truth)), (scored >= 0.5).astype(float), truth, both)
    return build("binary", table, ["no", "yes"])[2]


@given(rows, st.one_of(scores, st.floats(-2, 2)))
@settings(max_examples=60, deadline=None)
def test_the_stored_curve_says_what_counting_says(cases, wanted):
    truth, scored = (np.array(column) for column in zip(*cases, strict=True))
    found = threshold.at(outcome_of(truth, scored), wanted)
    said = scored >= wanted
    assert found.confusion == [
        [int((~truth & ~said).sum()), int((~truth & said).sum())],
        [int((truth & ~said).sum()), int((truth & said).sum())],
    ]
    assert found.is_exact
    assert found == threshold.of_scores(scored, truth, wanted)


@pytest.fixture(scope="module")
def many():
    random = np.random.default_rng(6)
    truth = random.random(20_000) < 0.05
    return truth, np.clip(random.normal(0.3 + 0.3 * truth, 0.15), 0, 1)


def test_between_stored_thresholds_of_many_rows_it_says_that_it_is_not_exact(many):
    outcome = outcome_of(*many)
    above, below = outcome["curve"]["thresholds"][500:502]
    between = threshold.at(outcome, (above + below) / 2)
    assert not between.is_exact
    assert between.tp == threshold.at(outcome, above).tp
    assert threshold.at(outcome, above).is_exact
    assert threshold.at(outcome, math.inf).alarms == 0
    assert threshold.at(outcome, -1).alarms == 20_000
    with pytest.raises(ValueError, match="not a number"):
        threshold.at(outcome, math.nan)


def test_a_point_that_was_counted_makes_the_curve_exact_there(many):
    truth, scored = many
    outcome = outcome_of(*many)
    above, below = outcome["curve"]["thresholds"][500:502]
    wanted = (above + below) / 2
    point = threshold.of_scores(scored, truth, wanted)
    more = {**outcome, "curve": threshold.with_point(outcome["curve"], point)}
    assert threshold.at(more, wanted) == point
    assert threshold.at(more, below) == threshold.at(outcome, below)
    assert threshold.with_point(more["curve"], point) == more["curve"]


def test_figures_follow_from_the_counts():
    point = threshold.Point(0.5, tp=82, fp=4, fn=18, tn=896)
    assert (point.alarms, point.rows) == (86, 1_000)
    assert point.precision == 82 / 86
    assert point.recall == 0.82
    assert point.specificity == 896 / 900
    assert point.f1 == pytest.approx(2 * 82 / (164 + 22))
    assert point.cost(10, 100) == 1_840
    assert threshold.Point(None, 0, 0, 0, 5).recall is None


def test_the_cheapest_threshold_has_the_lowest_cost_of_all(many):
    outcome = outcome_of(*many)
    for false_positive, false_negative in ((1, 1), (1, 50), (50, 1)):
        best = threshold.cheapest(outcome, false_positive, false_negative)
        costs = [
            threshold.at(outcome, math.inf if one is None else one).cost(
                false_positive, false_negative
            )
            for one in outcome["curve"]["thresholds"]
        ]
        assert best.cost(false_positive, false_negative) == min(costs)
    dear = threshold.cheapest(outcome, 1, 50)
    assert dear.threshold < threshold.cheapest(outcome, 50, 1).threshold
    assert threshold.cheapest(outcome, 0, 0) is None


def test_the_line_is_where_somebody_put_it_or_where_the_model_draws_it():
    outcome = {"threshold": 0.4}
    assert threshold.chosen({"outcome": outcome, "threshold": None}) == 0.4
    assert threshold.chosen({"outcome": outcome, "threshold": 0.0}) == 0.0
    assert threshold.chosen({"outcome": {}}) == 0.5
