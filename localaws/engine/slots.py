"""The queue in which training and processing jobs wait for the cores."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from localaws.app import App
from localaws.engine import processes

log = logging.getLogger(__name__)


class Job(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    def run(self) -> None: ...
    def stop(self) -> None: ...
    def abandon(self) -> None: ...
    def group(self) -> int | None: ...


class Slots:
    """Half as many jobs at once as there are cores, 2 to 8; each gets its share of the cores."""

    def __init__(self, app: App, ended: Callable[[], None]) -> None:
        """`ended` is called after the end of any job, on the thread that ran it."""
        self._app, self._ended = app, ended
        self._count = min(max(2, processes.cores() // 2), 8)
        self.share = max(1, processes.cores() // self._count)
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._running: dict[tuple[str, str], Job] = {}
        self._closed = False
        self._workers: list[threading.Thread] = []

    def start(self) -> None:
        for number in range(self._count):
            worker = threading.Thread(target=self._work, name=f"slot-{number}", daemon=True)
            worker.start()
            self._workers.append(worker)

    def submit(self, job: Job, waits: Callable[[], object] = lambda: None) -> None:
        """`waits` is called when no slot is free for it, before anybody can have taken it."""
        with self._changed:
            full = len(self._running) + len(self._waiting) >= self._count
            self._waiting.append(job)
            self._changed.notify()
            if full:
                waits()

    def stop(self, kind: str, name: str) -> bool:
        """A running job is told to stop. True when it was waiting and will never run."""
        with self._changed:
            if running := self._running.get((kind, name)):
                running.stop()
                return False
            found = [job for job in self._waiting if (job.kind, job.name) == (kind, name)]
            for job in found:
                self._waiting.remove(job)
        return bool(found)

    def processes(self, kind: str) -> list[tuple[str, int]]:
        """(job, process group) of what runs."""
        with self._changed:
            jobs = [job for job in self._running.values() if job.kind == kind]
        return [(job.name, group) for job in jobs if (group := job.group()) is not None]

    def close(self) -> None:
        """Kill what runs, leaving the records to start again; under 2 seconds."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            for job in self._running.values():
                job.abandon()
            self._changed.notify_all()
        for worker in self._workers:
            worker.join(2 / self._count)

    def _work(self) -> None:
        while job := self._next():
            try:
                job.run()
            except Exception:  # the slot must not be lost with the thread
                log.exception("%s %s", job.kind, job.name)
            finally:
                with self._changed:
                    del self._running[job.kind, job.name]
                self._ended()
        self._app.store.release()

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            job = self._waiting.popleft()
            self._running[job.kind, job.name] = job
            return job
