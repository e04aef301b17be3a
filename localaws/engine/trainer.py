"""Runs training jobs: a bounded number at once, the others wait in their order."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from localaws.app import App
from localaws.engine import processes, progress
from localaws.engine.job import Job

log = logging.getLogger(__name__)


class Trainer:
    """Half as many jobs at once as there are cores, 2 to 8; each gets its share of the cores."""

    def __init__(self, app: App, ended: Callable[[], None] = lambda: None) -> None:
        """`ended` is called after the end of any job, on the thread that ran it."""
        self._app, self._ended = app, ended
        self.slots = min(max(2, processes.cores() // 2), 8)
        self._share = max(1, processes.cores() // self.slots)
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._running: dict[str, Job] = {}
        self._closed = False
        self._workers: list[threading.Thread] = []

    def start(self) -> None:
        for number in range(self.slots):
            worker = threading.Thread(target=self._work, name=f"trainer-{number}", daemon=True)
            worker.start()
            self._workers.append(worker)

    def submit(self, name: str) -> None:
        """Queue a job whose record exists; it is Pending while no slot is free."""
        with self._changed:
            full = len(self._running) + len(self._waiting) >= self.slots
            self._waiting.append(Job(self._app, name, self._share))
            self._changed.notify()
            if full:  # said under the lock: nobody can have taken the job yet
                message = "Waiting for a free slot: as many jobs run here as fit the machine"
                progress.move(self._app, name, "Pending", message)

    def stop(self, name: str) -> None:
        """A running job is told to stop; a waiting one is Stopped when this returns."""
        with self._changed:
            if name in self._running:
                self._running[name].stop()
                return
            job = next((job for job in self._waiting if job.name == name), None)
            if job is None:
                return
            self._waiting.remove(job)
        progress.finish(self._app, name, "Stopped", "Training job stopped")
        self._ended()

    def processes(self) -> list[tuple[str, int]]:
        """(job, process group) of what runs."""
        with self._changed:
            jobs = list(self._running.values())
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
            worker.join(2 / self.slots)

    def _work(self) -> None:
        while job := self._next():
            try:
                job.run()
            except Exception:  # the slot must not be lost with the thread
                log.exception("Training job %s", job.name)
            finally:
                with self._changed:
                    del self._running[job.name]
                self._ended()
        self._app.store.release()

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            job = self._waiting.popleft()
            self._running[job.name] = job
            return job
