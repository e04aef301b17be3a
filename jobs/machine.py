"""Where a job runs, for how long, and what it is labelled with at AWS. Pure."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from jobs.catalogue.definition import Errors

INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9-]{2,20}\.[a-z0-9-]{2,20}")
INSTANCES = range(1, 21)
VOLUMES = range(1, 16_385)  # GB
RUNTIMES = range(60, 28 * 86_400 + 1)  # seconds; AWS ends any job after 28 days
VARIABLES = 48  # CreateTrainingJob's limits: variables, and the length of names and values
VARIABLE_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,511}")
VARIABLE_LENGTH = 512
TAGS = 40  # AWS takes 50; the rest is for ours
TAG_TEXT = re.compile(r"[\w \t.:/=+\-@]*")
TAG_LENGTHS = {"key": 128, "value": 256}
OURS = ("aws:", "mlconsole:")
GPU = ("ml.p", "ml.g")
TIME = re.compile(
    r"([0-9]{1,7}(?:\.[0-9]{1,3})?) *(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|)"
)
UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The fields of a job's row with the same names."""

    instance_type: str
    instance_count: int = 1
    volume_gb: int = 10
    max_runtime_seconds: int = 3_600
    use_spot: bool = False
    max_wait_seconds: int | None = None  # with spot: waiting and running together
    environment: Mapping[str, str] = field(default_factory=dict)
    aws_tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_gpu(self) -> bool:
        return self.instance_type.startswith(GPU)

    @property
    def columns(self) -> dict[str, Any]:
        """What the row is given; a time to wait only with spot."""
        wait = (self.max_wait_seconds or self.max_runtime_seconds) if self.use_spot else None
        return asdict(self) | {"max_wait_seconds": wait}


def of(row: object) -> Machine:
    """That of a job's row."""
    return Machine(**{name: getattr(row, name) for name in Machine.__annotations__})


def problems(machine: Machine) -> Errors:
    """Everything wrong with it, by field."""
    errors: Errors = {}
    if not INSTANCE_TYPE.fullmatch(machine.instance_type):
        errors["instance_type"] = ["An instance type looks like ml.m5.large."]
    if machine.instance_count not in INSTANCES:
        errors["instance_count"] = [f"Choose 1 to {INSTANCES[-1]} instances."]
    if machine.volume_gb not in VOLUMES:
        errors["volume_gb"] = [f"Choose 1 to {VOLUMES[-1]:,} GB."]
    if machine.max_runtime_seconds not in RUNTIMES:
        errors["max_runtime_seconds"] = ["Choose a minute to 28 days."]
    return errors | _waiting(machine) | _variables(machine.environment) | _tags(machine.aws_tags)


def _waiting(machine: Machine) -> Errors:
    wait = machine.max_wait_seconds
    if not machine.use_spot or wait is None:
        return {}
    if wait < machine.max_runtime_seconds:
        message = "Waiting and running together cannot be shorter than the maximum runtime."
        return {"max_wait_seconds": [message]}
    return {} if wait in RUNTIMES else {"max_wait_seconds": ["Choose at most 28 days."]}


def _variables(environment: Mapping[str, str]) -> Errors:
    found = [
        f"{name[:40]!r}: a name has letters, digits and _, and does not begin with a digit."
        for name in environment
        if not VARIABLE_NAME.fullmatch(name)
    ]
    found += [
        f"{name}: at most {VARIABLE_LENGTH} characters."
        for name, value in environment.items()
        if len(value) > VARIABLE_LENGTH
    ]
    if len(environment) > VARIABLES:
        found.append(f"AWS takes at most {VARIABLES} variables.")
    return {"environment": found} if found else {}


def _tags(tags: Mapping[str, str]) -> Errors:
    found: list[str] = []
    for key, value in tags.items():
        for part, text in (("key", key), ("value", value)):
            if len(text) > TAG_LENGTHS[part] or not TAG_TEXT.fullmatch(text):
                found.append(
                    f"{key[:40]}: the {part} has a sign that AWS does not take, or is too long."
                )
        if key.lower().startswith(OURS):
            found.append(f"{key[:40]}: names that begin with {' or '.join(OURS)} are taken.")
    if len(tags) > TAGS:
        found.append(f"At most {TAGS} tags.")
    return {"aws_tags": found} if found else {}


def seconds(text: str) -> int | None:
    """The seconds of "90 min", "1.5 h", "2 days" or "5400"; None for what is no time."""
    found = TIME.fullmatch(text.strip().lower())
    return round(float(found[1]) * UNITS[found[2][:1]]) if found else None


def pairs(text: str) -> tuple[dict[str, str], list[str]]:
    """The NAME=value lines of a text, and what is wrong with the others, by their line."""
    found: dict[str, str] = {}
    wrong: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        name, sign, value = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        if not sign or not name:
            wrong.append(f"Line {number}: write NAME=value.")
        elif name in found:
            wrong.append(f"Line {number}: {name[:40]} stands there already.")
        else:
            found[name] = value
    return found, wrong


def spelt(values: Mapping[str, str]) -> str:
    """`values` as `pairs` reads them."""
    return "\n".join(f"{name}={value}" for name, value in values.items())
