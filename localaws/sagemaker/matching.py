"""Search expressions over the members that Describe shows.

A property is a path of member names; `Metrics.<name>` and `Tags.<key>` stand for the value of a
metric and of a tag. Where the path crosses a list, any element may fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from localaws.errors import validation

Members = dict[str, Any]
Matches = Callable[[Members], bool]

_DEEPEST = 20
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": lambda left, right: left > right,
    "GreaterThanOrEqualTo": lambda left, right: left >= right,
    "LessThan": lambda left, right: left < right,
    "LessThanOrEqualTo": lambda left, right: left <= right,
}


def expression(given: Members, depth: int = 0) -> Matches:
    """SearchExpression as a test of one resource. Raises AwsError."""
    if depth > _DEEPEST:
        raise validation("The search expression is nested too deeply.")
    tests = [
        *(_filter(item) for item in given.get("Filters", [])),
        *(_nested(item) for item in given.get("NestedFilters", [])),
        *(expression(item, depth + 1) for item in given.get("SubExpressions", [])),
    ]
    if given.get("Operator", "And") == "Or" and tests:
        return lambda item: any(test(item) for test in tests)
    return lambda item: all(test(item) for test in tests)


def _nested(given: Members) -> Matches:
    """One element of the list must pass all filters, whose names may repeat the list's name."""
    name = given["NestedPropertyName"]
    tests = [
        _filter(item | {"Name": item["Name"].removeprefix(f"{name}.")}) for item in given["Filters"]
    ]

    def matches(item: Members) -> bool:
        return any(
            all(test(element) for test in tests)
            for element in values(item, name)
            if isinstance(element, dict)
        )

    return matches


def _filter(given: Members) -> Matches:
    name = given["Name"]
    operator = given.get("Operator", "Equals" if "Value" in given else "Exists")
    if operator in {"Exists", "NotExists"}:
        if "Value" in given:
            raise validation(f"The operator {operator} takes no Value.")
        return lambda item: any(True for _ in values(item, name)) == (operator == "Exists")
    if "Value" not in given:
        raise validation(f"The operator {operator} of the filter on {name} needs a Value.")
    test = _test(operator, given["Value"])
    if operator == "NotEquals":
        return lambda item: all(test(value) for value in values(item, name))
    return lambda item: any(test(value) for value in values(item, name))


def _test(operator: str, wanted: str) -> Callable[[Any], bool]:
    if operator == "Contains":
        return lambda value: wanted in _text(value)
    if operator == "In":
        choices = [part.strip() for part in wanted.split(",")]
        return lambda value: any(_equal(value, choice) for choice in choices)
    if operator in _ORDER:
        compare = _ORDER[operator]
        return lambda value: _compared(value, wanted, compare)
    return lambda value: _equal(value, wanted) == (operator == "Equals")


def values(item: Any, path: str) -> Iterator[Any]:
    """Everything at a path; names may hold dots, so every split is tried."""
    if isinstance(item, list):
        for element in item:
            yield from values(element, path)
        return
    if not isinstance(item, dict):
        return
    head, _, rest = path.partition(".")
    if rest and head in {"Metrics", "Tags"}:
        yield from _listed(item, head, rest)
        return
    if path in item:
        yield from item[path] if isinstance(item[path], list) else [item[path]]
    elif head in item and rest:
        yield from values(item[head], rest)


def _listed(item: Members, kind: str, name: str) -> Iterator[Any]:
    if kind == "Tags":
        yield from (tag["Value"] for tag in item.get("Tags", []) if tag["Key"] == name)
        return
    found = item.get("FinalMetricDataList", [])
    yield from (metric["Value"] for metric in found if metric["MetricName"] == name)


def _equal(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return _text(value) == wanted.lower()
    if isinstance(value, int | float | datetime):
        return _compared(value, wanted, lambda left, right: bool(left == right))
    return _text(value) == wanted


def _compared(value: Any, wanted: str, compare: Callable[[Any, Any], bool]) -> bool:
    """As times, else as numbers; texts that are neither have no order."""
    if isinstance(value, datetime):
        moment = _moment(wanted)
        return moment is not None and compare(value, moment)
    left, right = number(value), number(wanted)
    return left is not None and right is not None and compare(left, right)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def number(value: Any) -> float | None:
    """None for what is none; hyperparameters are texts."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _moment(text: str) -> datetime | None:
    """ISO 8601 or seconds since 1970; UTC unless it says otherwise."""
    seconds = number(text)
    try:
        if seconds is not None:
            return datetime.fromtimestamp(seconds, UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
