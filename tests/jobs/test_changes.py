"""What a copy has that its original has not: by field, in words, and nothing that is the same."""

from jobs.changes import between, recipe
from jobs.machine import Machine

HYPER = {"max_depth": "6", "eta": "0.2", "_tuning_objective_metric": "validation:auc"}
MACHINE = Machine(instance_type="ml.m5.large")
ORIGINAL = recipe(HYPER, MACHINE, "iris")


def told(hyperparameters=HYPER, data="iris", **machine):
    after = recipe(hyperparameters, Machine(**{"instance_type": "ml.m5.large"} | machine), data)
    return [str(one) for one in between(ORIGINAL, after)]


def test_it_tells_what_was_changed_added_and_taken_away():
    assert told({"max_depth": "8", "gamma": "1"}) == [
        "max_depth 6 → 8",
        "gamma not set → 1",
        "eta 0.2 → not set",
    ]


def test_it_knows_what_is_the_same_in_other_words():
    assert told({"max_depth": "6.0", "eta": "0.20"}) == []


def test_it_names_the_field_so_that_a_form_can_mark_it():
    (change,) = between(ORIGINAL, recipe(HYPER | {"eta": "0.3"}, MACHINE, "iris"))
    assert (change.field, change.before, change.after) == ("hyperparameters.eta", "0.2", "0.3")


def test_it_tells_where_it_runs_and_what_it_learns_from():
    assert told(
        data="wine",
        instance_count=2,
        use_spot=True,
        max_wait_seconds=7_200,
        environment={"B": "2", "A": "1"},
        aws_tags={"team": "blue"},
    ) == [
        "Data iris → wine",
        "Instances 1 → 2",
        "Spot instances no → yes",
        "Maximum wait in seconds not set → 7200",
        "Environment not set → A=1, B=2",
        "Tags at AWS not set → team=blue",
    ]


def test_a_wait_that_is_assumed_is_no_change():
    assert told(use_spot=True) == ["Spot instances no → yes"]


def test_the_order_of_variables_is_no_change():
    first = recipe({}, Machine(instance_type="x", environment={"A": "1", "B": "2"}))
    second = recipe({}, Machine(instance_type="x", environment={"B": "2", "A": "1"}))
    assert between(first, second) == []
