"""Amazon's own algorithms: what their logs say, what the data imply, what would fail at AWS."""

import pytest

from jobs.catalogue import ALGORITHMS
from jobs.catalogue.definition import Data
from jobs.hyperparameters import checked
from jobs.metrics import read
from jobs.training import channels_of

DIGITS = Data(
    task="multiclass",
    labels=10,
    features=64,
    rows=1_257,
    channels=("train", "validation", "test"),
    implied={
        "feature_dim": "64",
        "num_classes": "10",
        "predictor_type": "multiclass_classifier",
        "mini_batch_size": "500",
    },
)
SPLITS = {name: {"uri": f"s3://b/{name}"} for name in ("train", "validation", "test")}


@pytest.mark.parametrize(
    ("name", "line", "points"),
    [
        (
            "linear-learner",
            "#quality_metric: host=algo-1, epoch=3, train softmax_objective <loss>=0.25",
            [("train:objective_loss", 3, 0.25)],
        ),
        (
            "linear-learner",
            "#quality_metric: host=algo-1, validation binary_f_1.0 <score>=0.5",
            [("validation:binary_f_beta", 0, 0.5)],
        ),
        (
            "knn",
            "#quality_metric: host=algo-1, test accuracy <score>=0.98",
            [("test:accuracy", 0, 0.98)],
        ),
        (
            "kmeans",
            "[06/01] INFO #quality_metric: host=algo-1, train msd <loss>=12.5",
            [("train:msd", 0, 12.5)],
        ),
        (
            "factorization-machines",
            "#quality_metric: host=algo-1, epoch=1, train rmse <loss>=0.7",
            [("train:rmse:epoch", 1, 0.7)],
        ),
        ("blazingtext", "#validation_accuracy: 0.9310", [("validation:accuracy", 0, 0.931)]),
        ("blazingtext", "#validation_accuracy: none", []),
        ("pca", "#progress_metric: host=algo-1, completed 100 %", []),
    ],
)
def test_it_reads_the_log(name, line, points):
    assert read(ALGORITHMS[name], [line, "nothing here"]) == points


def test_it_fills_what_the_data_imply_and_says_why():
    entry = ALGORITHMS["linear-learner"]
    found = checked(entry, {"epochs": "3"}, DIGITS)
    assert not found.errors
    assert found.texts == {"epochs": "3"} | DIGITS.implied
    reasons = {one.name: one.why for one in entry.filled(DIGITS)}
    assert reasons["feature_dim"] == "The data have 64 features."


@pytest.mark.parametrize(
    ("name", "texts", "field", "says"),
    [
        ("knn", {"k": "5", "sample_size": "9999"}, "sample_size", "only 1257 training rows"),
        ("knn", {"k": "50", "sample_size": "40"}, "k", "Only 40 rows are kept"),
        ("knn", {"feature_dim": "65"}, "feature_dim", "64 features; 65 would fail"),
        ("knn", {"index_type": "faiss.IVFPQ"}, "faiss_index_pq_m", "is required when index_type"),
        (
            "knn",
            {"dimension_reduction_type": "sign", "dimension_reduction_target": "64"},
            "dimension_reduction_target",
            "less than feature_dim, which is 64",
        ),
        ("linear-learner", {"mini_batch_size": "2000"}, "mini_batch_size", "only 1257"),
        ("linear-learner", {"num_classes": "9"}, "num_classes", "at least that"),
        ("linear-learner", {"loss": "hinge_loss"}, "loss", "does not fit a multiclass_classifier"),
        (
            "linear-learner",
            {"predictor_type": "regressor"},
            "predictor_type",
            "use multiclass_classifier",
        ),
        ("linear-learner", {"momentum": "0.5"}, "momentum", "no effect unless optimizer is sgd"),
        ("linear-learner", {"learning_rate": "fast"}, "learning_rate", "a number or auto"),
        (
            "factorization-machines",
            {"predictor_type": "regressor"},
            "predictor_type",
            "cannot learn a multiclass",
        ),
        ("kmeans", {"k": "1"}, "k", "at least 2"),
        ("kmeans", {"eval_metrics": '["msd", "sd"]'}, "eval_metrics", "not a choice"),
        ("pca", {"num_components": "65"}, "num_components", "keep at most that many"),
        ("blazingtext", {"mode": "cbow"}, "mode", "use supervised"),
        ("blazingtext", {"patience": "2"}, "patience", "no effect unless early_stopping is true"),
        ("randomcutforest", {"num_trees": "20"}, "num_trees", "at least 50"),
    ],
)
def test_it_finds_what_would_fail_at_aws(name, texts, field, says):
    errors = checked(ALGORITHMS[name], texts, DIGITS).errors
    assert says in " ".join(errors.get(field, [])), errors


def test_it_takes_words_where_aws_does_and_lists_as_json():
    found = checked(
        ALGORITHMS["linear-learner"], {"learning_rate": "Auto", "use_bias": "False"}, DIGITS
    )
    assert found.texts["learning_rate"] == "Auto"
    assert found.values["use_bias"] == "false"
    kmeans = checked(ALGORITHMS["kmeans"], {"eval_metrics": "msd, ssd"}, DIGITS)
    assert kmeans.values["eval_metrics"] == '["msd", "ssd"]'


def test_it_keeps_the_test_rows_unseen():
    read_by = {
        name: {one.name: data["uri"] for one, data in channels_of(ALGORITHMS[name], SPLITS)}
        for name in ("xgboost", "knn", "pca")
    }
    assert read_by == {
        "xgboost": {"train": "s3://b/train", "validation": "s3://b/validation"},
        "knn": {"train": "s3://b/train", "test": "s3://b/validation"},
        "pca": {"train": "s3://b/train"},
    }
    only_test = {name: SPLITS[name] for name in ("train", "test")}
    assert [data["uri"] for _, data in channels_of(ALGORITHMS["knn"], only_test)] == [
        "s3://b/train",
        "s3://b/test",
    ]


def test_it_divides_the_rows_of_a_random_cut_forest():
    ((channel, _),) = channels_of(ALGORITHMS["randomcutforest"], SPLITS)
    assert channel.sharded
