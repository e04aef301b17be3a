"""K-Means on real digits and wine."""

import json

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

from localaws.algorithms.firstparty import ndarrays
from localaws.algorithms.kmeans import centers, training
from localaws.algorithms.kmeans.definitions import METRICS
from localaws.algorithms.kmeans.predicting import load
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

DIGITS = split("digits")
BASIC = {"k": 10, "feature_dim": 64, "force_dense": "True"}


@pytest.fixture
def job(tmp_path, capsys, caplog) -> Job:
    return Job(tmp_path, capsys, caplog)


@pytest.fixture(scope="module")
def tight() -> float:
    """scikit-learn's mean squared distance on the digits."""
    return float(KMeans(10, n_init=3, random_state=0).fit(DIGITS.x).inertia_ / len(DIGITS.x))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"init_method": "kmeans++", "local_lloyd_init_method": "random", "epochs": 3},
        {"mini_batch_size": 200, "half_life_time_size": 500, "extra_center_factor": 6},
    ],
)
def test_it_finds_clusters_nearly_as_tight_as_scikit_learns(job, tight, options):
    channels = {"train": ("", recordio(DIGITS.x)), "test": (CSV0, csv(DIGITS.test_x))}
    job.run(training.train, BASIC | options | {"eval_metrics": '["msd", "ssd"]'}, channels)
    metrics = job.metrics(METRICS)
    assert metrics["train:msd"] < 1.1 * tight
    assert metrics["test:msd"] == pytest.approx(metrics["train:msd"], rel=0.1)
    assert metrics["test:ssd"] == pytest.approx(metrics["test:msd"] * len(DIGITS.test_x))
    assert any(
        line.startswith("#quality_metric: host=algo-1, test msd <loss>=") for line in job.log
    )


def test_it_separates_the_wines(job):
    wine = split("wine")
    rows = StandardScaler().fit_transform(wine.x).astype(np.float32)
    job.run(training.train, {"k": 3, "feature_dim": 13}, {"train": (CSV0, csv(rows))})
    found = [
        row["closest_cluster"] for row in answered(load(job.container.model), rows)["predictions"]
    ]
    kinds = [wine.y[np.array(found) == cluster] for cluster in range(3)]
    pure = sum(np.bincount(kind.astype(int)).max() for kind in kinds)
    assert pure / len(rows) > 0.92
    assert "Test data is not provided." in job.log
    assert "shrinking 30 centers into 3" in job.log


def test_it_takes_the_first_column_of_csv_for_a_label_unless_told(job):
    job.run(training.train, BASIC, {"train": (CSV1, table(DIGITS.x, DIGITS.y))})
    said = job.refused(training.train, BASIC, {"train": ("text/csv", csv(DIGITS.x))})
    assert "channel train, 63, does not match the feature_dim of 64" in said


def test_it_answers_as_accept_asks(job):
    job.run(training.train, BASIC, {"train": ("", recordio(DIGITS.x))})
    model, rows = load(job.container.model), DIGITS.test_x[:3]
    (known,) = ndarrays.read(job.container.model / "model_algo-1").values()
    assert known.shape == (10, 64)
    distances = np.linalg.norm(rows[:, None] - known[None], axis=2)
    expected = [
        {"closest_cluster": float(row.argmin()), "distance_to_cluster": pytest.approx(row.min())}
        for row in distances
    ]
    assert answered(model, rows) == {"predictions": expected}
    body = json.dumps(
        {"instances": [{"data": {"features": {"values": row}}} for row in rows.tolist()]}
    )
    assert (
        json.loads(model.answer(body.encode(), "application/json", "").body)["predictions"]
        == expected
    )
    lines = model.answer(csv(rows), "text/csv", "text/csv").body.decode().splitlines()
    assert [float(line.split(",")[0]) for line in lines] == distances.argmin(axis=1).tolist()
    binary = labels_of(model.answer(recordio(rows), RECORDIO, RECORDIO).body)
    assert [row["closest_cluster"] for row in binary] == [
        [row["closest_cluster"]] for row in expected
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"k": 5000}, "k is 5000, but there are only 1347 rows"),
        ({"eval_metrics": "msd"}, "Hyperparameter must be valid json, but found eval_metrics"),
        ({"eval_metrics": '["mse"]'}, "Hyperparameter eval_metrics"),
        (
            {"local_lloyd_tol": 2},
            "Hyperparameter local_lloyd_tol: '2' is not valid, expected [0, 1]",
        ),
        ({"local_lloyd_max_iterations": 3}, "'local_lloyd_max_iterations' was unexpected"),
    ],
)
def test_it_refuses_wrong_hyperparameters(job, change, said):
    channels = {"train": ("", recordio(DIGITS.x))}
    assert said in job.refused(training.train, BASIC | change, channels)


def test_it_survives_rows_that_repeat(job):
    rows = np.repeat(np.eye(3, dtype=np.float32), 50, axis=0)
    job.run(training.train, {"k": 3, "feature_dim": 3}, {"train": ("", recordio(rows))})
    assert job.metrics(METRICS)["train:msd"] < 0.5


def test_it_weighs_points_as_often_as_they_count():
    points = np.array([[0.0], [1.0], [10.0]], np.float32)
    weights = np.array([3, 1, 1], np.float32)
    found, loss = centers.lloyd(points, weights, points[[0, 2]], iterations=9, tolerance=0)
    assert found.ravel().tolist() == [0.25, 10]
    assert loss == pytest.approx((3 * 0.25**2 + 0.75**2) / 5)
