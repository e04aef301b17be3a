"""Parameter ranges: between the texts of hyperparameters and the places a search looks at.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-ranges.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# Auto is logarithmic when the range spans at least this factor; Amazon does not say its rule.
_AUTO_LOGARITHMIC = 100.0


class BadRange(Exception):
    """The ranges of a request make no sense; the text says which and why."""


@dataclass(frozen=True)
class Numeric:
    """From `low` to `high`, both included; Linear, Logarithmic or ReverseLogarithmic `scaling`.

    A search walks from `searched[0]` to `searched[1]`, by logarithms unless `scaling` is Linear;
    what it finds is called a place here. ReverseLogarithmic searches the distance to 1.
    """

    name: str
    low: float
    high: float
    integer: bool
    scaling: str

    @property
    def searched(self) -> tuple[float, float]:
        return (1 - self.high, 1 - self.low) if self._reversed else (self.low, self.high)

    def text(self, place: float | str) -> str:
        """The hyperparameter at a place: `5`, or decimals without an exponent."""
        value = 1 - float(place) if self._reversed else float(place)
        value = min(max(value, self.low), self.high)
        return str(round(value)) if self.integer else format(Decimal(repr(value)), "f")

    def place(self, text: str) -> float:
        """Raises ValueError for what is no number in the range."""
        value = int(text) if self.integer else float(text)
        if not self.low <= value <= self.high:
            raise ValueError(text)
        return 1 - value if self._reversed else value

    @property
    def _reversed(self) -> bool:
        return self.scaling == "ReverseLogarithmic"


@dataclass(frozen=True)
class Categorical:
    name: str
    values: tuple[str, ...]

    def text(self, place: float | str) -> str:
        return str(place)

    def place(self, text: str) -> str:
        """Raises ValueError for a text that is none of the values."""
        if text not in self.values:
            raise ValueError(text)
        return text


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
