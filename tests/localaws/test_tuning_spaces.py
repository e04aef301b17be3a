"""Ranges of hyperparameters and their scales."""

from random import Random

import pytest

from localaws.engine.tuning import space as spaces
from localaws.engine.tuning.space import BadRange


def numeric(kind, low, high, scaling="Auto"):
    item = {"Name": "x", "MinValue": low, "MaxValue": high, "ScalingType": scaling}
    [parameter] = spaces.read({f"{kind}ParameterRanges": [item]})
    return parameter


def test_it_writes_integers_plainly_and_reaches_both_ends():
    parameter = numeric("Integer", "2", "5")
    chance = Random(1)
    assert {parameter.text(chance.random()) for _ in range(200)} == {"2", "3", "4", "5"}
    assert (parameter.text(0), parameter.text(1)) == ("2", "5")


def test_it_writes_small_numbers_without_an_exponent():
    text = numeric("Continuous", "1e-9", "1e-8", "Linear").text(0.0)
    assert text == "0.000000001"


@pytest.mark.parametrize(
    ("scaling", "middle"), [("Linear", 50.5), ("Logarithmic", 10.0), ("Auto", 10.0)]
)
def test_it_scales(scaling, middle):
    parameter = numeric("Continuous", "1", "100", scaling)
    assert float(parameter.text(0.5)) == pytest.approx(middle)
    assert parameter.coordinates(str(middle)) == pytest.approx([0.5])


def test_it_scales_towards_one_in_reverse():
    parameter = numeric("Continuous", "0", "0.999", "ReverseLogarithmic")
    assert float(parameter.text(0.5)) == pytest.approx(1 - 0.001**0.5)
    assert parameter.coordinates(parameter.text(0.25)) == pytest.approx([0.25])


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
