"""kNN tells its neighbours, Random Cut Forest a score: in answers, on the page, in the API."""

from dataclasses import dataclass

import pytest

from endpoints.answers import Answer, Neighbour, decode
from endpoints.api.asking import answer_fields
from endpoints.predict import Prediction
from endpoints.requests import manner, talkative

JSON = "application/json"
SAID = (
    b'{"predictions": [{"predicted_label": 1.0,'
    b' "distances": [4.0, 1.0, 9.0], "labels": [1.0, 1.0, 0.0]}]}'
)


@dataclass(frozen=True)
class Recipe:
    task: str = "multiclass"
    labels: tuple[str, ...] = ("setosa", "versicolor")
    encoding: None = None


@pytest.fixture
def answer() -> Answer:
    (found,) = decode(Recipe(), SAID, JSON)
    return found


def test_only_knn_is_asked_for_more():
    assert talkative("knn").accept == "application/json; verbose=true"
    assert manner("knn").accept == JSON, "batches and evaluations need no neighbours"
    assert talkative("xgboost") == manner("xgboost")


def test_neighbours_come_nearest_first_with_their_names(answer):
    assert answer.label == "versicolor"
    assert answer.neighbours == (
        Neighbour("versicolor", 1.0),
        Neighbour("versicolor", 4.0),
        Neighbour("setosa", 9.0),
    )
    assert answer.votes == [("versicolor", 2), ("setosa", 1)]
    assert answer.probabilities == (), "a share of neighbours is no probability of the model's"


def test_of_numbers_they_are_numbers():
    (answer,) = decode(Recipe("regression", ()), SAID, JSON)
    assert answer.value == 1.0
    assert [neighbour.label for neighbour in answer.neighbours] == ["1", "1", "0"]


def fields(answer):
    (found,) = answer_fields(Prediction([answer], "", "", JSON, 1.0, "v"))
    return found


def test_the_api_has_them(answer):
    found = fields(answer)
    assert found["neighbours"][0] == {"label": "versicolor", "distance": 1.0}
    assert found["votes"][0] == {
        "label": "versicolor",
        "count": 2,
        "share": pytest.approx(2 / 3),
    }
    assert (found["cluster"], found["anomaly_score"]) == (None, None)


def test_the_api_has_clusters_and_scores():
    (cluster,) = decode(
        Recipe("clustering", ()),
        b'{"predictions": [{"closest_cluster": 3.0, "distance_to_cluster": 1.5}]}',
        JSON,
    )
    assert (fields(cluster)["cluster"], fields(cluster)["distance"]) == (3, 1.5)
    (odd,) = decode(Recipe("clustering", ()), b'{"scores": [{"score": 3.25}]}', JSON)
    assert fields(odd)["anomaly_score"] == 3.25
    (number,) = decode(Recipe("regression", ()), b'{"predictions": [{"score": 3.25}]}', JSON)
    assert fields(number)["anomaly_score"] is None
