"""What a query may ask about: each field's operators, and how a value of it reads. Pure."""

import difflib
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

EQUAL = ("=", "!=")
WORDED = (*EQUAL, "~")
ORDERED = (*EQUAL, "<", "<=", ">", ">=")
STATUSES = ("Requested", "Rejected", "InProgress", "Stopping", "Completed", "Failed", "Stopped")
TEXTS = ("name", "algorithm", "experiment", "dataset", "instance", "owner", "tag")
VALUES = ("param", "metric")
OPERATORS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(TEXTS, WORDED),
    **dict.fromkeys(VALUES, (*ORDERED, "~")),
    "status": EQUAL,
    "archived": EQUAL,
    "created": ORDERED,
    "duration": ORDERED,
}
UNITS = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")  # no database takes these
SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(s|min|m|h|d|w)")

Value = str | float | bool | timedelta | date | datetime


def unknown(text: str) -> str:
    """What to say of a field that there is not."""
    close = difflib.get_close_matches(text.lower(), OPERATORS, 1)
    if ":" in text:
        close = [f"metric.{text}"]
    known = ", ".join(sorted(name + ".NAME" * (name in VALUES) for name in OPERATORS))
    return f"{f'did you mean {close[0]}?' if close else 'unknown.'} Fields are {known}."


def reader(field: str, operator: str) -> Callable[[str], Value]:
    """What reads a value of `field`; a ValueError says what was expected."""
    special: dict[str, Callable[[str], Value]] = {
        "status": _status,
        "archived": _yes,
        "created": _moment,
        "duration": _span,
    }
    if field in VALUES and operator in ("<", "<=", ">", ">="):
        return _number
    return special.get(field, str.strip)


def _status(text: str) -> str:
    found = [status for status in STATUSES if status.lower() == text.lower()]
    if not found:
        raise ValueError(f"one of {', '.join(STATUSES)}.")
    return found[0]


def _yes(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise ValueError("yes or no.")
    return text.lower() == "yes"


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError("a number, like 0.9.")
    return value


def _span(text: str) -> timedelta:
    match = SPAN.fullmatch(text)
    if match is None:
        raise ValueError("a time span, like 90s, 5m, 2h or 7d.")
    try:
        return timedelta(seconds=float(match[1]) * UNITS[match[2]])
    except OverflowError:
        raise ValueError("a shorter time span.") from None


def _moment(text: str) -> Value:
    """A span back from now, a day, or a moment (UTC unless it says otherwise)."""
    if SPAN.fullmatch(text):
        span = _span(text)
        if span > timedelta(days=36_500):
            raise ValueError("at most 100 years.")
        return span
    try:
        if len(text) == len("2026-11-01"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("a day, like 2026-11-01, or a time span back, like 7d.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
