"""Recipes beyond plain columns, from a table to answers and an evaluation that name the labels."""

import random
from importlib.util import find_spec

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.flow]
SIZES = ("small", "medium", "large")


def reviews():
    """Guests whose mood shows in what they paid, in the room's size and in their words."""
    chance = random.Random(5)
    lines = ["guest_id,paid,size,note,mood"]
    for number in range(240):
        glad = number % 2 == 0
        words = chance.choices(
            ["lovely", "clean", "warm"] if glad else ["rude", "cold", "dirty"], k=4
        )
        paid = "" if number % 11 == 0 else f"{chance.gauss(80 if glad else 140, 15):.2f}"
        size = SIZES[chance.randrange(3)]
        lines.append(f"{number},{paid},{size},{' '.join(words)},{'glad' if glad else 'cross'}")
    return "\n".join(lines).encode() + b"\n"


@pytest.fixture(scope="module")
def dataset(console):
    return console.dataset("reviews.csv", reviews())


def launched(console, preparation, **hyperparameters):
    body = {
        "algorithm": preparation["algorithm"],
        "preparation": preparation["id"],
        "hyperparameters": hyperparameters,
        "instance_type": "ml.m5.large",
    }
    made = console.call("POST", "/jobs", json=body)
    return console.wait(f"/jobs/{made['id']}", "Completed")


def answered(console, endpoint, row):
    body = {"instances": [row]}
    answer = console.call("POST", f"/endpoints/{endpoint['id']}/predict", json=body)
    return answer["predictions"][0]["label"]


@pytest.mark.parametrize(
    ("algorithm", "recipe", "hyperparameters"),
    [
        (
            "knn",
            {
                "columns_out": ["guest_id"],
                "split": {"by": "group", "column": "guest_id"},
                "missing": {"paid": "median"},
                "categories": {"size": "ordinal"},
                "scale": "standard",
                "text": {"column": "note", "do": "words", "top": 20},
                "format": "recordio",
            },
            {"k": "5"},
        ),
        (
            "xgboost",
            {"columns_in": ["paid", "size"], "scale": "minmax", "format": "libsvm"},
            {"num_round": "20"},
        ),
        pytest.param(
            *("blazingtext", {"text": {"column": "note", "do": "blazingtext"}}, {}),
            marks=pytest.mark.skipif(find_spec("fasttext") is None, reason="no wheel here"),
        ),
    ],
)
def test_what_was_fitted_is_applied_to_every_question(
    console, dataset, algorithm, recipe, hyperparameters
):
    options = {"algorithm": algorithm, "recipe": recipe}
    preparation = console.prepared(dataset["id"], "mood", **options)
    assert preparation["labels"] == ["cross", "glad"]
    endpoint = console.endpoint(launched(console, preparation, **hyperparameters)["id"])

    glad = {"paid": "80", "size": "large", "note": "Lovely, lovely and clean: warm!"}
    cross = {"paid": "140", "size": "small", "note": "rude and cold. DIRTY"}
    if algorithm == "xgboost":
        glad, cross = ({"paid": row["paid"], "size": row["size"]} for row in (glad, cross))
    if algorithm == "blazingtext":
        glad, cross = ({"note": row["note"]} for row in (glad, cross))
    assert answered(console, endpoint, glad) == "glad"
    assert answered(console, endpoint, cross) == "cross"

    body = {"endpoint": endpoint["id"], "preparation": preparation["id"], "split": "test"}
    made = console.call("POST", "/evaluations", json=body)
    evaluation = console.wait(f"/evaluations/{made['id']}", "Completed")
    assert evaluation["labels"] == ["cross", "glad"]
    assert evaluation["metrics"]["accuracy"] >= 0.85
    assert evaluation["rows"] == preparation["channels"]["test"]["rows"]
    console.call("DELETE", f"/endpoints/{endpoint['id']}")
