"""Text and JSON scalars to Python and back, by shape."""

import math
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from botocore.model import Shape

from localaws.wire.validation import serialization

INTEGERS = {"integer", "long"}
FRACTIONS = {"float", "double"}


def timestamp(value: object) -> datetime:
    """Epoch seconds, ISO 8601 or an HTTP date. Raises AwsError SerializationException."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _epoch(float(value))
    if not isinstance(value, str):
        raise serialization("Expected a timestamp")
    for read in (_numeric, _iso, parsedate_to_datetime):
        try:
            moment = read(value)
        except (ValueError, TypeError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise serialization(f"Invalid timestamp: {value[:50]}")


def _numeric(text: str) -> datetime:
    return _epoch(float(text))


def _iso(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _epoch(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise serialization("Timestamp out of range") from None


def blob(value: object) -> bytes:
    if isinstance(value, str):
        try:
            return b64decode(value, validate=True)
        except (BadBase64, ValueError):
            pass
    raise serialization("A blob must be base64 text")


def from_text(text: str, shape: Shape) -> Any:
    """A header, query or form value. Raises AwsError SerializationException."""
    kind = shape.type_name
    try:
        if kind in INTEGERS:
            return int(text)
        if kind in FRACTIONS:
            return _finite(float(text))
    except ValueError:
        raise serialization(f"'{text[:50]}' can not be converted to {kind}") from None
    if kind == "boolean":
        return _boolean(text)
    readers: dict[str, Callable[[str], Any]] = {"timestamp": timestamp, "blob": blob}
    return readers.get(kind, str)(text)


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise serialization(f"'{text[:50]}' can not be converted to a boolean")
    return text.lower() == "true"


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def to_text(value: Any, shape: Shape) -> str:
    """For headers and XML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        if shape.serialization.get("location") == "header":
            return format_datetime(value.astimezone(UTC), usegmt=True)
        return iso(value)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value)


def iso(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
