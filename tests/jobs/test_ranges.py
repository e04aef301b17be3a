"""What a search may try, and what of it would fail at AWS."""

import pytest

from jobs import ranges
from jobs.catalogue import ALGORITHMS
from jobs.catalogue.definition import Data

DATA = Data(task="binary", labels=2, features=30, rows=400)
DEPTH = {"name": "max_depth", "low": "2", "high": "6", "scaling": "Linear"}
GOOD = {
    "texts": {"num_round": "10"},
    "ranges": [DEPTH],
    "objective": "validation:auc",
    "strategy": "Bayesian",
    "max_jobs": 9,
    "max_parallel": 3,
}


def check(**changes):
    return ranges.check(ALGORITHMS["xgboost"], DATA, **GOOD | changes)


def test_it_separates_what_varies_from_what_stays():
    wish = check(texts={"num_round": "10", "max_depth": "99"})
    assert not wish.errors
    assert wish.texts == {"num_round": "10", "objective": "binary:logistic"}
    assert wish.spans == (ranges.Span("max_depth", "integer", "2", "6", "Linear"),)


def test_a_range_stands_in_for_a_required_value():
    assert not check(texts={}, ranges=[{"name": "num_round", "low": "5", "high": "50"}]).errors
    assert check(texts={}).errors == {"hyperparameters.num_round": ["num_round is required."]}


def test_it_takes_other_names_and_listed_values():
    wish = check(
        ranges=[
            {"name": "learning_rate", "low": "0.1", "high": "0.3", "scaling": "Logarithmic"},
            {"name": "tree_method", "values": "hist, exact, hist"},
        ]
    )
    assert [span.name for span in wish.spans] == ["eta", "tree_method"]
    assert wish.spans[1].values == ("hist", "exact")


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"ranges": []}, "ranges", "at least one"),
        ({"ranges": [DEPTH, DEPTH]}, "ranges.max_depth", "two ranges"),
        ({"ranges": [DEPTH | {"low": "7"}]}, "ranges.max_depth", "below the highest"),
        ({"ranges": [DEPTH | {"low": "-1"}]}, "ranges.max_depth", "at least 0"),
        ({"ranges": [DEPTH | {"low": ""}]}, "ranges.max_depth", "a lowest and a highest"),
        ({"ranges": [DEPTH | {"low": "2.5"}]}, "ranges.max_depth", "a whole number"),
        (
            {"ranges": [{"name": "gamma", "low": "0", "high": "5", "scaling": "Logarithmic"}]},
            "ranges.gamma",
            "above 0",
        ),
        (
            {"ranges": [{"name": "eta", "low": "0", "high": "1", "scaling": "ReverseLogarithmic"}]},
            "ranges.eta",
            "below 1",
        ),
        ({"ranges": [{"name": "tree_method", "values": "best"}]}, "ranges.tree_method", "best"),
        ({"ranges": [{"name": "leaves"}]}, "ranges.leaves", "no hyperparameter"),
        ({"objective": "validation:beauty"}, "objective", "Choose a metric"),
        ({"objective": "train:auc"}, "objective", "Choose a metric"),
        ({"strategy": "Grid"}, "strategy", "max_depth has a range"),
        ({"strategy": "Guess"}, "strategy", "Choose from"),
        ({"max_jobs": 0}, "max_jobs", "1 to 750"),
        ({"max_jobs": 2}, "max_parallel", "1 to 2"),
    ],
)
def test_it_says_what_is_wrong_at_the_field(changes, field, says):
    errors = check(**changes).errors
    assert says in " ".join(errors.get(field, [])), errors


def test_it_needs_rows_to_measure_with():
    bare = Data(task="binary", labels=2, features=30, rows=400, channels=("train",))
    errors = ranges.check(ALGORITHMS["xgboost"], bare, **GOOD).errors
    assert "needs validation rows" in errors["objective"][0]
    neighbours = ranges.check(
        ALGORITHMS["knn"],
        DATA,
        **GOOD
        | {
            "texts": {"sample_size": "400", "feature_dim": "30", "predictor_type": "classifier"},
            "ranges": [{"name": "k", "low": "1", "high": "9"}],
            "objective": "test:accuracy",
        },
    )
    assert not neighbours.errors  # its test channel is filled with the validation rows


@pytest.mark.parametrize("entry", ALGORITHMS.values(), ids=list(ALGORITHMS))
def test_it_suggests_what_amazon_recommends(entry):
    names = {span.name for span in ranges.suggested(entry)}
    assert names == {one.name for one in entry.hyperparameters if one.tunable or one.tune_values}


def test_it_suggests_no_more_rows_than_there_are():
    spans = {span.name: span for span in ranges.suggested(ALGORITHMS["knn"], 400)}
    assert (spans["sample_size"].low, spans["sample_size"].high) == ("200", "400")
    assert spans["k"].high == "400"


def test_a_grid_has_a_trial_for_each_combination():
    spans = [ranges.Span("a", "categorical", values=("1", "2", "3"))] * 2
    assert ranges.points(spans) == 9
