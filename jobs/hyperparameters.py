"""Text to typed values, checked against the catalogue and the data; every error at once. Pure."""

import difflib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from jobs.catalogue.definition import (
    Algorithm,
    Condition,
    Data,
    Errors,
    Hyperparameter,
    Kind,
    Value,
)

VALUE_LIMIT = 2_500  # characters: CreateTrainingJob, HyperParameters

_INTEGER = re.compile(r"[-+]?[0-9]{1,30}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?")


@dataclass(frozen=True)
class Checked:
    """`values` are typed and `texts` what is sent to AWS, both under canonical names.

    `errors` maps the name that was given (or is missing) to its messages; empty when all is well.
    """

    values: dict[str, Value]
    texts: dict[str, str]
    errors: Errors


class _Refused(ValueError):
    """One value is wrong; the text says why."""


def checked(algorithm: Algorithm, texts: Mapping[str, str], data: Data) -> Checked:
    """Check `texts` for `algorithm` on `data`. A blank text counts as not given.

    What the data imply is filled in, unless `algorithm.decides` is given; nothing given changes.
    """
    errors: Errors = {}
    canonical = _recognised(algorithm, texts, errors)
    _fill(algorithm, canonical, data)
    values: dict[str, Value] = {}
    for name, text in canonical.items():
        try:
            values[name] = parsed(algorithm.by_name[name], text)
        except _Refused as refusal:
            errors.setdefault(name, []).append(str(refusal))
    _check_presence(algorithm, values, errors)
    for name, messages in algorithm.check(values, data).items():
        if name not in errors:
            errors[name] = messages
    for one in algorithm.hyperparameters:
        wanted = one.required_when
        if wanted and one.name not in values | errors and _holds(wanted, algorithm, values):
            errors[one.name] = [f"{one.name} is required when {wanted}."]
    return Checked(values, {name: canonical[name] for name in values}, errors)


@dataclass(frozen=True)
class Standing:
    """Whether a conditional hyperparameter counts: `state` is needed, off, or "" ; and why."""

    state: str
    words: str


def standings(algorithm: Algorithm, texts: Mapping[str, str], data: Data) -> dict[str, Standing]:
    """Of each hyperparameter with a condition, by name, as `texts` are now, right or wrong."""
    values: dict[str, Value] = dict(_recognised(algorithm, texts, {}))
    _fill(algorithm, values, data)
    conditional = [
        one for one in algorithm.hyperparameters if one.applies_when or one.required_when
    ]
    return {one.name: _standing(one, algorithm, values) for one in conditional}


def _standing(one: Hyperparameter, algorithm: Algorithm, values: Mapping[str, Value]) -> Standing:
    if one.required_when and _holds(one.required_when, algorithm, values):
        return Standing("needed", f"Required: {one.required_when}.")
    if one.applies_when and not _holds(one.applies_when, algorithm, values):
        return Standing("off", f"Not used now: only when {one.applies_when}.")
    if one.applies_when:
        return Standing("", f"Used: {one.applies_when}.")
    return Standing("", f"Required only when {one.required_when}.")


def _recognised(algorithm: Algorithm, texts: Mapping[str, str], errors: Errors) -> dict[str, str]:
    canonical: dict[str, str] = {}
    for given, text in texts.items():
        if not text.strip():
            continue
        known = algorithm.by_name.get(given)
        if known is None:
            errors[given] = [_unknown(algorithm, given)]
        elif known.only_in:
            errors[given] = [
                f"{given} exists only in {known.only_in}; this is {algorithm.version}."
            ]
        elif known.name in canonical:
            names = " or ".join((known.name, *known.aliases))
            errors[given] = [f"{known.name} is given twice; give {names}, not both."]
        else:
            canonical[known.name] = text.strip()
    return canonical


def _unknown(algorithm: Algorithm, given: str) -> str:
    near = difflib.get_close_matches(given.lower(), list(algorithm.by_name), n=1, cutoff=0.6)
    suggestion = f" Did you mean {near[0]}?" if near else ""
    return f"{algorithm.title} has no hyperparameter {given[:60]!r}.{suggestion}"


def _fill(algorithm: Algorithm, canonical: dict[str, Any], data: Data) -> None:
    if algorithm.decides in canonical:
        return
    for found in algorithm.filled(data):
        canonical.setdefault(found.name, found.value)


def parsed(parameter: Hyperparameter, text: str) -> Value:
    """`text` as the hyperparameter's type; ValueError with a sentence for people."""
    if len(text) > VALUE_LIMIT:
        raise _Refused(f"{parameter.name} is longer than {VALUE_LIMIT:,} characters.")
    return _PARSERS[parameter.kind](parameter, text)


def _integer(parameter: Hyperparameter, text: str) -> Value:
    if text.lower() in parameter.words:
        return text.lower()
    return int(_ranged(parameter, text, _INTEGER, "a whole number"))


def _continuous(parameter: Hyperparameter, text: str) -> Value:
    if text.lower() in parameter.words:
        return text.lower()
    return _ranged(parameter, text, _NUMBER, "a number")


def _ranged(parameter: Hyperparameter, text: str, form: re.Pattern[str], what: str) -> int | float:
    if not form.fullmatch(text):
        words = "".join(f" or {word}" for word in parameter.words)
        raise _Refused(f"{parameter.name}: could not parse {text[:60]!r} as {what}{words}.")
    value = int(text) if parameter.kind is Kind.INTEGER else float(text)
    if not isfinite(value) or value not in parameter.range:
        raise _Refused(f"{parameter.name} must be {parameter.range}; {text[:60]} is not.")
    return value


def _chosen(parameter: Hyperparameter, text: str) -> str:
    name, at, threshold = text.partition("@")
    if at and name in parameter.thresholds and _NUMBER.fullmatch(threshold):
        return text
    if text in parameter.choices:
        return text
    if text.lower() in parameter.choices:  # True and False, as Python writes them
        return text.lower()
    near = difflib.get_close_matches(text.lower(), parameter.choices, n=1, cutoff=0.5)
    if near:
        raise _Refused(f"{parameter.name}: {text[:60]!r} is not a choice. Did you mean {near[0]}?")
    offered = ", ".join(parameter.choices[:20])
    raise _Refused(f"{parameter.name}: {text[:60]!r} is not a choice. Choose from {offered}.")


def _several(parameter: Hyperparameter, text: str) -> str:
    return ",".join(_chosen(parameter, part.strip()) for part in text.split(","))


def _listed(parameter: Hyperparameter, text: str) -> str:
    """A JSON list of choices; `msd, ssd` is taken too. Sent as JSON."""
    try:
        names = json.loads(text) if text.startswith("[") else text.split(",")
    except (ValueError, RecursionError):
        names = None
    if not names or not all(isinstance(name, str) for name in names):
        example = json.dumps(parameter.choices[:1])
        raise _Refused(f"{parameter.name}: could not parse {text[:60]!r}; write it as {example}.")
    return json.dumps([_chosen(parameter, name.strip()) for name in names])


def _literal(parameter: Hyperparameter, text: str) -> str:
    """A tuple of numbers, or a list of lists of them, as Python writes them; sent as it stands."""
    nested = parameter.kind is Kind.NESTED_LIST
    example = "[[1, 2], [3, 4]]" if nested else "(1, 0, -1)"
    content = text if nested else re.sub(r"^\((.*?),?\s*\)$", r"[\1]", text)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    groups: Any = value if nested else [value]
    if (content == text and not nested) or not _are_lists_of_integers(groups):
        raise _Refused(f"{parameter.name}: could not parse {text[:60]!r}; write it as {example}.")
    if not all(item in parameter.range for group in groups for item in group):
        raise _Refused(f"{parameter.name}: each number must be {parameter.range}.")
    return text


def _are_lists_of_integers(groups: object) -> bool:
    return isinstance(groups, list) and all(
        isinstance(group, list) and all(type(item) is int for item in group) for group in groups
    )


def _check_presence(algorithm: Algorithm, values: Mapping[str, Value], errors: Errors) -> None:
    for one in algorithm.hyperparameters:
        needed = one.applies_when
        if one.required and one.name not in values and one.name not in errors:
            errors[one.name] = [f"{one.name} is required."]
        elif (
            needed
            and one.name in values
            and not one.required_when
            and not _holds(needed, algorithm, values)
        ):
            errors.setdefault(one.name, []).append(
                f"{one.name} has no effect unless {needed}; leave it empty."
            )


def _holds(condition: Condition, algorithm: Algorithm, values: Mapping[str, Value]) -> bool:
    actual = values.get(condition.name, algorithm.by_name[condition.name].default)
    return actual in condition.values


_PARSERS: Mapping[Kind, Callable[[Hyperparameter, str], Value]] = {
    Kind.INTEGER: _integer,
    Kind.CONTINUOUS: _continuous,
    Kind.CATEGORICAL: _chosen,
    Kind.LISTING: _several,
    Kind.JSON_LIST: _listed,
    Kind.TUPLE: _literal,
    Kind.NESTED_LIST: _literal,
}
