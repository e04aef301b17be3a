"""The part of JSONPath that DataProcessing knows: `$.name`, `['a','b']`, `[1]`, `[1:]`, `[0,5]`.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Select = Callable[[Any], Any]

_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_][\w-]*)
    |\[(?P<names>\s*'[^']*'\s*(?:,\s*'[^']*'\s*)*)\]
    |\[(?P<slice>-?\d*:-?\d*)\]
    |\[(?P<numbers>\s*-?\d+\s*(?:,\s*-?\d+\s*)*)\]
    |(?P<all>\.\*|\[\*\])""",
    re.VERBOSE,
)


class BadPath(Exception):
    """The text is no path that is understood here."""


class NothingThere(Exception):
    """A record has nothing at the path; the text names the path."""


def compiled(path: str) -> Select:
    """A function from a record to what the path selects, which raises NothingThere.

    Raises BadPath.
    """
    if not path.startswith("$"):
        raise BadPath(f"The path {path} does not begin with $.")
    steps, at = [], 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise BadPath(f"The path {path} is not understood from character {at + 1} on.")
        steps.append(_step(found))
        at = found.end()
    return lambda record: _walked(record, steps, path)


def _walked(record: Any, steps: list[Select], path: str) -> Any:
    try:
        for step in steps:
            record = step(record)
    except (KeyError, IndexError, TypeError) as error:
        raise NothingThere(f"A record has nothing at {path}.") from error
    return record


def _step(found: re.Match[str]) -> Select:
    parts = found.groupdict()
    if parts["name"] is not None:
        return _named([parts["name"]])
    if parts["names"] is not None:
        return _named(re.findall(r"'([^']*)'", parts["names"]))
    if parts["slice"] is not None:
        start, end = (int(text) if text else None for text in parts["slice"].split(":"))
        return lambda record: _listed(record)[start:end]
    if parts["numbers"] is not None:
        numbers = [int(text) for text in parts["numbers"].split(",")]
        if len(numbers) == 1:
            return lambda record: _listed(record)[numbers[0]]
        return lambda record: [_listed(record)[number] for number in numbers]
    return lambda record: list(record.values()) if isinstance(record, dict) else _listed(record)


def _named(names: list[str]) -> Select:
    """Several names keep them, as the service does."""
    if len(names) == 1:
        return lambda record: _object(record)[names[0]]
    return lambda record: {name: _object(record)[name] for name in names}


def _object(record: Any) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise TypeError(record)
    return record


def _listed(record: Any) -> list[Any]:
    if not isinstance(record, list):
        raise TypeError(record)
    return record
