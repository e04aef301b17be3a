"""Faults on request: what the applications must survive, made to happen.

A rule is `{"service": "sagemaker", "operation": "CreateTrainingJob", "kind": "throttle", ...}`:

* `service`, `operation`: exact name or `*`; both default to `*`. Services are named as in boto3.
* `probability` (0-1, default 1) and `count` (how often it fires, default for ever); `skip`: how
  many matching calls pass first; `seed`: the same seed hits the same calls in every run.
* `kind`: `throttle`; `error` with `code`, `message`, `status`; `latency` with `seconds`, then the
  call goes on; `hang` for up to `seconds`, or until the rules change, then the connection is
  dropped and the call was not performed; `lost_response`: the call is performed and the connection
  dropped; `stale`: the same call made again gets the answer of up to `seconds` (default 5) ago.
"""

import json
import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from localaws.errors import AwsError, throttled, validation
from localaws.wire.http import Response

KINDS = ("throttle", "error", "latency", "hang", "lost_response", "stale")


@dataclass
class Rule:
    kind: str
    service: str = "*"
    operation: str = "*"
    probability: float = 1.0
    count: int | None = None
    skip: int = 0
    seconds: float = 5.0
    code: str = "InternalFailure"
    message: str = "Injected by localaws --faults."
    status: int = 500
    seed: int | None = None
    fired: int = field(default=0, compare=False)
    chance: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311  chance, not secrecy

    def shown(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in fields(self) if item.repr}

    def concerns(self, service: str, operation: str) -> bool:
        return self.service in {"*", service} and self.operation in {"*", operation}


class Faults:
    """The rules in force, in order; every rule that fires is applied."""

    def __init__(self, rules: list[Rule] | None = None) -> None:
        self._rules = rules or []
        self._lock = threading.Lock()
        self._replaced = threading.Event()
        self._answers: dict[tuple[str, str, bytes], deque[tuple[float, Response]]] = {}

    def replace(self, rules: list[Rule]) -> None:
        with self._lock:
            self._rules = rules
            self._answers.clear()
            self._replaced.set()
            self._replaced = threading.Event()

    def rules(self) -> list[dict[str, Any]]:
        with self._lock:
            return [rule.shown() for rule in self._rules]

    def firing(self, service: str, operation: str) -> list[Rule]:
        """The rules that hit this call; asking uses them up."""
        with self._lock:
            candidates = [rule for rule in self._rules if rule.concerns(service, operation)]
            return [rule for rule in candidates if self._fires(rule)]

    def _fires(self, rule: Rule) -> bool:
        if rule.count is not None and rule.fired >= rule.count:
            return False
        if rule.skip > 0:
            rule.skip -= 1
            return False
        if rule.chance.random() >= rule.probability:
            return False
        rule.fired += 1
        return True

    def hold(self, rule: Rule) -> None:
        """Say nothing, for as long as a `hang` rule wants, or until the rules are replaced."""
        self._replaced.wait(rule.seconds)

    def stale(self, rule: Rule, call: tuple[str, str, bytes]) -> Response | None:
        """The oldest remembered answer to this very call that is not older than the rule allows."""
        horizon = time.monotonic() - rule.seconds
        with self._lock:
            remembered = self._answers.get(call, deque())
            return next((answer for at, answer in remembered if at >= horizon), None)

    def remember(self, call: tuple[str, str, bytes], answer: Response) -> None:
        """Keep an answer while some rule may want it back."""
        with self._lock:
            wanted = [r for r in self._rules if r.kind == "stale" and r.concerns(*call[:2])]
            if wanted and answer.status == 200 and not answer.slices:
                memory = self._answers.setdefault(call, deque(maxlen=200))
                memory.append((time.monotonic(), answer))


def strike(rule: Rule) -> None:
    """Faults that come before the call. Raises AwsError, or waits."""
    if rule.kind == "latency":
        time.sleep(rule.seconds)
    elif rule.kind == "throttle":
        raise throttled()
    elif rule.kind == "error":
        raise AwsError(rule.code, rule.message, rule.status)


def parse(text: str | bytes) -> list[Rule]:
    """Rules from a JSON list. Raises AwsError ValidationException naming what is wrong."""
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise validation(f"The rules are not JSON: {error}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise validation("The rules must be a list of objects")
    return [_rule(entry) for entry in entries]


def _rule(entry: dict[str, Any]) -> Rule:
    known = {item.name for item in fields(Rule) if item.init} - {"fired"}
    unknown = sorted(set(entry) - known - {"fired"})
    if unknown:
        raise validation(f"Unknown key in a rule: {', '.join(unknown)}")
    if entry.get("kind") not in KINDS:
        raise validation(f"kind must be one of {', '.join(KINDS)}")
    return Rule(**{name: value for name, value in entry.items() if name in known})


def load(path: Path) -> list[Rule]:
    return parse(path.read_text())
