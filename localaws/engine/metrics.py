"""From the lines a job prints to its log stream, its metrics and its FinalMetricDataList."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localaws.app import App
from localaws.cloudwatch import Metric

Matcher = Callable[[str], re.Match[str] | None]

GROUP = "/aws/sagemaker/TrainingJobs"
_MOST_LINES = 100_000


@dataclass
class Journal:
    """Collects the lines of one job; `flush` writes what is new in one commit."""

    app: App
    job: str
    stream: str
    matchers: list[tuple[str, Matcher]]
    group: str = GROUP
    last: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    _recent: deque[str] = field(default_factory=lambda: deque(maxlen=10))
    _events: list[tuple[int, str]] = field(default_factory=list)
    _values: list[tuple[str, float, datetime]] = field(default_factory=list)

    def add(self, line: str) -> None:
        """CloudWatch stores a tab as `#011`, and the regexes of the built-in images rely on it."""
        now = self.app.clock.now()
        stored = line.replace("\t", "#011")
        self._recent.append(line)
        self._events.append((int(now.timestamp() * 1000), stored))
        for name, matcher in self.matchers:
            if found := matcher(stored):
                self._measure(name, found, now)

    def _measure(self, name: str, found: re.Match[str], now: datetime) -> None:
        try:
            value = float(found.group(1))
        except (ValueError, IndexError, TypeError):
            return  # the caller's regex caught something that is no number
        self._values.append((name, value, now))
        self.last[name] = (value, now)

    def flush(self) -> bool:
        """False when there was nothing new. Raises OSError without room, and keeps what is new."""
        if not self._events:
            return False
        del self._events[:-_MOST_LINES]
        with self.app.store.transaction():
            self.app.logs.put(self.group, self.stream, self._events)
            for name, value, at in self._values:
                self.app.metrics.put(GROUP, name, {"TrainingJobName": self.job}, value, at)
        self._events, self._values = [], []
        return True

    def tail(self) -> str:
        """The last lines, for a failure that left no failure file."""
        return "\n".join(self._recent)

    def final(self) -> list[dict[str, Any]]:
        """FinalMetricDataList: the last value of every metric, in order of appearance."""
        return [
            {"MetricName": name, "Value": value, "Timestamp": at}
            for name, (value, at) in self.last.items()
        ]


def matchers(definitions: list[tuple[str, str]]) -> list[tuple[str, Matcher]]:
    """Raises re.error for a regex that does not compile."""
    return [(name, _matcher(re.compile(regex))) for name, regex in definitions]


def _matcher(pattern: re.Pattern[str]) -> Matcher:
    """A search that begins with `.*` finds at the start or nowhere, but tries every start."""
    return pattern.match if pattern.pattern.startswith(".*") else pattern.search


def history(app: App, job: str, name: str, since: datetime) -> list[float]:
    """The values of one metric of a job from then on, in the order of the log."""
    rows = app.store.connection().execute(
        "SELECT value FROM metric_values"
        " WHERE namespace = ? AND name = ? AND dimensions = ? AND at >= ? ORDER BY id",
        (*Metric(GROUP, name, {"TrainingJobName": job}).key, since.timestamp()),
    )
    return [row["value"] for row in rows]
