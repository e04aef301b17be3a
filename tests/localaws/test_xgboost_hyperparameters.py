"""The container's strict hyperparameters."""

import pytest

from localaws.algorithms.container import UserError
from localaws.algorithms.xgboost.hyperparameters import parse

ROUNDS = {"num_round": "10"}


def refused(**texts: str) -> str:
    with pytest.raises(UserError) as caught:
        parse(ROUNDS | texts)
    return str(caught.value)


def test_it_types_the_values_and_knows_the_aliases():
    values = parse(
        ROUNDS
        | {"learning_rate": "0.1", "eval_metric": "auc, error@0.7"}
        | {"objective": "binary:logistic"}
    )
    assert values == {
        "num_round": 10,
        "eta": 0.1,
        "eval_metric": ("auc", "error@0.7"),
        "objective": "binary:logistic",
    }


def test_it_wants_num_round():
    with pytest.raises(UserError, match="Missing required hyperparameter: num_round"):
        parse({"eta": "0.1"})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("num_round", "0", "value 0 not in range [1, inf)"),
        ("num_round", "ten", "could not parse value"),
        ("subsample", "0", "value 0 not in range (0, 1]"),
        ("eta", "nan", "value nan not in range [0, 1]"),
        ("booster", "tree", "value tree not in range ['gbtree', 'gblinear', 'dart']"),
        ("tweedie_variance_power", "2", "value 2 not in range (1, 2)"),
        ("monotone_constraints", "(1, 2)", "value (1, 2) not in range [-1, 0, 1]"),
        ("monotone_constraints", "__import__('os')", "could not parse value"),
        ("interaction_constraints", "[[0, 1]]", "value [[0, 1]] not in range [1, inf)"),
    ],
)
def test_it_refuses_values(name, text, said):
    assert refused(**{name: text}) == f"Hyperparameter {name}: {said}"


def test_it_ties_num_class_to_the_multiclass_objectives():
    assert refused(objective="multi:softmax").startswith("Require input for parameter 'num_class'")
    assert refused(num_class="3").startswith("Do not need to setup parameter 'num_class'")
    both = {"objective": "multi:softprob", "num_class": "3"}
    assert parse(ROUNDS | both)["num_class"] == 3


def test_it_ties_metrics_to_objectives():
    assert "classification and ranking" in refused(eval_metric="auc")
    assert "survival:aft" in refused(eval_metric="aft-nloglik")
    assert "value rmse@2 not in range" in refused(eval_metric="rmse@2")


def test_it_ties_constraints_to_tree_methods():
    assert refused(monotone_constraints="(1, -1)").startswith("monotone_constraints can be used")
    parse(ROUNDS | {"monotone_constraints": "(1, -1)", "tree_method": "hist"})
