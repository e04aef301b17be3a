"""Linear Learner on real tumours, digits and diabetes."""

import json

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LinearRegression

from localaws.algorithms.linear_learner import training
from localaws.algorithms.linear_learner.definitions import METRICS
from localaws.algorithms.linear_learner.predicting import load
from tests.localaws.firstparty_job import (
    CSV1,
    RECORDIO,
    Job,
    answered,
    labels_of,
    recordio,
    split,
    table,
)

CANCER, DIGITS, DIABETES = split("breast_cancer"), split("digits"), split("diabetes")
BINARY = {"predictor_type": "binary_classifier", "mini_batch_size": 50}
DIGIT = {"predictor_type": "multiclass_classifier", "num_classes": 10, "mini_batch_size": 100}
NUMBER = {"predictor_type": "regressor", "mini_batch_size": 50}


@pytest.fixture
def job(tmp_path, capsys, caplog) -> Job:
    return Job(tmp_path, capsys, caplog)


def channels(data, *names: str) -> dict[str, tuple[str, bytes]]:
    held_out = {name: ("", recordio(data.test_x, data.test_y)) for name in names}
    return {"train": ("", recordio(data.x, data.y)), **held_out}


def test_it_tells_tumours_apart(job):
    job.run(training.train, BINARY, channels(CANCER, "validation", "test"))
    metrics = job.metrics(METRICS)
    assert metrics["test:binary_classification_accuracy"] > 0.95
    assert metrics["test:roc_auc_score"] > 0.98
    assert metrics["test:binary_f_beta"] > 0.95
    assert metrics["validation:recall"] > 0.9
    assert metrics["train:binary_classification_accuracy"] > 0.95
    first = job.log.index(next(line for line in job.log if "epoch=0, train " in line))
    name = "binary_classification_cross_entropy_objective"
    assert f"#quality_metric: host=algo-1, epoch=0, train {name} <loss>=" in job.log[first]
    assert f"epoch=0, criteria={name}, value=" in job.log[first + 2]
    epochs = [line for line in job.log if ", validation" in line and "epoch=" in line]
    losses = [float(line.rpartition("=")[2]) for line in epochs]
    assert losses[-1] < losses[0]
    assert metrics["validation:objective_loss"] == losses[-1]


def test_it_knows_digits(job):
    job.run(training.train, DIGIT, channels(DIGITS, "test"))
    metrics = job.metrics(METRICS)
    assert metrics["test:multiclass_accuracy"] > 0.92  # scikit-learn's LogisticRegression: 0.949
    assert metrics["test:multiclass_top_k_accuracy"] > metrics["test:multiclass_accuracy"]
    assert metrics["test:multiclass_accuracy"] < metrics["test:dcg"] < 1
    for name in ("macro_precision", "macro_recall", "macro_f_beta"):
        assert metrics[f"test:{name}"] == pytest.approx(0.93, abs=0.02)


@pytest.mark.parametrize(
    ("loss", "worst"),
    [
        ("squared_loss", 1.05),
        ("absolute_loss", 1.15),
        ("eps_insensitive_squared_loss", 1.05),
        ("eps_insensitive_absolute_loss", 1.15),
        ("quantile_loss", 1.15),
        ("huber_loss", 1.15),
    ],
)
def test_it_predicts_diabetes_with_every_loss(job, loss, worst):
    job.run(training.train, NUMBER | {"loss": loss}, channels(DIABETES, "validation", "test"))
    metrics = job.metrics(METRICS)
    rival = LinearRegression().fit(DIABETES.x, DIABETES.y).predict(DIABETES.test_x)
    least = float(np.mean((rival - DIABETES.test_y) ** 2))
    assert metrics["test:mse"] < worst * least
    assert metrics["validation:rmse"] == pytest.approx(metrics["test:mse"] ** 0.5)
    if loss == "squared_loss":
        assert metrics["test:objective_loss"] == pytest.approx(metrics["test:mse"])


@pytest.mark.parametrize(
    "options",
    [
        {"loss": "hinge_loss"},
        {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.1},
        {"optimizer": "rmsprop", "learning_rate": 0.02},
        {"l1": 0.001, "wd": 0.001, "num_models": 3},
        {"normalize_data": "false", "learning_rate": 0.001, "num_models": 1, "epochs": 60},
        {"init_method": "normal", "use_lr_scheduler": "False", "use_bias": "true"},
    ],
)
def test_it_trains_in_many_ways(job, options):
    job.run(training.train, BINARY | options, channels(CANCER, "test"))
    assert job.metrics(METRICS)["test:binary_classification_accuracy"] > 0.9


def test_it_moves_the_threshold_to_where_the_criterion_wants_it(job):
    found = {}
    for criterion, target in (
        ("precision_at_target_recall", {"target_recall": 0.99}),
        ("recall_at_target_precision", {"target_precision": 0.995}),
        ("f1", {}),
        ("loss_function", {}),
    ):
        options = {"binary_classifier_model_selection_criteria": criterion} | target
        job.run(training.train, BINARY | options | {"epochs": 3}, channels(CANCER))
        found[criterion] = job.metrics(METRICS)
        settings = json.loads((job.container.model / "model_algo-1.json").read_text())
        found[criterion]["threshold"] = settings["threshold"]
    assert found["precision_at_target_recall"]["train:recall"] >= 0.99
    assert found["recall_at_target_precision"]["train:precision"] >= 0.995
    assert found["loss_function"]["threshold"] == 0.5
    assert (
        found["recall_at_target_precision"]["threshold"]
        > found["precision_at_target_recall"]["threshold"]
    )
    assert found["f1"]["train:binary_f_beta"] >= found["loss_function"]["train:binary_f_beta"]


def test_it_reads_sparse_rows_and_csv(job):
    sparse = recordio(csr_matrix(DIGITS.x), DIGITS.y)
    rows = table(DIGITS.test_x, DIGITS.test_y)
    job.run(training.train, DIGIT, {"train": ("", sparse), "test": (CSV1, rows)})
    assert job.metrics(METRICS)["test:multiclass_accuracy"] > 0.9


def test_it_answers_each_task_in_its_form(job):
    job.run(training.train, BINARY | {"num_models": 1}, channels(CANCER))
    model, rows = load(job.container.model), CANCER.test_x[:40]
    answers = answered(model, rows)["predictions"]
    right = [
        row["predicted_label"] == label for row, label in zip(answers, CANCER.test_y, strict=False)
    ]
    assert np.mean(right) > 0.9
    assert all(
        isinstance(row["predicted_label"], int) and 0 <= row["score"] <= 1 for row in answers
    )
    job.run(training.train, DIGIT, channels(DIGITS))
    (row,) = answered(load(job.container.model), DIGITS.x[:1])["predictions"]
    assert (len(row["score"]), row["predicted_label"]) == (10, int(np.argmax(row["score"])))
    assert sum(row["score"]) == pytest.approx(1, abs=1e-5)
    binary = load(job.container.model).answer(recordio(DIGITS.x[:1]), RECORDIO, RECORDIO)
    assert set(labels_of(binary.body)[0]) == {"score", "predicted_label"}
    job.run(training.train, NUMBER, channels(DIABETES))
    (row,) = answered(load(job.container.model), DIABETES.x[:1])["predictions"]
    assert set(row) == {"score"}


@pytest.mark.parametrize(
    ("hyperparameters", "data", "said"),
    [
        ({"predictor_type": "classifier"}, CANCER, "Hyperparameter predictor_type: 'classifier'"),
        (DIGIT | {"num_classes": 2}, DIGITS, "num_classes must be at least 3"),
        (BINARY | {"loss": "huber_loss"}, CANCER, "loss huber_loss is not valid"),
        (BINARY, DIGITS, "must be the whole numbers 0 to 1"),
        (DIGIT | {"num_classes": 9}, DIGITS, "must be the whole numbers 0 to 8"),
        (BINARY | {"mini_batch_size": 1000}, CANCER, "mini_batch_size is 1000, but there are only"),
        (BINARY | {"momentum": 1}, CANCER, "expected [0, 1) or 'auto'"),
        (BINARY | {"positive_example_weight_mult": "half"}, CANCER, "or 'balanced'"),
    ],
)
def test_it_refuses_what_does_not_fit(job, hyperparameters, data, said):
    assert said in job.refused(training.train, hyperparameters, channels(data))


def test_it_weighs_positives_when_they_are_rare(job):
    rare = np.flatnonzero((CANCER.y == 0) | (np.arange(len(CANCER.y)) % 12 == 0))
    train = {"train": ("", recordio(CANCER.x[rare], CANCER.y[rare]))}
    mean = {}
    for weight in ("1.0", "balanced", "0.1"):
        options = {"positive_example_weight_mult": weight, "learning_rate": 0.01, "epochs": 4}
        job.run(training.train, BINARY | options, train)
        answers = answered(load(job.container.model), CANCER.test_x)["predictions"]
        mean[weight] = np.mean([row["score"] for row in answers])
    assert mean["0.1"] < mean["1.0"] < mean["balanced"]


def test_it_shows_as_many_metrics_as_the_api_allows():
    assert len(METRICS) == len(dict(METRICS)) <= 40
