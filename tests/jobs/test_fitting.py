"""Which algorithms can learn from prepared data, and why the others cannot."""

import pytest

from jobs.catalogue import ALGORITHMS
from jobs.fitting import offers, why_not

CSV, RECORDIO = "text/csv", "application/x-recordio-protobuf"


def fitting(task, content_type):
    found = offers(ALGORITHMS.values(), task, content_type)
    return [offer.entry.name for offer in found if not offer.why_not]


@pytest.mark.parametrize(
    ("task", "content_type", "names"),
    [
        ("binary", CSV, ["xgboost", "linear-learner", "knn"]),
        ("binary", RECORDIO, ["xgboost", "linear-learner", "knn", "factorization-machines"]),
        ("multiclass", RECORDIO, ["xgboost", "linear-learner", "knn"]),
        ("regression", "text/libsvm", ["xgboost"]),
        ("clustering", RECORDIO, ["kmeans", "pca", "randomcutforest"]),
        ("binary", "text/plain", ["blazingtext"]),
    ],
)
def test_those_that_fit_task_and_format_come_first(task, content_type, names):
    assert fitting(task, content_type) == names
    everything = offers(ALGORITHMS.values(), task, content_type)
    assert len(everything) == len(ALGORITHMS)
    assert [offer.entry.name for offer in everything][: len(names)] == names


@pytest.mark.parametrize(
    ("name", "task", "content_type", "words"),
    [
        ("xgboost", "clustering", RECORDIO, "needs a target"),
        ("kmeans", "binary", RECORDIO, "learns without a target"),
        ("factorization-machines", "multiclass", RECORDIO, "predicts two classes or numbers, not"),
        ("knn", "binary", "text/libsvm", "format (text/libsvm) is not one k-Nearest"),
    ],
)
def test_the_others_say_why_not(name, task, content_type, words):
    assert words in why_not(ALGORITHMS[name], task, content_type)


def test_nothing_is_said_of_what_is_not_known():
    assert all(why_not(entry, "", "") == "" for entry in ALGORITHMS.values())
