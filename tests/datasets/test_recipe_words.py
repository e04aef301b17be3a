import pytest

from datasets.recipe import parse
from datasets.recipe.words import sentences

PLAIN = {
    "algorithm": "xgboost",
    "target": "kind",
    "task": "multiclass",
    "shares": (0.7, 0.2, 0.1),
    "seed": 3,
    "stratify": True,
}


def told(recipe, **changes):
    return sentences(parse(recipe), **PLAIN | changes)


def test_the_plain_recipe_takes_two_sentences():
    assert told({}) == [
        "Learn to predict kind (multiclass: several classes) with XGBoost, written as CSV with the "
        "label first.",
        "70 % train, 20 % validate, 10 % test: at random with seed 3, each class with its share.",
    ]


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ({"columns_in": ["a", "b"]}, "Only these columns are used: a, b."),
        ({"columns_out": list("abcdefgh")}, "Left out on request: a, b, c, d, e, f and 2 more."),
        (
            {"split": {"by": "time", "column": "day"}},
            "70 % train, 20 % validate, 10 % test: in the order of day, the oldest rows train.",
        ),
        (
            {"split": {"by": "group", "column": "shop"}},
            "70 % train, 20 % validate, 10 % test: all rows of one shop together, with seed 3.",
        ),
        (
            {"rare": {"fewest": 5, "do": "merge"}},
            "Classes with fewer than 5 rows become the class “other”.",
        ),
        (
            {"missing": {"*": "median", "a": "drop"}},
            "Missing values become the median; a: cost their row.",
        ),
        (
            {"missing": {"a": "mode"}},
            "Missing values as usual for the algorithm; a: become the most frequent value.",
        ),
        ({"categories": {"*": "ordinal"}}, "Words become one number each."),
        ({"scale": "minmax"}, "Numbers are squeezed to 0 … 1."),
        (
            {"text": {"column": "note", "lower": False, "top": 50}},
            "The text of note is cut into words; the 50 most frequent of the training rows become "
            "a column each.",
        ),
        (
            {"text": {"column": "note", "do": "blazingtext"}},
            "The text of note is lower-cased and cut into words.",
        ),
    ],
)
def test_each_choice_is_said(recipe, sentence):
    assert sentence in told(recipe)


def test_files_of_their_own_are_named():
    found = told({"split": {"by": "files"}}, shares=(0.8, 0.2, 0.0), files={"test": "May"})
    assert found[1].startswith("80 % train, 20 % validate, the rows of May test: at random")


def test_clustering_predicts_nothing():
    found = told({}, algorithm="kmeans", target="", task="clustering", stratify=False)
    assert found[0] == "Find structure (clustering) with K-Means, written as RecordIO-protobuf."
