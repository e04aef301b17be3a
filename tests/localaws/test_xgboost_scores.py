"""The metrics that the container adds, against scikit-learn's."""

import numpy as np
import pytest
import xgboost as xgb
from sklearn import metrics

from localaws.algorithms.xgboost.scores import scorer

RNG = np.random.default_rng(7)
LABELS = RNG.integers(0, 2, 200).astype(float)
SCORES = np.clip(LABELS * 0.3 + RNG.random(200) * 0.7, 0, 1)
CLASSES = RNG.integers(0, 3, 200).astype(float)
PROBABILITIES = RNG.dirichlet([1, 1, 1], 200)

EXPECTED = {
    "accuracy": metrics.accuracy_score,
    "balanced_accuracy": metrics.balanced_accuracy_score,
    "f1": lambda y, p: metrics.f1_score(y, p, average="macro"),
    "f1_binary": metrics.f1_score,
    "f1_macro": lambda y, p: metrics.f1_score(y, p, average="macro"),
    "precision": metrics.precision_score,
    "precision_macro": lambda y, p: metrics.precision_score(y, p, average="macro"),
    "precision_micro": lambda y, p: metrics.precision_score(y, p, average="micro"),
    "recall": metrics.recall_score,
    "recall_macro": lambda y, p: metrics.recall_score(y, p, average="macro"),
    "recall_micro": lambda y, p: metrics.recall_score(y, p, average="micro"),
}


def scored(name, predictions, labels, objective):
    score = scorer((name,), objective)
    assert score is not None
    data = xgb.DMatrix(np.zeros((len(labels), 1)), label=labels, nthread=1)
    ((answered, value),) = score(predictions, data)
    assert answered == name
    return value


@pytest.mark.parametrize("name", EXPECTED)
def test_it_agrees_on_two_classes(name):
    value = scored(name, SCORES, LABELS, "binary:logistic")
    assert value == pytest.approx(EXPECTED[name](LABELS, SCORES > 0.5))


@pytest.mark.parametrize(
    "name", [n for n in EXPECTED if n not in {"f1_binary", "precision", "recall"}]
)
def test_it_agrees_on_three_classes(name):
    found = PROBABILITIES.argmax(axis=1)
    assert scored(name, PROBABILITIES, CLASSES, "multi:softprob") == pytest.approx(
        EXPECTED[name](CLASSES, found)
    )
    assert scored(name, found.astype(float), CLASSES, "multi:softmax") == pytest.approx(
        EXPECTED[name](CLASSES, found)
    )


@pytest.mark.parametrize(
    ("name", "expected"), [("mse", metrics.mean_squared_error), ("r2", metrics.r2_score)]
)
def test_it_agrees_on_numbers(name, expected):
    value = scored(name, SCORES, LABELS, "reg:squarederror")
    assert value == pytest.approx(expected(LABELS, SCORES), rel=1e-5)


def test_it_needs_no_scorer_for_xgboosts_own_metrics():
    assert scorer((), "binary:logistic") is None
