"""train and serve of the container, without the service around them."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris

from localaws.algorithms.container import Container, UserError
from localaws.algorithms.xgboost import hyperparameters, predicting, training
from tests.localaws.lab import csv

IRIS, SPECIES = load_iris(return_X_y=True)
SOFTPROB = {"objective": "multi:softprob", "num_class": "3", "num_round": "5", "nthread": "1"}


def trained(base: Path, texts: dict[str, str], **channels: bytes) -> Container:
    job = Container(base)
    (base / "input" / "config").mkdir(parents=True)
    (base / "model").mkdir()
    settings = {name: {"ContentType": "text/csv;label_size=1"} for name in channels}
    (base / "input" / "config" / "inputdataconfig.json").write_text(json.dumps(settings))
    for name, content in channels.items():
        job.channel(name).mkdir(parents=True)
        (job.channel(name) / "part.csv").write_bytes(content)
    training.train(job, hyperparameters.parse(texts))
    return job


def answer(job: Container, rows: bytes, accept: str = "", *, one_line: bool = False) -> str:
    model = predicting.Model(predicting.load(job.model), one_line=one_line)
    return model.answer(rows, "text/csv", accept).body.decode()


@pytest.fixture(scope="module")
def iris(tmp_path_factory) -> Container:
    table = csv(np.column_stack([SPECIES, IRIS]))
    return trained(tmp_path_factory.mktemp("iris"), SOFTPROB, train=table)


def test_it_answers_class_probabilities_row_by_row(iris):
    rows = [list(map(float, row.split(","))) for row in answer(iris, csv(IRIS)).splitlines()]
    assert np.allclose(np.sum(rows, axis=1), 1, atol=1e-5)
    assert np.mean(np.argmax(rows, axis=1) == SPECIES) > 0.95


def test_it_answers_class_probabilities_as_json(iris):
    predictions = json.loads(answer(iris, csv(IRIS[:2]), "application/json"))["predictions"]
    assert [len(item["score"]) for item in predictions] == [3, 3]


def test_it_answers_class_probabilities_on_one_line_as_old_versions(iris):
    text = answer(iris, csv(IRIS[:2]), one_line=True)
    assert text.startswith("[")
    assert text.count("],[") == 1


def test_it_answers_class_numbers_as_floats(tmp_path):
    table = csv(np.column_stack([SPECIES, IRIS]))
    job = trained(tmp_path, SOFTPROB | {"objective": "multi:softmax"}, train=table)
    assert answer(job, csv(IRIS[-1:])) == "2.0\n"


def test_it_weighs_rows_by_the_second_column(tmp_path):
    """Equal features, contradicting labels: the heavy ones win."""
    rows = b"1,9,0.5\n0,1,0.5\n" * 20
    texts = {"objective": "binary:logistic", "num_round": "20", "csv_weights": "1"}
    assert float(answer(trained(tmp_path, texts, train=rows), b"0.5")) > 0.85


def test_it_saves_the_best_iteration_of_early_stopping(tmp_path, capfd):
    noise = np.random.default_rng(1).integers(0, 2, len(IRIS))
    table = csv(np.column_stack([noise, IRIS]))
    texts = {"objective": "binary:logistic", "num_round": "200", "early_stopping_rounds": "5"}
    metrics = {"eval_metric": "accuracy,logloss"}
    job = trained(tmp_path, texts | metrics, train=table[: len(table) // 2], validation=table)
    printed = [line for line in capfd.readouterr().out.splitlines() if line.startswith("[")]
    losses = [float(line.rpartition("validation-logloss:")[2].split("\t")[0]) for line in printed]
    booster = predicting.load(job.model)
    assert booster.num_boosted_rounds() == int(np.argmin(losses)) + 1


def test_it_adds_the_objective_of_a_tuning_job_to_the_metrics(tmp_path, capfd):
    table = csv(np.column_stack([SPECIES, IRIS]))
    tuned = SOFTPROB | {"_tuning_objective_metric": "validation:accuracy", "eval_metric": "merror"}
    trained(tmp_path, tuned, train=table, validation=table)
    assert "\tvalidation-accuracy:" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Failed to load csv data"),
        (b"1\n0\n", "no feature next to the label"),
        (b"5,1.0\n6,2.0\n", "label must be in (0, 1) for logistic regression"),
    ],
)
def test_it_blames_the_data(tmp_path, content, said):
    texts = {"objective": "binary:logistic", "num_round": "2"}
    with pytest.raises(UserError) as caught:
        trained(tmp_path, texts, train=content)
    assert said in str(caught.value)
    assert "/src/" not in str(caught.value)


def test_it_refuses_other_channels(tmp_path):
    with pytest.raises(UserError, match="Extraneous channel found: test"):
        trained(tmp_path, {"num_round": "1"}, train=b"1,2\n", test=b"1,2\n")
