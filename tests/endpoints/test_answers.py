"""From a response to answers, for every shape that the containers give."""

from dataclasses import dataclass, field

import pytest

from endpoints.answers import Unreadable, decode, top


@dataclass(frozen=True)
class Recipe:
    task: str
    labels: list[str] = field(default_factory=list)
    encoding: dict[str, list[str]] = field(default_factory=dict)


BINARY = Recipe("binary", ["benign", "malignant"])
IRIS = Recipe("multiclass", ["setosa", "versicolor", "virginica"])
PRICE = Recipe("regression")
CSV = "text/csv; charset=utf-8"


def test_a_probability_names_the_label_at_one_half():
    answers = decode(BINARY, b"0.93\n0.5\n0.07\n", CSV)
    assert [answer.label for answer in answers] == ["malignant", "malignant", "benign"]
    assert [answer.code for answer in answers] == [1, 1, 0]
    assert [answer.probability for answer in answers] == pytest.approx([0.93, 0.5, 0.93])


def test_a_margin_names_the_label_without_a_probability():
    answers = decode(BINARY, b"-2.5\n1.7\n", CSV)
    assert [(a.label, a.probability) for a in answers] == [("benign", None), ("malignant", None)]


def test_probabilities_by_class_are_ranked():
    (answer,) = decode(IRIS, b"0.2,0.7,0.1\n", CSV)
    assert (answer.label, answer.probability) == ("versicolor", 0.7)
    assert top(answer, IRIS) == [("versicolor", 0.7), ("setosa", 0.2), ("virginica", 0.1)]
    assert top(answer, IRIS, 1) == [("versicolor", 0.7)]


def test_softmax_gives_the_class_alone():
    answers = decode(IRIS, b"2.0\n0.0\n", CSV)
    assert [(a.label, a.probability) for a in answers] == [("virginica", None), ("setosa", None)]


def test_a_number_stays_a_number():
    assert [answer.value for answer in decode(PRICE, b"12.5\n-3\n", CSV)] == [12.5, -3]


def test_without_a_recipe_the_numbers_speak_for_themselves():
    (single, several) = decode(None, b"0.4\n", CSV) + decode(None, b"0.1,0.9", CSV)
    assert (single.value, single.label) == (0.4, "")
    assert (several.code, several.label, several.probability) == (1, "", 0.9)
    assert top(several, None) == [("class 1", 0.9), ("class 0", 0.1)]


@pytest.mark.parametrize(
    ("recipe", "body", "labels"),
    [
        (BINARY, b'{"predictions": [{"score": 0.9}, {"score": 0.1}]}', ["malignant", "benign"]),
        (IRIS, b'{"predictions": [{"score": [0.1, 0.2, 0.7]}]}', ["virginica"]),
    ],
)
def test_json_is_read_too(recipe, body, labels):
    answers = decode(recipe, body, "application/json")
    assert [answer.label for answer in answers] == labels


def test_old_images_answer_on_one_line():
    assert [a.code for a in decode(BINARY, b"0.9,0.1,0.8", CSV, rows=3)] == [1, 0, 1]
    answers = decode(IRIS, b"[0.1, 0.2, 0.7],[0.8, 0.1, 0.1]", CSV, rows=2)
    assert [answer.label for answer in answers] == ["virginica", "setosa"]


def test_one_row_of_probabilities_is_one_row():
    assert len(decode(IRIS, b"0.2,0.7,0.1", CSV, rows=1)) == 1


def test_a_code_without_a_name_is_shown_as_its_class():
    assert decode(IRIS, b"7.0\n", CSV)[0].label == "class 7"


@pytest.mark.parametrize(
    ("body", "content_type", "rows"),
    [
        (b"", CSV, None),
        (b"<html>", CSV, None),
        (b"{}", "application/json", None),
        (b'{"predictions": 3}', "application/json", None),
        (b"0.1\n0.2\n", CSV, 3),
        (b"nan", CSV, 1),
        (b"\xff\xfe", CSV, None),
    ],
)
def test_it_says_when_it_cannot_read_a_response(body, content_type, rows):
    with pytest.raises(Unreadable):
        decode(BINARY, body, content_type, rows=rows)


JSON = "application/json"
TEXTS = Recipe("multiclass", ["sci space", "talk"], {"tokens": ["sci_space", "talk"]})


def test_a_model_that_decides_is_believed():
    body = b'{"predictions": [{"score": 0.31, "predicted_label": 1}]}'
    (answer,) = decode(BINARY, body, JSON)
    assert (answer.label, answer.value, answer.probability) == ("malignant", 0.31, 0.31)


def test_neighbours_vote_without_probabilities():
    body = b'{"predictions": [{"predicted_label": 2.0}]}'
    (answer,) = decode(IRIS, body, JSON)
    assert (answer.label, answer.code, answer.probability) == ("virginica", 2, None)
    (price,) = decode(PRICE, b'{"predictions": [{"predicted_label": 2.5}]}', JSON)
    assert (price.value, price.label) == (2.5, "")


def test_a_cluster_has_a_number_and_a_distance():
    body = b'{"predictions": [{"closest_cluster": 3.0, "distance_to_cluster": 1.5}]}'
    (answer,) = decode(Recipe("clustering"), body, JSON)
    assert (answer.code, answer.label, answer.distance) == (3, "cluster 3", 1.5)


def test_a_projection_is_a_vector_and_a_strangeness_a_number():
    (point,) = decode(Recipe("clustering"), b'{"projections": [{"projection": [1.0, 2]}]}', JSON)
    assert point.vector == (1.0, 2.0)
    (odd,) = decode(Recipe("clustering"), b'{"scores": [{"score": 3.25}]}', JSON)
    assert odd.value == 3.25


def test_words_become_the_labels_they_stand_for():
    body = b'[{"label": ["__label__talk", "__label__sci_space"], "prob": [0.8, 0.2]}]'
    (answer,) = decode(TEXTS, body, JSON)
    assert (answer.label, answer.probability) == ("talk", 0.8)
    assert top(answer, TEXTS) == [("talk", 0.8), ("sci space", 0.2)]
    (unknown,) = decode(None, body, JSON)
    assert (unknown.label, unknown.value) == ("talk", 0.8)


@pytest.mark.parametrize(
    "body",
    [b"[[0.2, 0.7, 0.1]]", b'{"predictions": [[0.2, 0.7, 0.1]]}'],
    ids=["a toolkit's list", "TensorFlow Serving"],
)
def test_plain_lists_are_probabilities(body):
    (answer,) = decode(IRIS, body, "application/json")
    assert (answer.label, answer.probability) == ("versicolor", 0.7)


def test_plain_numbers_are_values():
    assert [a.label for a in decode(IRIS, b"[2, 0]", "application/json")] == ["virginica", "setosa"]
    assert decode(PRICE, b'{"predictions": [1.5]}', "application/json")[0].value == 1.5
