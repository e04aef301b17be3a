"""Runs processing jobs in the slots that training jobs use too."""

from __future__ import annotations

from localaws.app import App
from localaws.engine.processing import progress
from localaws.engine.processing.job import ProcessingJob
from localaws.engine.slots import Slots


class Processor:
    def __init__(self, app: App, slots: Slots) -> None:
        self._app, self._slots = app, slots

    def submit(self, name: str) -> None:
        """Queue a job whose record exists."""
        self._slots.submit(ProcessingJob(self._app, name, self._slots.share))

    def stop(self, name: str) -> None:
        """A running job is told to stop; a waiting one is Stopped when this returns."""
        if self._slots.stop(progress.KIND, name):
            progress.finish(self._app, name, "Stopped")
