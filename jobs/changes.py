"""What a copy of a job has that its original has not. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.machine import Machine, spelt

LABELS = {
    "data": "Data",
    "instance_type": "Instance type",
    "instance_count": "Instances",
    "volume_gb": "Volume in GB",
    "max_runtime_seconds": "Maximum runtime in seconds",
    "use_spot": "Spot instances",
    "max_wait_seconds": "Maximum wait in seconds",
    "environment": "Environment",
    "aws_tags": "Tags at AWS",
}
PREFIX = "hyperparameters."
OF_TUNING = "_tuning_"  # AWS marks a tuning job's trials with hyperparameters that begin so
NOTHING = "not set"

Recipe = Mapping[str, str]  # field of a form -> its value as text


@dataclass(frozen=True)
class Change:
    """`before` and `after` as people read them; `field` is the name in a form."""

    field: str
    label: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.label} {self.before} → {self.after}"


def recipe(hyperparameters: Mapping[str, str], machine: Machine, data: str = "") -> Recipe:
    """What makes a job what it is. `data` names what it learns from.

    Hyperparameters that AWS adds to a tuning job's trials are left out.
    """
    columns = machine.columns
    if columns["max_wait_seconds"] == machine.max_runtime_seconds:
        columns["max_wait_seconds"] = None  # what is assumed
    plain = {name: columns[name] for name in LABELS if name in columns}
    texts = {name: "" if value is None else _text(value) for name, value in plain.items()}
    named = {PREFIX + k: v for k, v in hyperparameters.items() if not k.startswith(OF_TUNING)}
    return {"data": data} | named | texts


def between(before: Recipe, after: Recipe) -> list[Change]:
    """Every field whose value differs, in the order of `after`; 0.20 is 0.2."""
    pairs = {one: (before.get(one, ""), after.get(one, "")) for one in {**after, **before}}
    return [
        Change(one, LABELS.get(one, one.removeprefix(PREFIX)), _shown(old), _shown(new))
        for one, (old, new) in pairs.items()
        if _number(old) != _number(new)
    ]


def _shown(text: str) -> str:
    return text.replace("\n", ", ") or NOTHING


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return spelt(dict(sorted(value.items())))
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _number(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text
