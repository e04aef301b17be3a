"""Our figures are scikit-learn's."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from results import scores

CLOSE = {"rel": 1e-9, "abs": 1e-9}
labelled = st.integers(2, 8).flatmap(
    lambda classes: st.tuples(
        st.just(classes),
        st.lists(
            st.tuples(st.integers(0, classes - 1), st.integers(0, classes - 1)),
            min_size=1,
            max_size=80,
        ),
    )
)
numbers = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=2, max_size=60)


def assert_like_sklearn(actual, predicted, classes):
    matrix = scores.confusion(actual, predicted, classes)
    every = range(classes)
    assert (matrix == reference.confusion_matrix(actual, predicted, labels=every)).all()
    metrics = scores.classification(matrix)
    assert metrics["accuracy"] == pytest.approx(
        reference.accuracy_score(actual, predicted), **CLOSE
    )
    for average in ("macro", "weighted"):
        expected = reference.precision_recall_fscore_support(
            actual, predicted, average=average, zero_division=0
        )
        found = [metrics[f"{name}_{average}"] for name in ("precision", "recall", "f1")]
        assert found == pytest.approx(expected[:3], **CLOSE)
    expected = reference.precision_recall_fscore_support(
        actual, predicted, labels=every, zero_division=0
    )
    found = scores.per_class(matrix)
    for index, name in enumerate(("precision", "recall", "f1", "support")):
        assert [getattr(score, name) for score in found] == pytest.approx(expected[index], **CLOSE)


@given(labelled)
@settings(max_examples=150, deadline=None)
def test_it_agrees_with_scikit_learn_on_classes(case):
    classes, pairs = case
    actual, predicted = zip(*pairs, strict=True)
    assert_like_sklearn(list(actual), list(predicted), classes)


@pytest.mark.parametrize(
    ("actual", "predicted", "classes"),
    [
        pytest.param([1], [1], 2, id="one row"),
        pytest.param([0], [1], 2, id="one wrong row"),
        pytest.param([0, 1, 2, 2], [0, 1, 1, 1], 3, id="a class never predicted"),
        pytest.param([0, 0, 1], [0, 2, 1], 4, id="a class that is nowhere"),
        pytest.param([1, 1, 1], [0, 0, 0], 2, id="everything wrong"),
    ],
)
def test_it_agrees_on_the_edges(actual, predicted, classes):
    assert_like_sklearn(actual, predicted, classes)


def test_it_agrees_on_a_thousand_classes():
    random = np.random.default_rng(7)
    actual = random.integers(0, 1000, 20_000)
    predicted = np.where(random.random(20_000) < 0.7, actual, random.integers(0, 1000, 20_000))
    assert_like_sklearn(actual, predicted, 1000)


def test_it_names_the_second_class_of_two():
    actual, predicted = [0, 0, 1, 1, 1], [0, 1, 1, 1, 0]
    metrics = scores.classification(scores.confusion(actual, predicted, 2))
    expected = reference.precision_recall_fscore_support(actual, predicted, average="binary")
    found = [metrics[name] for name in ("precision", "recall", "f1")]
    assert found == pytest.approx(expected[:3], **CLOSE)


def test_the_baseline_is_the_most_frequent_class_guessed_always():
    metrics = scores.classification(scores.confusion([0, 0, 0, 1], [1, 1, 1, 1], 2))
    assert metrics["baseline_accuracy"] == 0.75
    assert metrics["accuracy"] == 0.25


@given(numbers)
@settings(max_examples=150, deadline=None)
def test_it_agrees_with_scikit_learn_on_numbers(pairs):
    actual, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    metrics = scores.regression(actual, predicted)
    rmse = reference.root_mean_squared_error(actual, predicted)
    assert metrics["rmse"] == pytest.approx(rmse, **CLOSE)
    mae = reference.mean_absolute_error(actual, predicted)
    assert metrics["mae"] == pytest.approx(mae, **CLOSE)
    if np.ptp(actual) > 1e-3 * max(1.0, float(np.abs(actual).max())):  # below is rounding noise
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            r2 = reference.r2_score(actual, predicted)
        assert metrics["r2"] == pytest.approx(r2, rel=1e-9, abs=1e-9)


def test_a_constant_truth_scores_as_in_scikit_learn():
    assert scores.regression([2.0, 2.0], [2.0, 2.0])["r2"] == 1.0
    assert scores.regression([2.0, 2.0], [2.0, 3.0])["r2"] == 0.0


def test_one_number_has_no_r2():
    assert scores.regression([3.0], [1.0]) == {
        "rmse": 2.0,
        "mae": 2.0,
        "r2": None,
        "baseline_rmse": 0.0,
    }


@pytest.mark.parametrize("bad", [math.nan, math.inf, 0.5, -1.0, 2.0])
def test_it_refuses_what_is_no_class(bad):
    with pytest.raises(ValueError, match="number"):
        scores.confusion([0.0, 1.0], [0.0, bad], 2)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_it_refuses_what_is_no_number(bad):
    with pytest.raises(ValueError, match="finite"):
        scores.regression([0.0, 1.0], [0.0, bad])


@pytest.mark.parametrize("compare", [lambda a, p: scores.confusion(a, p, 2), scores.regression])
def test_it_refuses_a_missing_prediction(compare):
    with pytest.raises(ValueError, match="2 labels and 1 predictions"):
        compare([0, 1], [0])


def test_nothing_compared_has_no_score():
    with pytest.raises(ValueError, match="Nothing"):
        scores.classification(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="Nothing"):
        scores.regression([], [])
