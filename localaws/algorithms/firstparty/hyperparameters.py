"""Texts to typed values, strictly: an unknown name, a wrong value, a missing one fail the job."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from localaws.algorithms.container import UserError
from localaws.algorithms.rules import Choice, Number

log = logging.getLogger(__name__)

Values = dict[str, Any]
"""Every name of the table; None where the value is absent or `auto`."""


@dataclass(frozen=True)
class Flag:
    """`true` and `false` in any case: the SDK sends `True`."""

    def parse(self, text: str) -> bool:
        return {"true": True, "false": False}[text.lower()]

    def __contains__(self, value: bool) -> bool:
        return True

    def __str__(self) -> str:
        return "['true', 'false']"


@dataclass(frozen=True)
class JsonList:
    values: tuple[str, ...]

    def parse(self, text: str) -> list[str]:
        found = json.loads(text)
        return list(map(str, found if isinstance(found, list) else [found]))

    def __contains__(self, value: list[str]) -> bool:
        return bool(value) and set(value) <= set(self.values)

    def __str__(self) -> str:
        return f"a list of {list(self.values)}"


@dataclass(frozen=True)
class Parameter:
    """`default` is in the image's default configuration; with `auto` the text `auto` is legal."""

    rule: Number | Choice | Flag | JsonList
    default: str | None = None
    required: bool = False
    auto: bool = False


Table = Mapping[str, Parameter]


def integer(default: str | None = None, low: float = 1, high: float = inf) -> Parameter:
    """`auto` is legal where it is the default."""
    return Parameter(Number(int, low, high), default, auto=default == "auto")


def number(default: str | None = None, rule: Number | None = None) -> Parameter:
    return Parameter(rule or Number(float, 0), default, auto=default == "auto")


def choice(default: str | None, *values: str) -> Parameter:
    return Parameter(Choice(values), default)


def flag(default: str) -> Parameter:
    return Parameter(Flag(), default, auto=default == "auto")


def required(parameter: Parameter) -> Parameter:
    return Parameter(parameter.rule, None, required=True, auto=parameter.auto)


def resolve(given: Mapping[str, str], table: Table) -> Values:
    """Typed values, the defaults merged in; logs the three configurations. Raises UserError.

    Names that begin with `_` belong to the images and are accepted unread, unless in the table.
    """
    defaults = {name: p.default for name, p in table.items() if p.default is not None}
    log.info("Reading default configuration from default-conf.json: %s", json.dumps(defaults))
    where = "/opt/ml/input/config/hyperparameters.json"
    log.info("Merging with provided configuration from %s: %s", where, json.dumps(dict(given)))
    merged = defaults | dict(given)
    log.info("Final configuration: %s", json.dumps(merged))
    _check_names(given, table)
    texts = {name: merged[name] for name in table if name in merged}
    values = {name: _value(name, text, table[name]) for name, text in texts.items()}
    return dict.fromkeys(table) | values


def _check_names(given: Mapping[str, str], table: Table) -> None:
    unknown = [name for name in given if name not in table and not name.startswith("_")]
    if unknown:
        names = ", ".join(map(repr, unknown))
        verb = "was" if len(unknown) == 1 else "were"
        raise UserError(
            f"Additional hyperparameters are not allowed ({names} {verb} unexpected) "
            "(caused by ValidationError)"
        )
    missing = [name for name, p in table.items() if p.required and name not in given]
    if missing:
        names = ", ".join(map(repr, missing))
        raise UserError(
            f"No value(s) were specified for {names} which are required hyperparameter(s) "
            "(caused by ValidationError)"
        )


def _value(name: str, text: str, parameter: Parameter) -> Any:
    if parameter.auto and text == "auto":
        return None
    rule = parameter.rule
    try:
        value: Any = rule.parse(text)
        legal = value in rule
    except (ValueError, KeyError):
        if isinstance(rule, JsonList):
            raise UserError(
                f"Hyperparameter must be valid json, but found {name}: {text} "
                "(caused by ValueError)"
            ) from None
        legal = False
    if not legal:
        also = " or 'auto'" if parameter.auto else ""
        raise UserError(
            f"Hyperparameter {name}: '{text}' is not valid, expected {rule}{also} "
            "(caused by ValidationError)"
        )
    return value
