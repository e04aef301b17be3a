"""What an algorithm of the catalogue is made of. Pure: literals and small questions on them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from urllib.parse import quote

Value = int | float | str
Errors = dict[str, list[str]]
Point = tuple[str, int, float]


class Kind(StrEnum):
    INTEGER = "integer"
    CONTINUOUS = "continuous"
    CATEGORICAL = "categorical"
    LISTING = "listing"  # comma-separated choices
    TUPLE = "tuple"
    NESTED_LIST = "nested_list"
    JSON_LIST = "json_list"  # choices, written as ["msd"]


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`; an end belongs to it unless it is open."""

    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below

    def __str__(self) -> str:
        low = f"{'more than' if self.low_open else 'at least'} {self.low:.12g}"
        high = f"{'less than' if self.high_open else 'at most'} {self.high:.12g}"
        if self.high == inf:
            return low
        return high if self.low == -inf else f"{low} and {high}"


@dataclass(frozen=True)
class Tunable:
    """The range Amazon recommends for a tuning job to search."""

    low: float
    high: float
    scale: str = "Linear"


@dataclass(frozen=True)
class Condition:
    """Holds when the hyperparameter `name` has one of `values`."""

    name: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} is {' or '.join(self.values)}"


@dataclass(frozen=True, kw_only=True)
class Hyperparameter:
    """One hyperparameter: `default` is what the algorithm assumes when it is not sent.

    `usual` ones stand in the form before the advanced ones, filled with `suggested`; `hidden` ones
    are accepted and not offered; one with `only_in` does not exist in the catalogue's version.
    `words` are taken instead of a number; `tune_values` are the choices a tuning job may try.
    """

    name: str
    kind: Kind
    help: str
    default: str = ""
    suggested: str = ""
    required: bool = False
    range: Range = Range()
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    thresholds: tuple[str, ...] = ()  # choices that may carry @number
    tunable: Tunable | None = None
    tune_values: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    required_when: Condition | None = None
    applies_when: Condition | None = None
    usual: bool = False
    hidden: bool = False
    only_in: str = ""


@dataclass(frozen=True)
class Metric:
    """`name` as AWS reports it; `regex` finds its value in a line of CloudWatch's log."""

    name: str
    direction: str  # "maximize" or "minimize"
    regex: str
    is_objective: bool


@dataclass(frozen=True)
class Channel:
    """`split` is the part of a preparation that fills it, where that has another name.

    The objects of a `sharded` one are divided among the instances instead of copied to each.
    """

    name: str
    required: bool
    help: str
    split: str = ""
    sharded: bool = False


@dataclass(frozen=True, kw_only=True)
class Data:
    """What is known of the prepared data; an empty `task` means nothing is.

    `task` is binary, multiclass, regression or clustering; `labels` counts label values (0 for a
    number); `rows` are the training rows; `implied` is what the preparation says of
    hyperparameters, by name.
    """

    task: str = ""
    labels: int = 0
    features: int = 0
    rows: int = 0
    channels: tuple[str, ...] = ("train", "validation")
    implied: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Implied:
    """A value that the data imply, and why, in words for the form."""

    name: str
    value: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """`implied` fills what the data know, `check` finds what no single field can see.

    Once `decides` is given, nothing is filled in any more. `read` finds the (metric, step, value)s
    in a line of the log; `steps` names the hyperparameter that says how many steps there will be.
    """

    name: str
    title: str
    summary: str
    tasks: tuple[str, ...]
    repository: str
    version: str
    docs: str
    reference: str  # Amazon's page on its hyperparameters
    channels: tuple[Channel, ...]
    content_types: tuple[str, ...]
    hyperparameters: tuple[Hyperparameter, ...]
    metrics: tuple[Metric, ...]
    instance_types: tuple[str, ...]
    implied: Callable[[Data], tuple[Implied, ...]]
    check: Callable[[Mapping[str, Value], Data], Errors]
    headline: Callable[[Mapping[str, str]], str]
    read: Callable[[str], list[Point]]
    steps: str = ""
    decides: str = ""
    by_name: Mapping[str, Hyperparameter] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        known = {alias: one for one in self.hyperparameters for alias in (one.name, *one.aliases)}
        object.__setattr__(self, "by_name", known)

    def filled(self, data: Data) -> tuple[Implied, ...]:
        """What the data imply, of this algorithm's hyperparameters, each valid for it.

        Data that were prepared for another algorithm may imply what this one does not know.
        """
        known = self.by_name
        return tuple(
            one
            for one in self.implied(data)
            if one.name in known
            and (not known[one.name].choices or one.value in known[one.name].choices)
        )

    def docs_of(self, hyperparameter: str) -> str:
        """Amazon's words on one hyperparameter: browsers that can scroll there and mark them."""
        return f"{self.reference}#:~:text={quote(hyperparameter)}"

    def maximizes(self, metric: str) -> bool:
        """Whether more of `metric` is better; a threshold (error@0.7) does not change that."""
        wanted = metric.partition("@")[0]
        return any(m.direction == "maximize" for m in self.metrics if m.name == wanted)


def integer(name: str, low: float = -inf, high: float = inf, **more: object) -> Hyperparameter:
    return _number(Kind.INTEGER, name, Range(low, high), more)


def number(name: str, within: Range, **more: object) -> Hyperparameter:
    return _number(Kind.CONTINUOUS, name, within, more)


def choice(name: str, *choices: str, **more: object) -> Hyperparameter:
    return Hyperparameter(name=name, kind=Kind.CATEGORICAL, choices=choices, **more)  # type: ignore[arg-type]  # literals below


def flag(name: str, default: str = "", **more: object) -> Hyperparameter:
    return choice(name, "true", "false", default=default, **more)


def _number(kind: Kind, name: str, within: Range, more: Mapping[str, object]) -> Hyperparameter:
    return Hyperparameter(name=name, kind=kind, range=within, **more)  # type: ignore[arg-type]  # literals below
