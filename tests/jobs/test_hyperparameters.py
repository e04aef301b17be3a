"""Text to typed values: every mistake at once, at its field, with what to write instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.catalogue import ALGORITHMS
from jobs.catalogue.definition import Data
from jobs.hyperparameters import checked

XGBOOST = ALGORITHMS["xgboost"]
BINARY = Data(task="binary", labels=2, features=3)
THREE = Data(task="multiclass", labels=3, features=3)
NUMBERS = Data(task="regression", features=3)


def errors(texts, data=BINARY):
    return checked(XGBOOST, texts, data).errors


def message(texts, field, data=BINARY):
    found = errors(texts, data)
    assert list(found) == [field]
    return " ".join(found[field])


def test_it_takes_what_is_right():
    result = checked(XGBOOST, {"num_round": " 50 ", "eta": "0.1", "subsample": "1e-1"}, BINARY)
    assert result.errors == {}
    assert result.values == {
        "num_round": 50,
        "eta": 0.1,
        "subsample": 0.1,
        "objective": "binary:logistic",
    }
    assert result.texts["num_round"] == "50"


def test_it_sends_an_alias_under_its_real_name():
    assert (
        checked(XGBOOST, {"num_round": "5", "learning_rate": "0.2"}, BINARY).texts["eta"] == "0.2"
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (BINARY, {"objective": "binary:logistic"}),
        (THREE, {"objective": "multi:softprob", "num_class": "3"}),
        (NUMBERS, {"objective": "reg:squarederror"}),
        (Data(), {}),
    ],
)
def test_it_fills_in_what_the_data_imply_when_no_objective_is_given(data, expected):
    texts = checked(XGBOOST, {"num_round": "5"}, data).texts
    assert texts == {"num_round": "5"} | expected


def test_it_tells_everything_at_once():
    found = errors({"num_rounds": "5", "eta": "1.5", "max_depth": "deep", "booster": "gbtre"})
    assert set(found) == {"num_rounds", "eta", "max_depth", "booster", "num_round"}


def test_it_suggests_the_nearest_name():
    assert message({"num_round": "5", "max_dept": "3"}, "max_dept").endswith("mean max_depth?")


def test_it_suggests_the_nearest_choice():
    found = message({"num_round": "5", "tree_method": "histo"}, "tree_method")
    assert found.endswith("Did you mean hist?")


def test_it_names_no_neighbour_where_there_is_none():
    assert "Did you mean" not in message({"num_round": "5", "zzzzzz": "3"}, "zzzzzz")


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("num_round", "0", "at least 1"),
        ("num_round", "5.5", "could not parse"),
        ("num_round", "1e3", "could not parse"),
        ("num_round", "٥", "could not parse"),
        ("eta", "-0.1", "at least 0 and at most 1"),
        ("eta", "nan", "could not parse"),
        ("eta", "1e9999", "at least 0"),
        ("subsample", "0", "more than 0 and at most 1"),
        ("gamma", "inf", "could not parse"),
        ("sketch_eps", "1", "less than 1"),
        ("objective", "binary:logistics", "Did you mean binary:logistic?"),
        ("eval_metric", "auc,logloss,wrong-one", "not a choice"),
        ("eval_metric", "auc@0.5", "not a choice"),
        ("interaction_constraints", "[[0, 1]]", "at least 1"),
        ("interaction_constraints", "__import__('os')", "could not parse"),
        ("monotone_constraints", "1, 0, 1", "could not parse"),
        ("monotone_constraints", "(1, 0, 2)", "at most 1"),
        ("_kfold", "1", "at least 2"),
    ],
)
def test_it_says_what_is_wrong_with_one_value(name, text, part):
    found = errors({"num_round": "5", "tree_method": "hist"} | {name: text})
    assert part in found[name][0]


def test_it_misses_num_round():
    assert message({}, "num_round") == "num_round is required."
    assert message({"num_round": "  "}, "num_round") == "num_round is required."


def test_it_refuses_a_name_and_its_alias_together():
    assert "given twice" in message(
        {"num_round": "5", "eta": ".1", "learning_rate": ".2"}, "learning_rate"
    )


def test_it_knows_what_the_version_no_longer_has():
    texts = {"num_round": "5", "single_precision_histogram": "true"}
    assert "1.2 to 1.5" in message(texts, "single_precision_histogram")


def test_it_stays_within_what_a_job_takes():
    long = message({"num_round": "5", "updater": "prune," * 600}, "updater")
    assert long == "updater is longer than 2,500 characters."


def test_it_lists_the_choices_when_none_is_near():
    found = message({"num_round": "5", "booster": "!"}, "booster")
    assert found.endswith("Choose from gbtree, gblinear, dart.")


def test_it_takes_true_as_python_writes_it():
    texts = {"num_round": "5", "save_model_on_termination": "True"}
    assert checked(XGBOOST, texts, BINARY).values["save_model_on_termination"] == "true"


def test_it_wants_num_class_with_several_labels():
    texts = {"num_round": "5", "objective": "multi:softmax"}
    assert "need 3" in message(texts, "num_class", THREE)
    assert "at least that" in message(texts | {"num_class": "2"}, "num_class", THREE)
    assert errors(texts | {"num_class": "3"}, THREE) == {}


def test_it_refuses_num_class_without_several_labels():
    texts = {"num_round": "5", "objective": "binary:logistic", "num_class": "2"}
    assert "only for multi" in message(texts, "num_class")


@pytest.mark.parametrize(
    ("objective", "data", "better"),
    [
        ("reg:squarederror", BINARY, "binary:logistic"),
        ("binary:logistic", THREE, "multi:softprob"),
        ("binary:logistic", NUMBERS, "reg:squarederror"),
    ],
)
def test_it_refuses_an_objective_that_does_not_fit_the_target(objective, data, better):
    texts = {"num_round": "5", "objective": objective}
    assert message(texts, "objective", data).endswith(f"Use {better}.")


@pytest.mark.parametrize(
    ("metric", "data"),
    [
        ("merror", BINARY),
        ("auc", THREE),
        ("auc", NUMBERS),
        ("rmse", THREE),
        ("f1", NUMBERS),
        ("aft-nloglik", BINARY),
        ("error@0.7", THREE),
    ],
)
def test_it_refuses_a_metric_that_does_not_fit_the_objective(metric, data):
    assert "does not fit" in message({"num_round": "5", "eval_metric": metric}, "eval_metric", data)


@pytest.mark.parametrize(
    ("metric", "data"),
    [("auc,error@0.7,logloss,rmse", BINARY), ("merror, mlogloss", THREE), ("rmse,mae", NUMBERS)],
)
def test_it_takes_metrics_that_fit(metric, data):
    assert errors({"num_round": "5", "eval_metric": metric}, data) == {}


@pytest.mark.parametrize(
    ("texts", "field"),
    [
        ({"rate_drop": "0.1"}, "rate_drop"),
        ({"csv_weights": "1"}, "csv_weights"),
        ({"monotone_constraints": "(1, 0)", "tree_method": "hist"}, "monotone_constraints"),
        ({"monotone_constraints": "(1, 0, 1)"}, "monotone_constraints"),
        ({"interaction_constraints": "[[1, 2]]"}, "interaction_constraints"),
        ({"booster": "gblinear", "updater": "prune"}, "updater"),
        ({"process_type": "update", "updater": "sync"}, "updater"),
    ],
)
def test_it_refuses_what_only_several_fields_tell(texts, field):
    assert message({"num_round": "5"} | texts, field)


def test_it_refuses_early_stopping_without_validation_rows():
    alone = Data(task="binary", labels=2, channels=("train",))
    texts = {"num_round": "5", "early_stopping_rounds": "3"}
    assert "validation" in message(texts, "early_stopping_rounds", alone)


@given(st.dictionaries(st.sampled_from(list(XGBOOST.by_name)), st.text(max_size=40)))
def test_it_never_breaks_on_any_text(texts):
    result = checked(XGBOOST, texts, BINARY)
    assert bool(result.errors) or "num_round" in result.values
    assert set(result.values) == set(result.texts)
    assert all(messages and all(messages) for messages in result.errors.values())


@given(st.integers(1, 10**6), st.floats(0, 1, exclude_min=True, allow_subnormal=False))
def test_it_gives_back_the_number_that_was_written(rounds, share):
    result = checked(XGBOOST, {"num_round": str(rounds), "subsample": repr(share)}, BINARY)
    assert result.errors == {}
    assert (result.values["num_round"], result.values["subsample"]) == (rounds, share)


@given(st.sampled_from([one for one in XGBOOST.hyperparameters if one.default and not one.only_in]))
def test_it_takes_every_default(one):
    context = {one.applies_when.name: one.applies_when.values[0]} if one.applies_when else {}
    if one.name in {"objective", "updater"} or "survival:aft" in context.values():
        return
    data = NUMBERS if "reg:tweedie" in context.values() else Data()
    assert errors({"num_round": "5"} | context | {one.name: one.default}, data) == {}
