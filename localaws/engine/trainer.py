"""Runs training jobs in the slots of the machine."""

from __future__ import annotations

from collections.abc import Callable

from localaws.app import App
from localaws.engine import progress
from localaws.engine.job import Job
from localaws.engine.slots import Slots


class Trainer:
    def __init__(self, app: App, slots: Slots, ended: Callable[[], None]) -> None:
        """`ended` is called after the end of a job that never ran; `slots` knows of the others."""
        self._app, self._slots, self._ended = app, slots, ended

    def submit(self, name: str) -> None:
        """Queue a job whose record exists; it is Pending while no slot is free."""
        message = "Waiting for a free slot: as many jobs run here as fit the machine"
        self._slots.submit(
            Job(self._app, name, self._slots.share),
            lambda: progress.move(self._app, name, "Pending", message),
        )

    def stop(self, name: str) -> None:
        """A running job is told to stop; a waiting one is Stopped when this returns."""
        if self._slots.stop(progress.KIND, name):
            progress.finish(self._app, name, "Stopped", "Training job stopped")
            self._ended()
