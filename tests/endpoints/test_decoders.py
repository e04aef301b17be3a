"""The code that snippets decode with says what the page says, for every kind of model."""

import json
from dataclasses import dataclass, field

import pytest

from endpoints.answers import decode
from endpoints.decoders import _SOURCES, RAW, Decoder, kind_of

LABELS = ["setosa", "versicolor", "virginica"]
WORDS = {"sci_space": "sci space", "talk": "talk"}


@dataclass(frozen=True)
class Recipe:
    task: str
    labels: list[str] = field(default_factory=lambda: LABELS)
    encoding: dict[str, list[str]] = field(default_factory=dict)


def predictions(*found, key="predictions"):
    return json.dumps({key: found})


# Algorithm, task, objective; a response.
CASES = {
    "probability": ("xgboost", "binary", "binary:logistic", "0.93\n0.5\n0.07\n"),
    "probability on one line": ("xgboost", "binary", "binary:logistic", "0.93,0.5,0.07"),
    "margin": ("xgboost", "binary", "binary:logitraw", "-2.5\n1.7\n"),
    "hinge": ("xgboost", "binary", "binary:hinge", "1.0\n0.0\n"),
    "softprob": ("xgboost", "multiclass", "multi:softprob", "0.2,0.7,0.1\n0.1,0.2,0.7\n"),
    "softprob on one line": (
        *("xgboost", "multiclass", "multi:softprob"),
        "[0.2, 0.7, 0.1],[0.1, 0.2, 0.7]",
    ),
    "softmax": ("xgboost", "multiclass", "multi:softmax", "2.0\n0.0\n"),
    "number": ("xgboost", "regression", "reg:squarederror", "12.5\n-3\n"),
    "decided": (
        *("linear-learner", "binary", ""),
        predictions({"score": 0.31, "predicted_label": 1}, {"score": 0.2, "predicted_label": 0}),
    ),
    "decided-probabilities": (
        *("linear-learner", "multiclass", ""),
        predictions({"score": [0.1, 0.2, 0.7], "predicted_label": 2.0}),
    ),
    "score": ("linear-learner", "regression", "", predictions({"score": 2.5})),
    "factorized": (
        *("factorization-machines", "binary", ""),
        predictions({"score": 0.8, "predicted_label": 1.0}),
    ),
    "neighbours": (
        *("knn", "multiclass", ""),
        predictions({"predicted_label": 2.0, "distances": [9.0, 1.0], "labels": [0.0, 2.0]}),
    ),
    "neighbours-number": (
        *("knn", "regression", ""),
        predictions({"predicted_label": 2.5, "distances": [1.0], "labels": [2.5]}),
    ),
    "cluster": (
        *("kmeans", "clustering", ""),
        predictions({"closest_cluster": 3.0, "distance_to_cluster": 1.5}),
    ),
    "projection": (
        *("pca", "clustering", ""),
        predictions({"projection": [1.0, 2.0]}, key="projections"),
    ),
    "anomaly": ("randomcutforest", "clustering", "", predictions({"score": 3.25}, key="scores")),
    "words": (
        *("blazingtext", "multiclass", ""),
        '[{"label": ["__label__talk", "__label__sci_space"], "prob": [0.8, 0.2]}]',
    ),
}


def told(answer):
    """Of an answer what the page shows, by the snippets' names."""
    if answer.vector:
        return {"vector": list(answer.vector)}
    if answer.distance is not None:
        return {"cluster": answer.code, "distance": answer.distance}
    if answer.is_anomaly:
        return {"anomaly_score": answer.value}
    if not answer.label:
        return {"value": answer.value}
    near = [{"label": n.label, "distance": n.distance} for n in answer.neighbours]
    return {"label": answer.label} | ({"neighbours": near} if near else {})


@pytest.mark.parametrize("case", CASES)
def test_snippets_say_what_the_page_says(case):
    algorithm, task, objective, response = CASES[case]
    kind = kind_of(algorithm, task, objective)
    texts = kind == "words"
    recipe = Recipe(task, list(WORDS.values()), {"tokens": list(WORDS)}) if texts else Recipe(task)
    is_json = response[0] in "{[" and "on one line" not in case
    content_type = "application/json" if is_json else "text/csv"
    rows = {"probability on one line": 3, "softprob on one line": 2}.get(case)
    answers = decode(recipe, response.encode(), content_type, rows=rows)
    space = {"json": json}
    exec(Decoder(kind, LABELS, WORDS if texts else None).source, space)  # noqa: S102  to be copied
    read = space["read"](response)
    expected = [told(answer) for answer in answers]
    pairs = zip(read, expected, strict=True)
    assert [{name: row[name] for name in want} for row, want in pairs] == expected
    for row, answer in zip(read, answers, strict=True):
        if "probability" in row:
            assert row["probability"] == pytest.approx(answer.probability)


def test_every_kind_is_among_the_cases():
    kinds = {kind_of(*case[:3]) for case in CASES.values()}
    assert kinds | {RAW} == set(_SOURCES)


def test_a_program_of_ones_own_speaks_for_itself():
    assert {kind_of(name, "multiclass") for name in ("", "pytorch", "scikit-learn")} == {RAW}
