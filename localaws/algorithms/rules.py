"""What a hyperparameter's text may say: a type to parse it to, and the values it may have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf


@dataclass(frozen=True)
class Number:
    """A number of type `parse` between `low` and `high`, whose ends belong to it unless open."""

    parse: Callable[[str], float]
    low: float = -inf
    high: float = inf
    open_low: bool = False
    open_high: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.open_low or self.low == -inf else value >= self.low
        below = value < self.high if self.open_high or self.high == inf else value <= self.high
        return above and below

    def __str__(self) -> str:
        left = "(" if self.open_low or self.low == -inf else "["
        right = ")" if self.open_high or self.high == inf else "]"
        return f"{left}{self.low}, {self.high}{right}"


@dataclass(frozen=True)
class Choice:
    values: tuple[str, ...]
    parse: Callable[[str], str] = field(default=str)

    def __contains__(self, value: str) -> bool:
        return value in self.values

    def __str__(self) -> str:
        return str(list(self.values))
