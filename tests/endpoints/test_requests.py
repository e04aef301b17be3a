"""Every algorithm is asked in the words it understands."""

import json

import pytest

from endpoints.requests import manner
from jobs.catalogue import ALGORITHMS


def test_a_table_is_sent_as_it_stands():
    assert manner("xgboost").body(["1,2", "3,"]) == b"1,2\n3,"
    assert manner("").accept == "text/csv"


def test_factorization_machines_get_features():
    asked = json.loads(manner("factorization-machines").body(["1,0.5"]))
    assert asked == {"instances": [{"features": [1.0, 0.5]}]}


def test_frameworks_get_plain_lists():
    assert json.loads(manner("pytorch").body(["1,2.5", "3,a"])) == [[1.0, 2.5], [3.0, "a"]]
    assert json.loads(manner("tensorflow").body(["1,2"])) == {"instances": [[1.0, 2.0]]}
    assert manner("scikit-learn").body(["1,2"]) == b"1,2"


def test_texts_are_asked_for_every_label():
    asked = json.loads(manner("blazingtext").body(["a text, with a comma"]))
    assert asked["instances"] == ["a text, with a comma"]
    assert asked["configuration"]["k"] > 1


@pytest.mark.parametrize("name", sorted(set(ALGORITHMS) - {"xgboost"}))
def test_amazons_own_answer_in_json(name):
    assert manner(name).accept == "application/json"
