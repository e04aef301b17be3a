"""Conditional hyperparameters: whether they count now, and why."""

from jobs.catalogue import ALGORITHMS
from jobs.catalogue.definition import Data
from jobs.hyperparameters import Standing, standings

XGBOOST, KNN = ALGORITHMS["xgboost"], ALGORITHMS["knn"]
NOTHING = Data()


def test_it_says_whether_a_condition_holds():
    off = standings(XGBOOST, {}, NOTHING)["rate_drop"]
    assert off == Standing("off", "Not used now: only when booster is dart.")
    on = standings(XGBOOST, {"booster": "dart"}, NOTHING)["rate_drop"]
    assert on == Standing("", "Used: booster is dart.")


def test_it_says_what_a_choice_requires():
    assert standings(XGBOOST, {}, NOTHING)["num_class"].state == "off"
    needed = standings(XGBOOST, {"objective": "multi:softmax"}, NOTHING)["num_class"]
    assert needed.state == "needed"
    assert needed.words.startswith("Required: objective is multi:softmax")


def test_what_the_data_imply_counts_too():
    three = Data(task="multiclass", labels=3, features=3)
    assert standings(XGBOOST, {}, three)["num_class"].state == "needed"


def test_a_wrong_value_elsewhere_does_not_matter():
    found = standings(KNN, {"index_type": "faiss.IVFPQ", "k": "many", "nonsense": "1"}, NOTHING)
    assert found["faiss_index_pq_m"].state == "needed"


def test_those_without_a_condition_have_no_standing():
    assert "num_round" not in standings(XGBOOST, {}, NOTHING)
