"""Hands waiting requests to the model servers, as many at once as the endpoint allows."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import Counter, defaultdict

from localaws.app import App
from localaws.engine.backlog import answering, entries
from localaws.engine.backlog.answering import Answerer, Outcome
from localaws.engine.backlog.entries import Entry
from localaws.engine.deployment import Deployment
from localaws.engine.host import Host
from localaws.engine.keeping import keep
from localaws.engine.tally import Tally

log = logging.getLogger(__name__)

_LOOK_EVERY, _PUBLISH_EVERY = 0.5, 60.0
_MOST = 64
"""Threads per endpoint, however many its instances would take."""


class Backlog:
    """A request that was being answered when localaws ended is asked again: at least once."""

    def __init__(self, app: App, host: Host, tally: Tally) -> None:
        self._app, self._host, self._tally = app, host, tally
        self._answerer = Answerer(app, host, tally)
        self._under_way: dict[str, set[str]] = defaultdict(set)
        self._published: dict[str, tuple[float, int]] = {}
        self._some, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="backlog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, entry: Entry) -> None:
        """Stored when this returns."""
        entries.add(self._app, entry)
        self._some.set()

    def close(self) -> None:
        """What is under way is asked again next time."""
        self._closed.set()
        self._some.set()
        self._thread.join(1)

    def _work(self) -> None:
        while not self._closed.is_set():
            waiting: Counter[str] = Counter()
            self._some.clear()
            try:
                waiting = entries.counts(self._app)
                for endpoint in waiting:
                    self._serve(endpoint)
                self._publish(waiting)
            except (OSError, sqlite3.Error) as error:
                log.warning("Asynchronous requests wait: %s", error)
            self._some.wait(_LOOK_EVERY if waiting else _PUBLISH_EVERY / 10)
        self._app.store.release()

    def _serve(self, endpoint: str) -> None:
        """Start as many as there is room for."""
        live = self._host.serving(endpoint)
        busy = self._under_way[endpoint]
        room = min(_MOST, live.capacity() if live else 0) - len(busy)
        if room <= 0:
            return
        found = entries.first(self._app, endpoint, room + len(busy))
        for entry in [entry for entry in found if entry.id not in busy][:room]:
            busy.add(entry.id)
            name = f"async-{endpoint}"
            threading.Thread(target=self._answer, args=(entry,), name=name, daemon=True).start()

    def _answer(self, entry: Entry) -> None:
        started = time.time()
        try:
            outcome = self._answerer.ask(entry)
            if self._closed.is_set():  # the server went with us: this is no answer
                return
            keep(lambda: self._answerer.store(outcome), self._closed)
            self._end(entry)
            self._count(outcome, started)
        except answering.NotNow:
            self._closed.wait(_LOOK_EVERY / 10)
        except Exception:  # the request must neither keep its place nor be asked for ever
            log.exception("Asynchronous request %s", entry.id)
            self._end(entry)
        finally:
            self._under_way[entry.endpoint].discard(entry.id)
            self._app.store.release()
            self._some.set()

    def _end(self, entry: Entry) -> None:
        keep(lambda: entries.remove(self._app, entry), self._closed)

    def _count(self, outcome: Outcome, started: float) -> None:
        entry = outcome.entry
        dimensions = {"EndpointName": entry.endpoint, "VariantName": outcome.variant}
        waited, took = started - entry.received, time.time() - entry.received
        name = "InvocationFailures" if outcome.failure else "InvocationsProcessed"
        self._tally.note(name, dimensions, 1.0, "Count")
        self._tally.note("TimeInBacklog", dimensions, waited * 1e3, "Milliseconds")
        self._tally.note("TotalProcessingTime", dimensions, took * 1e3, "Milliseconds")

    def _publish(self, waiting: Counter[str]) -> None:
        """Once a minute, and when a queue begins to grow."""
        now = time.monotonic()
        for endpoint, live in self._host.asynchronous():
            last, size = self._published.get(endpoint, (float("-inf"), 0))
            if now - last >= _PUBLISH_EVERY or waiting[endpoint] > 0 == size:
                self._published[endpoint] = now, waiting[endpoint]
                self._note(endpoint, live, waiting[endpoint])

    def _note(self, endpoint: str, live: Deployment, waiting: int) -> None:
        dimensions, instances = {"EndpointName": endpoint}, sum(live.instances.values())
        stuck = float(waiting > 0 and not instances)
        self._tally.note("ApproximateBacklogSize", dimensions, waiting, "Count")
        self._tally.note("HasBacklogWithoutCapacity", dimensions, stuck, "Count")
        if instances:
            each = waiting / instances
            self._tally.note("ApproximateBacklogSizePerInstance", dimensions, each, "Count")
