"""Many classes, clusters and anomalies: our figures are scikit-learn's."""

import json
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from results import clustering, multiclass
from results.outcome import Table, build, table

CLOSE = {"rel": 1e-9, "abs": 1e-9}
labelled = st.integers(3, 7).flatmap(
    lambda classes: st.tuples(
        st.just(classes),
        st.lists(
            st.tuples(st.integers(0, classes - 1), st.integers(0, 2**30)), min_size=1, max_size=60
        ),
    )
)
groups = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=60)


def probabilities(seeds, classes):
    """Shares of 1 with few distinct values, so that there are ties."""
    raw = np.array([np.random.default_rng(seed).integers(1, 5, classes) for seed in seeds])
    return raw / raw.sum(axis=1, keepdims=True)


def of_classes(truth, scored, classes):
    rows = Table(
        row=np.arange(1, len(truth) + 1),
        actual=np.asarray(truth, dtype=float),
        predicted=scored.argmax(axis=1).astype(float),
        scores=scored,
    )
    return build("multiclass", rows, [str(code) for code in range(classes)])


@given(labelled)
@settings(max_examples=30, deadline=None)
def test_it_agrees_with_scikit_learn(case):
    classes, rows = case
    truth, seeds = zip(*rows, strict=True)
    scored = probabilities(seeds, classes)
    metrics, _, outcome = of_classes(truth, scored, classes)
    said, every = scored.argmax(axis=1), list(range(classes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes that do not occur
        expected = {
            "mcc": reference.matthews_corrcoef(truth, said),
            "balanced_accuracy": reference.balanced_accuracy_score(truth, said),
            "accuracy": reference.accuracy_score(truth, said),
            "log_loss": reference.log_loss(truth, scored, labels=every),
            "f1_macro": reference.f1_score(truth, said, average="macro", zero_division=0),
        }
        best = {k: reference.top_k_accuracy_score(truth, scored, k=k, labels=every) for k in (2, 3)}
    assert {name: metrics[name] for name in expected} == pytest.approx(expected, **CLOSE)
    assert {k: outcome["top_k"][str(k)] for k in best} == pytest.approx(best, **CLOSE)
    assert outcome["top_k"]["1"] == metrics["accuracy"]


def test_a_thousand_classes_whose_five_best_are_known():
    random = np.random.default_rng(7)
    truth = random.integers(0, 1000, 20_000)
    top = np.array([random.permutation(1000)[:5] for _ in range(200)])[
        random.integers(0, 200, 20_000)
    ]
    is_right = random.random(20_000) < 0.6
    top[is_right, 0] = truth[is_right]
    rows = Table(
        np.arange(20_000),
        top[:, 0].astype(float),
        truth.astype(float),
        random.random(top.shape),
        top,
    )
    metrics, counts, outcome = build("multiclass", rows, list(range(1000)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = [
            reference.f1_score(truth, top[:, 0], average="macro", zero_division=0),
            reference.matthews_corrcoef(truth, top[:, 0]),
        ]
    assert [metrics["f1_macro"], metrics["mcc"]] == pytest.approx(expected, **CLOSE)
    assert outcome["top_k"]["5"] == (top == truth[:, None]).any(axis=1).mean()
    assert len(outcome["pairs"]) == 100
    low, high = outcome["intervals"]["f1_macro"]
    assert low < metrics["f1_macro"] < high
    assert np.shape(counts) == (1000, 1000)


def test_the_most_frequent_mistakes_come_first():
    counts = np.array([[5, 2, 1], [2, 5, 0], [0, 3, 5]])
    assert multiclass.pairs(counts) == [[2, 1, 3], [0, 1, 2], [1, 0, 2], [0, 2, 1]]
    assert multiclass.pairs(np.eye(3, dtype=int)) == []


def test_the_baseline_is_the_most_frequent_class():
    scored = np.eye(3)[[0, 0, 1, 2, 2, 2]]
    _, _, outcome = of_classes([0, 0, 1, 2, 2, 2], scored, 3)
    assert outcome["baseline"]["accuracy"] == 0.5
    assert outcome["baseline"]["f1_macro"] == pytest.approx((2 * 3 / 9) / 3)
    assert outcome["baseline"]["balanced_accuracy"] == pytest.approx(1 / 3)


@given(groups)
@settings(max_examples=80, deadline=None)
def test_agreement_of_clusters_is_scikit_learns(cases):
    clusters, known = (np.array(column) for column in zip(*cases, strict=True))
    rows = Table(np.arange(len(known)), clusters.astype(float), known.astype(float))
    metrics, _, outcome = build("clustering", rows, list("abcd"))
    expected = {
        "ari": reference.adjusted_rand_score(known, clusters),
        "nmi": reference.normalized_mutual_info_score(known, clusters),
        "homogeneity": reference.homogeneity_score(known, clusters),
        "completeness": reference.completeness_score(known, clusters),
    }
    assert outcome["agreement"] == pytest.approx(expected, **CLOSE)
    assert metrics["ari"] == outcome["agreement"]["ari"]
    assert np.sum(outcome["known"]) == len(cases)


def test_clusters_know_their_size_and_who_is_near_and_far():
    rows = Table(np.arange(1, 6), np.array([0.0, 2, 0, 2, 0]), None, np.array([3.0, 1, 1, 5, 2]))
    metrics, counts, outcome = build("clustering", rows, [])
    assert counts == []
    assert [one["cluster"] for one in outcome["clusters"]] == [0, 2]
    first = outcome["clusters"][0]
    assert (first["rows"], first["mean_distance"], first["max_distance"]) == (3, 2.0, 3.0)
    assert (first["nearest"], first["farthest"]) == ([3, 5, 1], [1, 5, 3])
    assert metrics["mean_distance"] == 2.4
    assert "agreement" not in outcome


def test_adjusted_rand_survives_many_rows():
    table = np.array([[400_000, 100_000], [0, 500_000]])
    codes = np.repeat([0, 0, 1], [400_000, 100_000, 500_000])
    known = np.repeat([0, 1, 1], [400_000, 100_000, 500_000])
    assert clustering.adjusted_rand(table) == pytest.approx(
        reference.adjusted_rand_score(known, codes), **CLOSE
    )


def test_anomalies_are_ranked():
    strange, known = np.array([0.5, 9, 3, 8, 1, 0.2]), np.array([0.0, 1, 0, 1, 0, 0])
    rows = Table(np.arange(1, 7), strange, known, strange)
    metrics, _, outcome = build("anomaly", rows, [])
    assert metrics["auc"] == metrics["average_precision"] == 1.0
    assert outcome["precision_at"] == [[1, 1.0], [5, 0.4]]
    assert [row for row, _ in outcome["top"]] == [2, 4, 3, 5, 1, 6]
    assert sum(outcome["score_counts"]["positive"]) == 2
    unlabelled = build("anomaly", Table(np.arange(1, 7), strange, None, strange), [])
    assert "auc" not in unlabelled[0]
    assert sum(unlabelled[2]["score_counts"]["counts"]) == 6


def test_texts_come_with_examples_of_each_class():
    scored = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.3, 0.7], [0.05, 0.95]])
    rows = Table(
        np.arange(1, 6), scored.argmax(axis=1).astype(float), np.array([0.0, 0, 0, 1, 1]), scored
    )
    outcome = build("multiclass", rows, ["a", "b"], is_text=True)[2]
    assert outcome["examples"] == {"0": [2, 3, 1], "1": [5, 4]}
    assert "examples" not in build("multiclass", rows, ["a", "b"])[2]


def test_a_file_of_predictions_is_read_by_its_columns():
    one = [0.5, 0.25]
    columns = {"row": [1, 2], "actual": [0.0, 1.0], "predicted": [0.0, 1.0]}
    classes = table(columns | {"score_0": one, "score_1": one, "score_10": one, "score_2": [9, 9]})
    assert classes.scores.tolist() == [[0.5, 0.5, 9, 0.5], [0.25, 0.25, 9, 0.25]]
    many = table(
        columns | {"top_0": [3, 4], "top_1": [5, 6], "top_score_0": one, "top_score_1": one}
    )
    assert many.top.tolist() == [[3, 5], [4, 6]]
    assert many.scores.tolist() == [[0.5, 0.5], [0.25, 0.25]]
    assert table({"row": [1], "predicted": [1], "distance": [2.5]}).scores.tolist() == [2.5]
    assert table({"row": [1], "predicted": [1], "score": [2.5]}).actual is None


@pytest.mark.parametrize("task", ["multiclass", "clustering", "anomaly", "regression"])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_no_number_is_refused(task, bad):
    values = np.array([0.0, bad])
    rows = Table(np.arange(2), values, np.array([0.0, 1.0]), None)
    with pytest.raises(ValueError, match="finite"):
        build(task, rows, ["a", "b", "c"])


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression", "clustering", "anomaly"])
def test_an_outcome_of_one_row_is_json_without_nan(task):
    rows = Table(np.array([1]), np.array([1.0]), np.array([1.0]), None)
    metrics, counts, outcome = build(task, rows, ["a", "b"])
    told = json.dumps([metrics, counts, outcome], allow_nan=False)
    assert json.loads(told) == [metrics, counts, outcome]
    assert outcome["task"] == task
