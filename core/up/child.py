"""One process of the console, run under a guard that ends its whole tree when `up` is gone."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from core.up.console import Console

ROOT = Path(__file__).resolve().parents[2]
GUARD = Path(__file__).with_name("guard.py")
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
STEADY_SECONDS = 30.0


class Child:
    """`once`: it may end, and is then not started again."""

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], *, once: bool = False
    ) -> None:
        self.name = name
        self.once = once
        self.starts = 0
        self._command = list(command)
        self._env = dict(env)
        self._delay = FIRST_DELAY
        self._started = 0.0
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._leash = -1

    def start(self, console: Console, lock: int) -> None:
        watched, self._leash = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(GUARD), str(watched), str(lock), *self._command],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
                pass_fds=(watched, lock),
                cwd=ROOT,
            )
        finally:
            os.close(watched)
        self.starts += 1
        self._started = time.monotonic()
        assert self._process.stdout is not None  # noqa: S101 - narrows the type: stdout is PIPE
        self._reader = threading.Thread(
            target=_copy, args=(self._process.stdout, self.name, console), daemon=True
        )
        self._reader.start()

    @property
    def exit_code(self) -> int | None:
        """None while it runs; 0 before its first start."""
        return self._process.poll() if self._process else 0

    def next_delay(self) -> float:
        """Seconds to wait before the next start: doubling, forgiven after a steady while."""
        if time.monotonic() - self._started > STEADY_SECONDS:
            self._delay = FIRST_DELAY
        delay, self._delay = self._delay, min(self._delay * 2, LONGEST_DELAY)
        return delay

    def terminate(self) -> None:
        if self._process:
            self._process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait until it has ended, at the latest until `deadline` on the monotonic clock."""
        if self._process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(max(0.0, deadline - time.monotonic()))

    def bury(self) -> None:
        """Kill whatever still lives of it and return when nothing does."""
        if not self._process:
            return
        os.close(self._leash)
        self._process.wait()
        # Only after somebody killed the guard itself is anything left in its group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._reader:
            self._reader.join(1.0)
        self._process = None


def _copy(lines: IO[str], name: str, console: Console) -> None:
    with lines:
        for line in lines:
            if line.strip():
                console.line(name, line)
