"""What a line of a log is: an error, a warning, or neither. Pure.

Loggers write their level in capitals, Python ends a traceback with `SomeError: …`. XGBoost's
metrics are called error and merror; they are numbers, not trouble.
"""

import re

ERROR, WARNING, INFO = "error", "warning", "info"
# What the lines of a level hold, for those that were stored before lines were judged.
MARKS = {
    ERROR: ("ERROR", "CRITICAL", "FATAL", "Traceback (most recent call last)", "Error: "),
    WARNING: ("WARN",),
}
_ERROR = re.compile(
    r"\b(?:ERROR|CRITICAL|FATAL)\b|Traceback \(most recent call last\)"
    r"|(?:^|\s)[\w.]*(?:Error|Exception): |(?:^|\s)(?:Error|Fatal)\b.*:|Check failed:"
)
_WARNING = re.compile(r"\bWARN(?:ING)?\b|Warning:|(?:^|\s)[Ww]arning:")
_LOOKED_AT = 2_000  # characters: a level stands near the beginning


def level(message: str) -> str:
    """`error`, `warning` or `info`."""
    text = message[:_LOOKED_AT]
    if _ERROR.search(text):
        return ERROR
    return WARNING if _WARNING.search(text) else INFO
