"""Parameter ranges: between the texts of hyperparameters and coordinates from 0 to 1.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-ranges.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

# Auto is logarithmic when the range spans at least this factor; Amazon does not say its rule.
_AUTO_LOGARITHMIC = 100.0


class BadRange(Exception):
    """The ranges of a request make no sense; the text says which and why."""


@dataclass(frozen=True)
class Numeric:
    """From `low` to `high`, both included; Linear, Logarithmic or ReverseLogarithmic `scaling`."""

    name: str
    low: float
    high: float
    integer: bool
    scaling: str

    def text(self, unit: float) -> str:
        """The hyperparameter at a coordinate: `5`, or decimals without an exponent."""
        value = min(max(self._value(unit), self.low), self.high)
        return str(round(value)) if self.integer else format(Decimal(repr(value)), "f")

    def coordinates(self, text: str) -> list[float]:
        """The one coordinate of a text, also of one outside the range. Raises ValueError."""
        low, high = self._ends()
        span = self._scaled(high) - self._scaled(low)
        return [(self._scaled(float(text)) - self._scaled(low)) / span if span else 0.5]

    def _value(self, unit: float) -> float:
        low, high = (self._scaled(end) for end in self._ends())
        scaled = low + unit * (high - low)
        if self.scaling == "Logarithmic":
            return math.exp(scaled)
        return 1 - math.exp(-scaled) if self.scaling == "ReverseLogarithmic" else scaled

    def _scaled(self, value: float) -> float:
        if self.scaling == "Logarithmic":
            return math.log(value)
        return -math.log1p(-value) if self.scaling == "ReverseLogarithmic" else value

    def _ends(self) -> tuple[float, float]:
        """An integer owns the half unit on both sides, so that the ends are as likely as others."""
        if not self.integer or self.low == self.high:
            return self.low, self.high
        return self.low - 0.499, self.high + 0.499


@dataclass(frozen=True)
class Categorical:
    name: str
    values: tuple[str, ...]

    def text(self, unit: float) -> str:
        return self.values[min(int(unit * len(self.values)), len(self.values) - 1)]

    def coordinates(self, text: str) -> list[float]:
        """One per value. Raises ValueError for a text that is none of them."""
        if text not in self.values:
            raise ValueError(text)
        return [float(text == value) for value in self.values]


Space = Sequence[Numeric | Categorical]


def read(ranges: Mapping[str, Any]) -> list[Numeric | Categorical]:
    """ParameterRanges of a request. Raises BadRange."""
    space: list[Numeric | Categorical] = [
        *(_numeric(item, integer=True) for item in ranges.get("IntegerParameterRanges", [])),
        *(_numeric(item, integer=False) for item in ranges.get("ContinuousParameterRanges", [])),
        *(
            Categorical(item["Name"], tuple(item["Values"]))
            for item in ranges.get("CategoricalParameterRanges", [])
        ),
    ]
    names = [parameter.name for parameter in space]
    if not names:
        raise BadRange("At least one hyperparameter range is required.")
    if len(set(names)) < len(names):
        raise BadRange("Hyperparameter names must be unique among the ranges.")
    return space


def _numeric(item: Mapping[str, str], *, integer: bool) -> Numeric:
    name, kind = item["Name"], int if integer else float
    try:
        low, high = kind(item["MinValue"]), kind(item["MaxValue"])
    except ValueError:
        raise BadRange(
            f"MinValue {item['MinValue']} and MaxValue {item['MaxValue']} of hyperparameter {name} "
            f"must be {'integers' if integer else 'numbers'}."
        ) from None
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise BadRange(f"MinValue of hyperparameter {name} must not be greater than its MaxValue.")
    scaling = item.get("ScalingType", "Auto")
    _check_scaling(name, low, high, scaling, integer=integer)
    if scaling == "Auto":
        wide = low > 0 and high / low >= _AUTO_LOGARITHMIC
        scaling = "Logarithmic" if wide else "Linear"
    return Numeric(name, low, high, integer, scaling)


def _check_scaling(name: str, low: float, high: float, scaling: str, *, integer: bool) -> None:
    if scaling == "Logarithmic" and low <= 0:
        raise BadRange(f"Logarithmic scaling needs a MinValue above 0 for hyperparameter {name}.")
    if scaling == "ReverseLogarithmic" and integer:
        raise BadRange(f"ReverseLogarithmic is for continuous ranges only, not for {name}.")
    if scaling == "ReverseLogarithmic" and not 0 <= low <= high < 1:
        raise BadRange(f"ReverseLogarithmic needs values from 0 to below 1 for {name}.")


def sample(space: Space, chance: Random) -> dict[str, str]:
    return {parameter.name: parameter.text(chance.random()) for parameter in space}


def point(space: Space, values: Mapping[str, str]) -> list[float]:
    """All coordinates of a set of values. Raises ValueError and KeyError when it has no place."""
    return [at for item in space for at in item.coordinates(values[item.name])]
