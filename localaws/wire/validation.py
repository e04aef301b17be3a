"""Everything a botocore model says about a request, checked, in Amazon's words.

boto3 itself checks only types, required members and minima, so the rest has to be said here.
The wording is that of the services: `1 validation error detected: Value 'x' at 'trainingJobName'
failed to satisfy constraint: Member must satisfy regular expression pattern: ...`.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from localaws.errors import AwsError, validation

# Java's character classes for the inside of [...] in Python. The models always list letters,
# numbers and the underscore together, so \w for letters alone lets nothing more through.
JAVA_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{Z}": r" \u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    r"\p{N}": r"\d",
}
SHOWN = 200


def check(params: dict[str, Any], shape: StructureShape) -> None:
    """Raises AwsError ValidationException that lists every violation."""
    found = list(_structure(params, shape, ""))
    if found:
        plural = "error" if len(found) == 1 else "errors"
        raise validation(f"{len(found)} validation {plural} detected: {'; '.join(found)}")


def _structure(value: dict[str, Any], shape: StructureShape, path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            place = _join(path, name)
            yield f"Value null at '{place}' failed to satisfy constraint: Member must not be null"
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _value(value[name], member, _join(path, name))


def _join(path: str, name: str) -> str:
    lowered = name[:1].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def _value(value: Any, shape: Shape, path: str) -> Iterator[str]:
    for constraint in _violations(value, shape):
        yield _say(value, path, constraint)
    if isinstance(shape, StructureShape):
        yield from _structure(value, shape, path)
    elif isinstance(shape, ListShape):
        for position, item in enumerate(value, start=1):
            yield from _value(item, shape.member, f"{path}.{position}.member")
    elif isinstance(shape, MapShape):
        yield from _map(value, shape, path)


def _map(value: dict[str, Any], shape: MapShape, path: str) -> Iterator[str]:
    keys = {text for key in value for text in _violations(key, shape.key)}
    if keys:
        yield _say(value, path, f"Map keys must satisfy constraint: [{', '.join(sorted(keys))}]")
    inner = {text for item in value.values() for text in _violations(item, shape.value)}
    if inner:
        yield _say(value, path, f"Map value must satisfy constraint: [{', '.join(sorted(inner))}]")
    for key, item in value.items():
        if isinstance(shape.value, StructureShape | ListShape | MapShape):
            yield from _value(item, shape.value, f"{path}.{key}.member")


def _say(value: Any, path: str, constraint: str) -> str:
    shown = _java(value)
    shown = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}..."
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"


def _java(value: Any) -> str:
    """How a Java service prints a value in its messages."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_java(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _violations(value: Any, shape: Shape) -> Iterator[str]:
    # Blobs are limited by their handler: InvokeEndpoint takes more than the model says.
    if isinstance(value, str | list | dict):
        if not isinstance(shape, StructureShape):
            yield from _length(len(value), shape)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _size(value, shape)
    if isinstance(value, str) and isinstance(shape, StringShape):
        yield from _text(value, shape)


def _length(length: int, shape: Shape) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and length < low:
        yield f"Member must have length greater than or equal to {low}"
    if high is not None and length > high:
        yield f"Member must have length less than or equal to {high}"


def _size(value: float, shape: Shape) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        yield f"Member must have value greater than or equal to {low}"
    if high is not None and value > high:
        yield f"Member must have value less than or equal to {high}"


def _text(value: str, shape: StringShape) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
    pattern = shape.metadata.get("pattern")
    # A pattern is tried on texts of legal length only: some would take very long on others.
    if pattern and not any(_length(len(value), shape)) and not _matches(pattern, value):
        shown = pattern if pattern.startswith("^") else f"^{pattern}"
        yield f"Member must satisfy regular expression pattern: {shown}"


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A Java pattern in Python; None when it uses what Python does not have."""
    text = pattern
    for java, python in JAVA_CLASSES.items():
        text = text.replace(java, python)
    try:
        return re.compile(text)
    except re.error:
        return None


def serialization(message: str) -> AwsError:
    """For a value of the wrong JSON or text type."""
    return AwsError("SerializationException", message)
