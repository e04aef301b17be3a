"""Two classes: our figures are scikit-learn's, at every threshold and on every edge."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from results import binary, intervals, ranking
from results.outcome import Table, build

CLOSE = {"rel": 1e-9, "abs": 1e-9}
LABELS = ["no", "yes"]
# Few distinct scores, so that there are ties, and both ends.
shares = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.floats(0, 1))
rows = st.lists(st.tuples(st.booleans(), shares), min_size=1, max_size=80)


def outcome_of(truth, scored):
    truth, scored = np.asarray(truth, dtype=float), np.asarray(scored, dtype=float)
    table = Table(
        row=np.arange(1, len(truth) + 1),
        actual=truth,
        predicted=(scored >= 0.5).astype(float),
        scores=np.column_stack([1 - scored, scored]),
    )
    return build("binary", table, LABELS)


def theirs(name, *given, **more):
    """scikit-learn's figure; None where it has none and says so."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        value = getattr(reference, name)(*given, **more)
    return None if told or math.isnan(value) else value


def assert_like_sklearn(truth, scored):
    metrics, counts, outcome = outcome_of(truth, scored)
    truth, scored = np.asarray(truth, dtype=int), np.asarray(scored, dtype=float)
    said = (scored >= 0.5).astype(int)
    assert counts == reference.confusion_matrix(truth, said, labels=[0, 1]).tolist()
    assert metrics["accuracy"] == pytest.approx(reference.accuracy_score(truth, said), **CLOSE)
    expected = reference.precision_recall_fscore_support(
        truth, said, average="binary", zero_division=0
    )
    found = [metrics[name] for name in ("precision", "recall", "f1")]
    assert found == pytest.approx(expected[:3], **CLOSE)
    specificity = reference.recall_score(truth, said, pos_label=0, zero_division=0)
    assert metrics["specificity"] == pytest.approx(specificity, **CLOSE)
    both = [theirs("balanced_accuracy_score", truth, said), metrics["balanced_accuracy"]]
    assert both[0] is None or both[1] == pytest.approx(both[0], **CLOSE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one class only
        mcc = reference.matthews_corrcoef(truth, said)
    assert metrics["mcc"] == pytest.approx(mcc, **CLOSE)
    assert_scores_like_sklearn(metrics, truth, scored)
    return metrics, outcome


def assert_scores_like_sklearn(metrics, truth, scored):
    pairs = {"auc": "roc_auc_score", "average_precision": "average_precision_score"}
    for name, other in pairs.items():
        expected = theirs(other, truth, scored)
        if expected is None:
            assert metrics[name] is None
        else:
            assert metrics[name] == pytest.approx(expected, **CLOSE)
    loss = reference.log_loss(truth, scored, labels=[0, 1])
    assert metrics["log_loss"] == pytest.approx(loss, **CLOSE)
    brier = reference.brier_score_loss(truth, scored, pos_label=1)
    assert metrics["brier"] == pytest.approx(brier, **CLOSE)


@given(rows)
@settings(max_examples=60, deadline=None)
def test_it_agrees_with_scikit_learn(cases):
    truth, scored = zip(*cases, strict=True)
    assert_like_sklearn(truth, scored)


@given(rows)
@settings(max_examples=60, deadline=None)
def test_the_curves_are_scikit_learns(cases):
    truth, scored = (np.array(column) for column in zip(*cases, strict=True))
    curve = ranking.curve(truth, scored)
    if truth.any() and not truth.all():
        fpr, tpr, thresholds = reference.roc_curve(truth, scored, drop_intermediate=False)
        assert curve.fp / curve.negatives == pytest.approx(fpr, **CLOSE)
        assert curve.tp / curve.positives == pytest.approx(tpr, **CLOSE)
        assert curve.thresholds.tolist() == thresholds.tolist()
    if truth.any():
        precision, recall, _ = reference.precision_recall_curve(truth, scored)
        found = curve.tp[1:] / (curve.tp[1:] + curve.fp[1:])
        assert found == pytest.approx(precision[:-1][::-1], **CLOSE)
        assert curve.tp[1:] / curve.positives == pytest.approx(recall[:-1][::-1], **CLOSE)


@given(rows)
@settings(max_examples=60, deadline=None)
def test_the_calibration_is_scikit_learns(cases):
    truth, scored = (np.array(column) for column in zip(*cases, strict=True))
    observed, said = calibration_curve(truth, scored, n_bins=10)
    found = binary.calibration(truth, scored)
    assert [one["observed"] for one in found] == pytest.approx(observed, **CLOSE)
    assert [one["mean"] for one in found] == pytest.approx(said, **CLOSE)
    assert sum(one["rows"] for one in found) == len(cases)


@pytest.mark.parametrize(
    ("truth", "scored"),
    [
        pytest.param([1], [0.7], id="one row"),
        pytest.param([0], [0.7], id="one wrong row"),
        pytest.param([1, 1, 1], [0.1, 0.6, 0.9], id="only the second class"),
        pytest.param([0, 0, 0], [0.1, 0.6, 0.9], id="only the first class"),
        pytest.param([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5], id="all tied"),
        pytest.param([0, 0, 1, 1], [0.0, 0.0, 1.0, 1.0], id="perfect and certain"),
        pytest.param([1, 1, 0, 0], [0.0, 0.0, 1.0, 1.0], id="perfectly wrong"),
    ],
)
def test_it_agrees_on_the_edges(truth, scored):
    metrics, outcome = assert_like_sklearn(truth, scored)
    numbers = [*metrics.values(), *outcome["baseline"].values()]
    assert all(value is None or math.isfinite(value) for value in numbers)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_score_is_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        outcome_of([0, 1], [0.5, bad])


def test_what_is_no_class_and_no_rows_is_refused():
    with pytest.raises(ValueError, match="whole numbers from 0 to 1"):
        outcome_of([0, 2], [0.5, 0.5])
    with pytest.raises(ValueError, match="Nothing"):
        outcome_of([], [])
    with pytest.raises(ValueError, match="not known"):
        build("binary", Table(row=np.array([1]), predicted=np.array([1.0])), LABELS)


def test_many_scores_are_kept_as_a_thousand_points_that_hold_the_default():
    random = np.random.default_rng(3)
    truth = random.random(20_000) < 0.1
    scored = np.clip(random.normal(0.3 + 0.3 * truth, 0.15), 0, 1)
    metrics, counts, outcome = outcome_of(truth, scored)
    curve = outcome["curve"]
    assert len(curve["thresholds"]) <= 1_001
    assert curve["thresholds"][0] is None
    assert not curve["is_exact"]
    at = curve["thresholds"].index(0.5)
    assert [curve["tp"][at], curve["fp"][at]] == [counts[1][1], counts[0][1]]
    assert [curve["tp"][-1], curve["fp"][-1]] == [outcome["positives"], outcome["negatives"]]
    columns = map(curve.get, ("thresholds", "tp", "fp"))
    for threshold, tp, fp in list(zip(*columns, strict=True))[1::50]:
        said = scored >= threshold
        assert [tp, fp] == [(truth & said).sum(), (~truth & said).sum()]
    area = np.trapezoid(curve["tp"], curve["fp"]) / outcome["positives"] / outcome["negatives"]
    assert area == pytest.approx(metrics["auc"], abs=1e-4)
    assert max(np.diff(curve["tp"])) <= outcome["positives"] / 300


def test_the_models_own_line_is_found_where_it_drew_it():
    scored = np.array([0.1, 0.3, 0.4, 0.9])
    assert binary.own_threshold(scored >= 0.5, scored) == 0.5
    assert binary.own_threshold(scored >= 0.35, scored) == 0.4
    assert binary.own_threshold(np.array([True, False, True, False]), scored) == 0.5


def structural(positive, negative):
    """DeLong's interval from its definition, pair by pair."""
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    middle = wins.mean()
    spread = wins.mean(axis=1).var(ddof=1) / len(positive)
    spread += wins.mean(axis=0).var(ddof=1) / len(negative)
    reach = intervals.Z * math.sqrt(spread)
    return [max(0, middle - reach), min(1, middle + reach)]


def test_the_interval_of_the_auc_is_delongs():
    random = np.random.default_rng(5)
    positive, negative = random.normal(1, 1, 40).round(1), random.normal(0, 1, 60).round(1)
    assert intervals.delong(positive, negative) == pytest.approx(
        structural(positive, negative), **CLOSE
    )
    assert intervals.delong(positive[:1], negative) is None


def test_wilsons_interval_is_the_published_one():
    assert intervals.wilson(81, 263) == pytest.approx([0.2553, 0.3662], abs=5e-5)  # Newcombe 1998
    assert intervals.wilson(0, 20) == pytest.approx([0, 0.1611], abs=5e-5)
    assert intervals.wilson(0, 0) is None


def test_each_interval_holds_its_figure_and_is_the_same_again():
    random = np.random.default_rng(1)
    truth = random.random(500) < 0.3
    scored = np.clip(random.normal(0.4 + 0.2 * truth, 0.2), 0, 1)
    metrics, _, outcome = outcome_of(truth, scored)
    assert {"accuracy", "precision", "recall", "specificity", "f1", "auc", "brier"} <= set(
        outcome["intervals"]
    )
    for name, (low, high) in outcome["intervals"].items():
        assert low < metrics[name] < high, name
        assert high - low < 0.2, name
    assert outcome_of(truth, scored)[2] == outcome


def test_the_baseline_is_the_best_that_one_answer_reaches():
    _, _, outcome = outcome_of([0, 0, 0, 1], [0.1, 0.6, 0.2, 0.9])
    base = outcome["baseline"]
    assert base["accuracy"] == 0.75
    assert base["precision"] == 0.25
    assert base["f1"] == pytest.approx(0.4)
    assert (base["auc"], base["average_precision"], base["balanced_accuracy"]) == (0.5, 0.25, 0.5)


def test_asking_the_highest_scores_first_gains():
    _, _, outcome = outcome_of([1, 1, 0, 0, 0, 0, 0, 0, 0, 0], np.linspace(0.95, 0.05, 10))
    gain = dict(map(tuple, outcome["gain"]))
    assert (gain[0.0], gain[0.2], gain[1.0]) == (0.0, 1.0, 1.0)
    assert gain[0.1] == pytest.approx(0.5)


def test_without_scores_there_is_no_curve():
    rows = np.arange(1, 5)
    table = Table(row=rows, actual=np.array([0, 1, 1, 0]), predicted=np.array([0, 1, 0, 0]))
    metrics, counts, outcome = build("binary", table, LABELS)
    assert counts == [[2, 0], [1, 1]]
    assert "curve" not in outcome
    assert "auc" not in metrics
