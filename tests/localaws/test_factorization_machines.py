"""Factorization machines: real tumours, diabetes, and what only pairs of features tell."""

import json

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.preprocessing import StandardScaler

from localaws.algorithms.factorization_machines import training
from localaws.algorithms.factorization_machines.definitions import METRICS
from localaws.algorithms.factorization_machines.predicting import load
from tests.localaws.firstparty_job import (
    CSV1,
    RECORDIO,
    Job,
    csv,
    labels_of,
    recordio,
    split,
    table,
)

CANCER, DIABETES = split("breast_cancer"), split("diabetes")
PACE = {"bias_lr": 0.1, "linear_lr": 0.05, "factors_lr": 0.02, "mini_batch_size": 50, "epochs": 15}
BINARY = {"feature_dim": 30, "num_factors": 4, "predictor_type": "binary_classifier"} | PACE
NUMBER = {"feature_dim": 10, "num_factors": 2, "predictor_type": "regressor"} | PACE


@pytest.fixture
def job(tmp_path, capsys, caplog) -> Job:
    return Job(tmp_path, capsys, caplog)


def scaled(data) -> tuple[np.ndarray, np.ndarray]:
    scaler = StandardScaler().fit(data.x)
    return scaler.transform(data.x), scaler.transform(data.test_x)


def binary_channels() -> dict[str, tuple[str, bytes]]:
    train, test = scaled(CANCER)
    return {"train": ("", recordio(train, CANCER.y)), "test": ("", recordio(test, CANCER.test_y))}


def test_it_tells_tumours_apart(job):
    job.run(training.train, BINARY, binary_channels())
    metrics = job.metrics(METRICS)
    assert metrics["test:binary_classification_accuracy"] > 0.93
    assert metrics["test:binary_f_beta"] > 0.93
    assert metrics["test:binary_classification_cross_entropy"] < 0.3
    name = "train binary_classification_cross_entropy <loss>="
    losses = [
        float(line.rpartition("=")[2]) for line in job.log if "epoch=" in line and name in line
    ]
    assert len(losses) == 15
    assert losses[-1] < losses[0]


def test_it_predicts_diabetes(job):
    train, test = scaled(DIABETES)
    mean, spread = DIABETES.y.mean(), DIABETES.y.std()
    channels = {
        "train": ("", recordio(train, (DIABETES.y - mean) / spread)),
        "test": ("", recordio(test, (DIABETES.test_y - mean) / spread)),
    }
    job.run(training.train, NUMBER, channels)
    assert job.metrics(METRICS)["test:rmse"] < 0.85 * (DIABETES.test_y.std() / spread)


def test_it_learns_what_only_pairs_of_sparse_features_tell(job):
    """Users and items as one-hot columns; the label says whether their groups match."""
    random = np.random.default_rng(0)
    users, items = random.integers(0, 40, 4000), random.integers(0, 40, 4000)
    labels = ((users + items) % 2 == 0).astype(np.float32)
    places = np.column_stack([users, 999_960 + items]).ravel()
    ends = np.arange(0, 8001, 2)
    rows = csr_matrix((np.ones(8000, np.float32), places, ends), shape=(4000, 1_000_000))
    content = {"train": ("", recordio(rows[:3000], labels[:3000]))}
    content["test"] = ("", recordio(rows[3000:], labels[3000:]))
    options = {"feature_dim": 1_000_000, "factors_init_sigma": 0.1, "factors_wd": 0}
    job.run(training.train, BINARY | options, content)
    assert job.metrics(METRICS)["test:binary_classification_accuracy"] > 0.97
    assert (job.container.model / "model_algo-1").stat().st_size < 100_000


def test_it_answers_as_accept_asks_but_reads_no_csv(job):
    job.run(training.train, BINARY, binary_channels())
    model, (_, test) = load(job.container.model), scaled(CANCER)
    body = json.dumps({"instances": [{"features": row} for row in test[:20].tolist()]}).encode()
    rows = json.loads(model.answer(body, "application/json", "").body)["predictions"]
    right = [row["predicted_label"] == y for row, y in zip(rows, CANCER.test_y, strict=False)]
    assert np.mean(right) > 0.9
    assert all((row["score"] >= 0.5) == row["predicted_label"] for row in rows)
    binary = labels_of(model.answer(recordio(test[:20]), RECORDIO, RECORDIO).body)
    assert [row["score"][0] for row in binary] == pytest.approx([row["score"] for row in rows])
    sparse = {"keys": [0, 29], "shape": [30], "values": [1.0, -2.0]}
    one = json.dumps({"instances": [{"data": {"features": sparse}}]}).encode()
    assert model.answer(one, "application/json", "").status == 200
    assert model.answer(csv(test), "text/csv", "").status == 415


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"num_factors": 0}, "Hyperparameter num_factors: '0'"),
        ({"linear_lr": -1}, "Hyperparameter linear_lr: '-1' is not valid, expected [0, inf)"),
        ({"feature_dim": 31}, "does not match the feature_dim of 31"),
        ({"epoch": 3}, "'epoch' was unexpected"),
    ],
)
def test_it_refuses_wrong_hyperparameters(job, change, said):
    assert said in job.refused(training.train, BINARY | change, binary_channels())


def test_it_refuses_csv_and_other_labels(job):
    content = {"train": (CSV1, table(CANCER.x, CANCER.y))}
    assert "content type text/csv; label_size=1" in job.refused(training.train, BINARY, content)
    content = {"train": ("", recordio(CANCER.x, CANCER.y + 1))}
    assert "must be 0 or 1" in job.refused(training.train, BINARY, content)
