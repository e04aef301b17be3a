"""What every job has that runs a program: it is stopped, abandoned, and always ends on record."""

from __future__ import annotations

import logging
import shutil
import signal
import sqlite3
import subprocess
import threading
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from localaws.app import App
from localaws.engine import processes
from localaws.engine.keeping import keep

log = logging.getLogger(__name__)

INTERNAL = "InternalServerError: We encountered an internal error. Please try again."
TICK, FLUSH_EVERY = 0.25, 0.5  # seconds
STOP_GRACE = 120.0  # Amazon's, from SIGTERM to SIGKILL

Ending = tuple[str, ...]
"""The status and what else the kind's record tells of an end."""


class Failed(Exception):
    """The job ends Failed; the text is its FailureReason."""


class ProgramJob(ABC):
    """`run` on a thread of its own; `stop` and `abandon` from any other."""

    kind: ClassVar[str]
    what: ClassVar[str]

    def __init__(self, app: App, name: str, threads: int, base: Path) -> None:
        self.app, self.name, self.base, self._threads = app, name, base, threads
        self._stop_wanted, self._abandoned = threading.Event(), threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """End the program; what it has left in its outputs by then is kept."""
        self._stop_wanted.set()

    def abandon(self) -> None:
        """localaws is leaving: kill, and leave the record as it is, to start again next time."""
        self._abandoned.set()
        if self._process is not None:
            processes.send(self._process, signal.SIGKILL)

    def group(self) -> int | None:
        """The process group, while there is one."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def run(self) -> None:
        try:
            ending = self._work()
        except Failed as failure:
            ending = self._failed(str(failure))
        except (sqlite3.Error, OSError) as error:
            log.exception("%s %s", self.what, self.name)
            ending = ("Failed", f"{INTERNAL} ({error})")
        except Exception:
            log.exception("%s %s", self.what, self.name)
            ending = ("Failed", INTERNAL)
        finally:
            if self._process is not None:
                processes.end(self._process, grace=0)
        if not self._abandoned.is_set():
            shutil.rmtree(self.base, ignore_errors=True)
        keep(lambda: self._finish(ending), self._abandoned)

    def _failed(self, reason: str) -> Ending:
        return ("Failed", reason)

    def _spawn(self, module: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        """Start the program, unless localaws left meanwhile: then it is killed at once."""
        process = processes.spawn(module, "train", base=self.base, environment=environment)
        self._process = process
        if self._abandoned.is_set():
            processes.send(process, signal.SIGKILL)
        return process

    @abstractmethod
    def _work(self) -> Ending:
        """From the inputs to the outputs. Raises Failed."""

    @abstractmethod
    def _finish(self, ending: Ending) -> None:
        """Write the end on the record."""
