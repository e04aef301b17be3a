"""Ranges of hyperparameters and their scales."""

import pytest

from localaws.engine.tuning import space as spaces
from localaws.engine.tuning.space import BadRange
from localaws.engine.tuning.strategies import Knowledge, propose


def numeric(kind, low, high, scaling="Auto"):
    item = {"Name": "x", "MinValue": low, "MaxValue": high, "ScalingType": scaling}
    [parameter] = spaces.read({f"{kind}ParameterRanges": [item]})
    return parameter


def found(parameter, trials=200):
    """What a random search finds."""
    numbers = range(1, trials + 1)
    return [propose("Random", [parameter], number, 1, Knowledge())["x"] for number in numbers]


def test_it_writes_integers_plainly_and_reaches_both_ends():
    assert set(found(numeric("Integer", "2", "5"))) == {"2", "3", "4", "5"}
    assert set(found(numeric("Integer", "1", "3", "Logarithmic"))) == {"1", "2", "3"}


def test_it_writes_small_numbers_without_an_exponent():
    assert numeric("Continuous", "1e-9", "1e-8", "Linear").text(1e-9) == "0.000000001"


@pytest.mark.parametrize(
    ("scaling", "low", "high", "middle"),
    [
        ("Linear", "1", "100", 50.5),
        ("Logarithmic", "1", "100", 10.0),
        ("Auto", "1", "100", 10.0),
        ("Auto", "1", "99", 50.0),
        ("ReverseLogarithmic", "0", "0.9999", 0.99),
    ],
)
def test_it_scales(scaling, low, high, middle):
    values = [float(text) for text in found(numeric("Continuous", low, high, scaling))]
    assert 0.4 < sum(value < middle for value in values) / len(values) < 0.6
    assert all(float(low) <= value <= float(high) for value in values)


def test_it_places_only_what_is_in_the_range():
    reverse = numeric("Continuous", "0", "0.999", "ReverseLogarithmic")
    assert reverse.text(reverse.place("0.25")) == "0.25"
    for text in ("-0.1", "1", "nan", "few"):
        with pytest.raises(ValueError, match=text):
            reverse.place(text)


def test_it_accepts_ranges_of_one_value():
    assert set(found(numeric("Continuous", "3", "3"), 3)) == {"3.0"}
    assert set(found(numeric("Integer", "3", "3"), 3)) == {"3"}


@pytest.mark.parametrize(
    ("kind", "low", "high", "scaling", "complaint"),
    [
        ("Integer", "1.5", "3", "Auto", "must be integers"),
        ("Continuous", "nan", "3", "Auto", "must not be greater"),
        ("Continuous", "4", "3", "Auto", "must not be greater"),
        ("Continuous", "0", "3", "Logarithmic", "above 0"),
        ("Integer", "0", "3", "ReverseLogarithmic", "continuous ranges only"),
        ("Continuous", "0", "1", "ReverseLogarithmic", "below 1"),
    ],
)
def test_it_refuses_ranges_that_make_no_sense(kind, low, high, scaling, complaint):
    with pytest.raises(BadRange, match=complaint):
        numeric(kind, low, high, scaling)


def test_it_refuses_no_range_and_one_name_twice():
    with pytest.raises(BadRange, match="At least one"):
        spaces.read({})
    with pytest.raises(BadRange, match="unique"):
        spaces.read({"CategoricalParameterRanges": [{"Name": "a", "Values": ["x"]}] * 2})
