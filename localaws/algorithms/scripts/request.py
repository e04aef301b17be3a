"""What a request asks to run: hyperparameters decoded, split and written as arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

PROGRAM = "sagemaker_program"
SUBMIT_DIRECTORY = "sagemaker_submit_directory"
_OBJECTIVE = "_tuning_objective_metric"


def decoded(texts: Mapping[str, str]) -> dict[str, Any]:
    """Each text as the JSON value it holds, or as it is where it holds none."""
    return {name: _decoded(text) for name, text in texts.items()}


def split(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the script's, the toolkit's); the toolkit's begin with `sagemaker_`, but for one."""
    own = {
        name: value
        for name, value in values.items()
        if not name.startswith("sagemaker_") and name != _OBJECTIVE
    }
    return own, {name: value for name, value in values.items() if name not in own}


def arguments(values: Mapping[str, Any]) -> list[str]:
    """`--name value` sorted by name; one-letter names get a single dash."""
    pairs = [
        (f"--{name}" if len(name) > 1 else f"-{name}", _text(value))
        for name, value in sorted(values.items())
    ]
    return [part for pair in pairs for part in pair]


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ",".join(f"{name}={item}" for name, item in sorted(value.items()))
    return str(value)
