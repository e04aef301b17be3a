"""k-Nearest Neighbors on real digits, wine and diabetes."""

import json

import faiss
import numpy as np
import pytest

from localaws.algorithms.knn import projection, training
from localaws.algorithms.knn.definitions import METRICS
from localaws.algorithms.knn.predicting import load
from tests.localaws.firstparty_job import (
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
BASIC = {"k": 5, "predictor_type": "classifier", "sample_size": 2000, "feature_dim": 64}


@pytest.fixture
def job(tmp_path, capsys, caplog) -> Job:
    return Job(tmp_path, capsys, caplog)


def digits(kind: str = "") -> dict[str, tuple[str, bytes]]:
    write = table if kind else recordio
    return {
        "train": (kind, write(DIGITS.x, DIGITS.y)),
        "test": (kind, write(DIGITS.test_x, DIGITS.test_y)),
    }


@pytest.mark.parametrize("kind", ["", CSV1])
def test_it_reads_digits_and_says_how_well(job, kind):
    job.run(training.train, BASIC, digits(kind))
    metrics = job.metrics(METRICS)
    assert metrics["test:accuracy"] > 0.96
    assert metrics["test:macro_f_beta"] == pytest.approx(metrics["test:accuracy"], abs=0.02)
    assert metrics["train:progress"] == 100
    assert metrics["train:throughput"] > 0
    assert f"#test_score (algo-1) : ('accuracy', {metrics['test:accuracy']})" in job.log


@pytest.mark.parametrize(
    ("options", "least"),
    [
        ({"index_type": "faiss.IVFFlat"}, 0.96),
        ({"index_type": "faiss.IVFFlat", "index_metric": "INNER_PRODUCT"}, 0.7),
        ({"index_type": "faiss.IVFPQ", "faiss_index_pq_m": 12}, 0.9),
        ({"index_metric": "COSINE"}, 0.96),
        ({"dimension_reduction_type": "sign", "dimension_reduction_target": 32}, 0.9),
        ({"dimension_reduction_type": "fjlt", "dimension_reduction_target": 32}, 0.9),
        ({"sample_size": 300}, 0.85),
    ],
)
def test_it_indexes_in_many_ways(job, options, least):
    job.run(training.train, BASIC | options, digits())
    assert job.metrics(METRICS)["test:accuracy"] > least
    found = answered(load(job.container.model), DIGITS.test_x)["predictions"]
    right = np.mean([row["predicted_label"] for row in found] == DIGITS.test_y)
    assert right == pytest.approx(job.metrics(METRICS)["test:accuracy"], abs=0.01)


def test_it_averages_to_regress(job):
    diabetes = split("diabetes")
    hyperparameters = {"k": 15, "predictor_type": "regressor", "sample_size": 1000}
    channels = {
        "train": ("", recordio(diabetes.x, diabetes.y)),
        "test": ("", recordio(diabetes.test_x, diabetes.test_y)),
    }
    job.run(training.train, hyperparameters, channels)
    metrics = job.metrics(METRICS)
    assert metrics["test:mse"] < 0.7 * diabetes.test_y.var()
    assert "test:accuracy" not in metrics


def test_it_keeps_the_index_under_the_name_of_the_image(job):
    job.run(training.train, BASIC | {"sample_size": 700}, digits())
    assert faiss.read_index(str(job.container.model / "model_algo-1")).ntotal == 700
    settings = json.loads((job.container.model / "model_algo-1.json").read_text())
    assert (settings["k"], settings["predictor_type"]) == (5, "classifier")
    assert (job.container.model / "model_algo-1.labels").exists()


def test_it_answers_as_accept_asks(job):
    job.run(training.train, BASIC, digits())
    model, rows = load(job.container.model), DIGITS.test_x[:2]
    first, second = DIGITS.test_y[:2].tolist()
    plain = {"predictions": [{"predicted_label": first}, {"predicted_label": second}]}
    assert answered(model, rows) == plain
    assert answered(model, rows, "*/*") == plain
    lines = model.answer(csv(rows), "text/csv", "application/jsonlines").body.splitlines()
    assert [json.loads(line) for line in lines] == plain["predictions"]
    binary = model.answer(recordio(rows), RECORDIO, RECORDIO)
    assert binary.content_type == RECORDIO
    assert labels_of(binary.body) == [{"predicted_label": [first]}, {"predicted_label": [second]}]


def test_it_names_the_neighbours_when_asked(job):
    job.run(training.train, BASIC, digits())
    model = load(job.container.model)
    (row,) = answered(model, DIGITS.x[:1], "application/json; verbose=true")["predictions"]
    assert row["predicted_label"] == row["labels"][0] == DIGITS.y[0]
    assert row["distances"][0] == 0
    assert row["distances"] == sorted(row["distances"])
    assert len(row["labels"]) == len(row["distances"]) == 5
    binary = model.answer(recordio(DIGITS.x[:1]), RECORDIO, f"{RECORDIO}; verbose=true")
    assert labels_of(binary.body)[0]["labels"] == row["labels"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"k": 0}, "Hyperparameter k: '0' is not valid, expected [1, inf)"),
        ({"k": "5.0"}, "Hyperparameter k: '5.0' is not valid"),
        ({"index_type": "Flat"}, "Hyperparameter index_type: 'Flat' is not valid"),
        ({"neighbours": 3}, "Additional hyperparameters are not allowed ('neighbours' was unexp"),
        ({"dimension_reduction_type": "sign"}, "must be given together"),
        (
            {"dimension_reduction_type": "sign", "dimension_reduction_target": 64},
            "dimension_reduction_target must be below the feature_dim of 64",
        ),
        ({"index_type": "faiss.IVFPQ"}, "requires faiss_index_pq_m"),
        ({"index_type": "faiss.IVFPQ", "index_metric": "COSINE"}, "only the index_metric L2"),
        ({"feature_dim": 63}, "channel train, 64, does not match the feature_dim of 63"),
        ({"k": 2000}, "k is 2000, but the index has only 1347 rows"),
    ],
)
def test_it_refuses_wrong_hyperparameters(job, change, said):
    assert said in job.refused(training.train, BASIC | change, digits())


def test_it_wants_the_required_ones_and_ignores_the_images_own(job):
    said = job.refused(training.train, {"k": 5, "_log_level": "debug"}, digits())
    assert said.startswith(
        "No value(s) were specified for 'predictor_type', 'sample_size' which are required"
    )
    job.run(training.train, BASIC | {"_log_level": "debug", "feature_dim": "auto"}, digits())


@pytest.mark.parametrize("kind", ["sign", "fjlt"])
def test_it_keeps_distances_when_it_reduces(kind):
    rows = np.random.default_rng(1).normal(size=(50, 300)).astype(np.float32)
    reduced = rows @ projection.matrix(kind, 300, 150, np.random.default_rng(2))
    assert reduced.shape == (50, 150)
    before = np.linalg.norm(rows[1:] - rows[0], axis=1)
    after = np.linalg.norm(reduced[1:] - reduced[0], axis=1)
    assert np.mean(after / before) == pytest.approx(1, abs=0.05)
    assert np.std(after / before) < 0.12
