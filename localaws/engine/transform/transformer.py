"""Runs transform jobs: one at a time, the others wait in their order."""

from __future__ import annotations

import logging
import threading
from collections import deque

from localaws.app import App
from localaws.engine.transform import progress
from localaws.engine.transform.job import TransformJob

log = logging.getLogger(__name__)


class Transformer:
    """Every method returns at once; the record's status says how the work goes on."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._changed = threading.Condition()
        self._waiting: deque[str] = deque()
        self._running: TransformJob | None = None
        self._closed = False
        self._worker = threading.Thread(target=self._work, name="transformer", daemon=True)

    def start(self) -> None:
        self._worker.start()

    def submit(self, name: str) -> None:
        """Queue a job whose record exists."""
        with self._changed:
            self._waiting.append(name)
            self._changed.notify()

    def stop(self, name: str) -> None:
        """A running job is told to stop; a waiting one is Stopped when this returns."""
        with self._changed:
            if self._running is not None and self._running.name == name:
                self._running.stop()
                return
            if name not in self._waiting:
                return
            self._waiting.remove(name)
        progress.finish(self._app, name, "Stopped")

    def processes(self) -> list[tuple[str, int]]:
        """(`<job>/<instance>`, process group) of what runs."""
        running = self._running
        return running.processes() if running is not None else []

    def close(self) -> None:
        """Kill what runs, leaving its record to start again; under a second."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            if self._running is not None:
                self._running.abandon()
            self._changed.notify_all()
        self._worker.join(1)

    def _work(self) -> None:
        while job := self._next():
            try:
                job.run()
            except Exception:  # the jobs after it must not wait for ever
                log.exception("Transform job %s", job.name)
            finally:
                with self._changed:
                    self._running = None
        self._app.store.release()

    def _next(self) -> TransformJob | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            self._running = TransformJob(self._app, self._waiting.popleft())
            return self._running
