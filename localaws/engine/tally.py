"""Counts invocations for CloudWatch, in the background: a prediction does not wait for a disk."""

from __future__ import annotations

import logging
import sqlite3
import threading
from datetime import datetime

from localaws.app import App

log = logging.getLogger(__name__)

NAMESPACE = "AWS/SageMaker"
_FLUSH_EVERY = 0.5

_Counted = tuple[str, float, str]
_Value = tuple[str, dict[str, str], float, datetime, str]


class Tally:
    """Values are stored within half a second, and on `close`; SIGKILL loses the rest."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._values: list[_Value] = []
        self._some, self._closed = threading.Event(), threading.Event()
        self._writer = threading.Thread(target=self._write, name="tally", daemon=True)

    def start(self) -> None:
        self._writer.start()

    def add(
        self, endpoint: str, variant: str, status: int, microseconds: float, *, instances: int
    ) -> None:
        """`status` 0 means that the server gave no answer; serverless variants have 0 instances."""
        usage = [("Invocations", 1.0, "None")]
        if instances:
            usage.append(("InvocationsPerInstance", 1.0 / instances, "None"))
        self._add(endpoint, variant, status, microseconds, usage)

    def add_asynchronous(
        self, endpoint: str, variant: str, status: int, microseconds: float
    ) -> None:
        """Amazon counts no Invocations on asynchronous endpoints."""
        self._add(endpoint, variant, status, microseconds, [])

    def note(self, name: str, dimensions: dict[str, str], value: float, unit: str) -> None:
        """Any other value of the namespace."""
        with self._lock:
            self._values.append((name, dimensions, value, self._app.clock.now(), unit))
        self._some.set()

    def _add(
        self, endpoint: str, variant: str, status: int, latency: float, usage: list[_Counted]
    ) -> None:
        client, server = 400 <= status < 500, status == 0 or status >= 500
        now = self._app.clock.now()
        dimensions = {"EndpointName": endpoint, "VariantName": variant}
        values = [
            (name, dimensions, value, now, unit)
            for name, value, unit in (
                *usage,
                ("ModelLatency", latency, "Microseconds"),
                ("Invocation4XXErrors", float(client), "None"),
                ("Invocation5XXErrors", float(server), "None"),
                ("InvocationModelErrors", float(client or server), "None"),
            )
        ]
        with self._lock:
            self._values += values
        self._some.set()

    def close(self) -> None:
        self._closed.set()
        self._some.set()
        self._writer.join(1)

    def _write(self) -> None:
        while not self._closed.is_set():
            self._some.wait()
            self._closed.wait(_FLUSH_EVERY)
            self._some.clear()
            try:
                self._flush()
            except (OSError, sqlite3.Error) as error:
                log.warning("Counts of invocations are lost: %s", error)
        self._app.store.release()

    def _flush(self) -> None:
        with self._lock:
            values, self._values = self._values, []
        if not values:
            return
        with self._app.store.transaction():
            for name, dimensions, value, at, unit in values:
                self._app.metrics.put(NAMESPACE, name, dimensions, value, at, unit)
