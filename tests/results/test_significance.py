"""Whether two models differ: equal to scipy and to what is counted out, and sound at the edges."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from results import significance
from tests.results.made import predictions

COUNT = st.integers(0, 400)


@given(COUNT, COUNT)
def test_mcnemar_is_scipys_binomial_test(first, second):
    if first + second:
        expected = stats.binomtest(first, first + second, 0.5).pvalue
        assert significance.mcnemar(first, second) == pytest.approx(expected, rel=1e-9)
    else:
        assert significance.mcnemar(first, second) == 1.0


@pytest.mark.parametrize(("first", "second"), [(86, 150), (2, 9), (0, 5), (1000, 1100)])
def test_mcnemar_is_the_sum_over_all_outcomes_that_are_as_uneven(first, second):
    total = first + second
    tail = sum(math.comb(total, k) for k in range(min(first, second) + 1))
    expected = float(min(Fraction(1), Fraction(2 * tail, 2**total)))
    assert significance.mcnemar(first, second) == pytest.approx(expected, rel=1e-9)


def test_right_counts_what_only_one_is_right_about():
    first = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 1], bool)
    second = np.array([1, 1, 0, 1, 1, 1, 1, 1, 0, 1], bool)
    found = significance.right(first, second)
    assert found.difference == pytest.approx(0.4)
    assert found.p == pytest.approx(stats.binomtest(1, 6, 0.5).pvalue)
    assert found.low < 0.4 < found.high
    assert found.is_better


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_a_comparison_turned_round_is_the_same_with_the_other_sign(seed):
    rows = np.random.default_rng(seed)
    first, second = rows.random(80) < 0.6, rows.random(80) < 0.7
    here, there = significance.right(first, second), significance.right(second, first)
    assert here.p == there.p
    assert here.difference == -there.difference


def scored(seed, skill, rows=300):
    made = predictions("binary", rows=rows, seed=seed, skill=skill)
    return made["actual"] == 1, made["score_1"]


def test_delong_finds_the_difference_of_sklearns_areas():
    truth, first = scored(3, 1.0)
    _, second = scored(3, 1.8)
    found = significance.areas((first[truth], second[truth]), (first[~truth], second[~truth]))
    expected = roc_auc_score(truth, second) - roc_auc_score(truth, first)
    assert found.difference == pytest.approx(expected, abs=1e-12)
    assert found.low < expected < found.high


def test_delong_equals_its_formula_over_all_pairs():
    """DeLong, DeLong and Clarke-Pearson (1988), written out."""
    truth, first = scored(5, 0.8, rows=60)
    _, second = scored(5, 1.4, rows=60)
    sides = [(one[truth], one[~truth]) for one in (first, second)]
    wins = [(up[:, None] > down) + 0.5 * (up[:, None] == down) for up, down in sides]
    apart = wins[1] - wins[0]
    variance = apart.mean(axis=1).var(ddof=1) / truth.sum()
    variance += apart.mean(axis=0).var(ddof=1) / (~truth).sum()
    z = apart.mean() / np.sqrt(variance)
    found = significance.areas((sides[0][0], sides[1][0]), (sides[0][1], sides[1][1]))
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)


def test_delong_needs_two_rows_of_each_class():
    one = np.array([0.5])
    assert significance.areas((one, one), (one, one)) is None


def test_the_same_answers_differ_in_nothing():
    truth, first = scored(7, 1.5)
    codes = truth.astype(np.int64)
    said = (first > 0.5).astype(np.int64)
    found = [
        significance.right(said == codes, said == codes),
        significance.areas((first[truth], first[truth]), (first[~truth], first[~truth])),
        *significance.classes(codes, said, said, 2),
        *significance.numbers(codes.astype(float), first, first),
    ]
    assert {one.difference for one in found} == {0.0}
    assert {one.p for one in found} == {1.0}
    assert not [one for one in found if one.is_clear or one.is_better is not None]


@pytest.mark.parametrize(("task", "names"), [("binary", 2), ("multiclass", 3)])
def test_differences_of_classes_are_sklearns(task, names):
    first, second = (predictions(task, seed=4, skill=skill, rows=250) for skill in (0.7, 1.9))
    codes = [one.astype(np.int64) for one in (first["actual"], first["predicted"])]
    found = significance.classes(*codes, second["predicted"].astype(np.int64), names)
    average = {"average": "binary" if names == 2 else "macro", "zero_division": 0}
    ways = {"precision": precision_score, "recall": recall_score, "f1": f1_score}
    for one in found:
        way = ways[one.metric.removesuffix("_macro")]
        sides = [
            way(one_side["actual"], one_side["predicted"], **average)
            for one_side in (first, second)
        ]
        assert one.difference == pytest.approx(sides[1] - sides[0], abs=1e-9)
        assert one.low <= one.difference <= one.high
    assert [one.is_clear for one in found if one.metric.startswith("f1")] == [True]


def test_errors_of_numbers_are_compared_row_by_row():
    rows = np.random.default_rng(2)
    actual = rows.normal(size=500)
    hard = rows.normal(size=500) * 5  # both are wrong where it is hard
    first, second = actual + hard, actual + hard * 0.97
    found = {one.metric: one for one in significance.numbers(actual, first, second)}
    assert found["rmse"].difference == pytest.approx(
        np.sqrt(np.mean((hard * 0.97) ** 2)) - np.sqrt(np.mean(hard**2))
    )
    assert found["rmse"].is_clear
    assert found["rmse"].is_better, "lower is better"
    apart = significance.numbers_apart((actual, first), (actual, second))
    assert not any(one.is_clear for one in apart), "what only rows together show"


def test_matrices_of_other_rows_are_compared_by_the_bootstrap_of_each():
    weak, strong = np.array([[60, 40], [40, 60]]), np.array([[900, 100], [100, 900]])
    found = {one.metric: one for one in significance.matrices(weak, strong)}
    assert found["accuracy"].difference == pytest.approx(0.3)
    assert all(one.is_clear and one.is_better for one in found.values())
    same = significance.matrices(weak, weak)
    assert not any(one.is_clear for one in same)


def test_the_same_rows_give_the_same_numbers():
    first, second = (predictions("multiclass", seed=9, skill=skill) for skill in (1.0, 1.2))
    codes = [one.astype(np.int64) for one in (first["actual"], first["predicted"])]
    other = second["predicted"].astype(np.int64)
    assert significance.classes(*codes, other, 3) == significance.classes(*codes, other, 3)


def test_chance_is_found_as_often_as_promised():
    """Two equally good models: clear differences in about 5 of 100 comparisons, not more."""
    rows = np.random.default_rng(11)
    clear = 0
    for _ in range(100):
        truth = rows.integers(0, 2, 200)
        said = [np.where(rows.random(200) < 0.8, truth, 1 - truth) for _ in range(2)]
        clear += significance.right(said[0] == truth, said[1] == truth).is_clear
    assert clear <= 12


def test_many_rows_are_no_trouble():
    truth, first = scored(1, 1.0, rows=200_000)
    _, second = scored(1, 1.01, rows=200_000)
    said = [(one > 0.5).astype(np.int64) for one in (first, second)]
    assert significance.right(said[0] == truth, said[1] == truth).p is not None
    assert significance.areas(
        (first[truth], second[truth]), (first[~truth], second[~truth])
    ).is_better
    assert significance.classes(truth.astype(np.int64), *said, 2)
