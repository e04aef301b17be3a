"""Texts of a request to typed values, with the documented defaults.

https://docs.aws.amazon.com/sagemaker/latest/dg/blazingtext_hyperparameters.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.algorithms.container import UserError

SUPERVISED = "supervised"
MODES = ("batch_skipgram", "cbow", "skipgram", SUPERVISED)

# Name: (default, least value).
_INTEGERS = {
    "batch_size": (11, 1),
    "buckets": (2_000_000, 1),
    "epochs": (5, 1),
    "max_char": (6, 1),
    "min_char": (3, 1),
    "min_count": (5, 0),
    "min_epochs": (5, 1),
    "negative_samples": (5, 1),
    "patience": (4, 1),
    "vector_dim": (100, 1),
    "window_size": (5, 1),
    "word_ngrams": (2, 1),
}
_NUMBERS = {"learning_rate": 0.05, "sampling_threshold": 0.0001}
_FLAGS = {"early_stopping": False, "evaluation": True, "subwords": False}


def parse(texts: Mapping[str, str]) -> dict[str, Any]:
    """Every hyperparameter with its value. Raises UserError."""
    if "mode" not in texts:
        raise UserError("Missing required hyperparameter: mode")
    values: dict[str, Any] = {name: default for name, (default, _) in _INTEGERS.items()}
    values |= _NUMBERS | _FLAGS
    for name, text in texts.items():
        if not name.startswith("_"):  # the tuning service's own
            values[name] = _value(name, text.strip())
    if values["min_char"] > values["max_char"]:
        raise UserError("Hyperparameter min_char: must not be above max_char")
    return values


def _value(name: str, text: str) -> object:
    if name == "mode":
        return _one_of(name, text, MODES)
    if name in _FLAGS:
        return _one_of(name, text.lower(), ("true", "false")) == "true"
    if name in _INTEGERS:
        return _integer(name, text)
    if name in _NUMBERS:
        return _positive(name, text)
    raise UserError(f"Extraneous hyperparameter found: {name}")


def _one_of(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise UserError(f"Hyperparameter {name}: value {text} not in range {list(choices)}")
    return text


def _integer(name: str, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise UserError(f"Hyperparameter {name}: could not parse value") from None
    least = _INTEGERS[name][1]
    if value < least:
        raise UserError(f"Hyperparameter {name}: value {text} not in range [{least}, inf)")
    return value


def _positive(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise UserError(f"Hyperparameter {name}: could not parse value") from None
    if not 0 < value < float("inf"):
        raise UserError(f"Hyperparameter {name}: value {text} not in range (0, inf)")
    return value
