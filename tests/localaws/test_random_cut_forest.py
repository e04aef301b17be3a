"""Random Cut Forest: anomalies among real tumours and digits."""

import numpy as np
import pytest

from localaws.algorithms.firstparty.scores import roc_auc
from localaws.algorithms.randomcutforest import forest, training
from localaws.algorithms.randomcutforest.definitions import METRICS
from localaws.algorithms.randomcutforest.predicting import load
from tests.localaws.firstparty_job import (
    CSV0,
    CSV1,
    RECORDIO,
    Job,
    answered,
    csv,
    labels_of,
    recordio,
    split,
    table,
)

CANCER = split("breast_cancer")
BENIGN = CANCER.x[CANCER.y == 1]
MALIGNANT = 1 - CANCER.test_y
BASIC = {"feature_dim": 30, "num_trees": 50, "num_samples_per_tree": 128}


@pytest.fixture
def job(tmp_path, capsys, caplog) -> Job:
    return Job(tmp_path, capsys, caplog)


def test_it_finds_malignant_tumours_odd_among_benign_ones(job):
    test = CSV1, table(CANCER.test_x, MALIGNANT)
    job.run(training.train, BASIC, {"train": (CSV0, csv(BENIGN)), "test": test})
    rows = answered(load(job.container.model), CANCER.test_x)["scores"]
    scores = np.array([row["score"] for row in rows])
    assert roc_auc(MALIGNANT, scores) > 0.9
    assert 0.5 < np.median(scores[MALIGNANT == 0]) < 1.2
    metrics = job.metrics(METRICS)
    assert metrics["test:accuracy"] > 0.5
    assert 0 <= metrics["test:f1"] <= 1


def test_it_flags_what_is_three_deviations_away(job):
    odd = (np.arange(400) % 80 == 0).astype(np.float32)
    rows = np.random.default_rng(0).normal(size=(400, 3)).astype(np.float32)
    rows[odd == 1] += 30
    channels = {"train": ("", recordio(rows)), "test": ("", recordio(rows, odd))}
    job.run(training.train, BASIC | {"feature_dim": 3}, channels)
    assert job.metrics(METRICS)["test:f1"] > 0.9
    assert any("#quality_metric: host=algo-1, test f1 <score>=" in line for line in job.log)


def test_it_scores_more_the_farther_out(job):
    rows = np.random.default_rng(0).normal(size=(300, 2)).astype(np.float32)
    job.run(training.train, BASIC | {"feature_dim": 2}, {"train": ("", recordio(rows))})
    model = load(job.container.model)
    line = np.array([[0, 0], [3, 3], [9, 9], [90, 90]], np.float32)
    scores = [row["score"] for row in answered(model, line)["scores"]]
    assert scores == sorted(scores)
    assert scores[3] > 2 * scores[0]
    binary = model.answer(recordio(line), RECORDIO, RECORDIO).body
    assert [row["score"][0] for row in labels_of(binary)] == pytest.approx(scores)
    assert "Test data is not provided." in job.log


def test_it_grows_over_rows_that_repeat():
    rows = np.array([[1, 1]] * 60 + [[2, 2]] * 3, np.float32)
    found = forest.grow(rows, 50, 63)
    usual, rare = found.scores(np.array([[1, 1], [2, 2]], np.float32))
    assert usual < rare
    assert found.mass[found.roots].tolist() == [63] * 50


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"num_trees": 10}, "Hyperparameter num_trees: '10' is not valid, expected [50, 1000]"),
        ({"mini_batch_size": 500}, "Hyperparameter mini_batch_size: '500'"),
        ({"eval_metrics": '["f1"]'}, "Hyperparameter eval_metrics"),
        ({"feature_dim": 29}, "does not match the feature_dim of 29"),
    ],
)
def test_it_refuses_wrong_hyperparameters(job, change, said):
    channels = {"train": (CSV0, csv(BENIGN))}
    assert said in job.refused(training.train, BASIC | change, channels)


def test_it_wants_its_channels_as_documented(job):
    train = {"train": (CSV0, csv(BENIGN))}
    said = job.refused(training.train, BASIC, train, "FullyReplicated")
    assert "'FullyReplicated' is not one of ['ShardedByS3Key']" in said
    bad = train | {"test": (CSV1, table(CANCER.test_x, MALIGNANT + 1))}
    assert "must be 0, or 1" in job.refused(training.train, BASIC, bad)


def test_it_bounds_the_memory():
    rows = np.zeros((2048, 500), np.float32)
    with pytest.raises(Exception, match="more than 1 GB"):
        forest.grow(rows, 1000, 2048)
