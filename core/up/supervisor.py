"""Starts stages of children in order, restarts what dies, stops them in reverse order."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.up.child import Child
from core.up.console import Console
from core.up.errors import Stopped, UpError

STOP_SECONDS = 4.5
RESERVED_PER_STAGE = 0.5
TICK_SECONDS = 0.2


class Supervisor:
    """`lock` is the descriptor of the data directory's lock, shared with every guard."""

    def __init__(self, console: Console, lock: int) -> None:
        self._console = console
        self._lock = lock
        self._stages: list[list[Child]] = []
        self._due: dict[Child, float] = {}
        self._is_asked_to_stop = False
        self._may_be_cut = False

    def ask_to_stop(self, *_signal: object) -> None:
        """A signal handler: the next `pause` or `start` raises Stopped.

        An exception raised here could hit between a fork and the note of the new process.
        """
        is_first, self._is_asked_to_stop = not self._is_asked_to_stop, True
        if is_first and self._may_be_cut:
            raise Stopped

    @contextmanager
    def cut_short(self) -> Iterator[None]:
        """For what takes seconds, starts no process and may end anywhere: a signal ends it."""
        self.pause(0)
        self._may_be_cut = True
        try:
            yield
        finally:
            self._may_be_cut = False

    def pause(self, seconds: float) -> None:
        if self._is_asked_to_stop:
            raise Stopped
        time.sleep(seconds)

    def start(self, *children: Child) -> None:
        """Start one stage: children that may start, and stop, at the same time."""
        self.pause(0)
        self._stages.append(list(children))
        for child in children:
            child.start(self._console, self._lock)

    def join(self, child: Child) -> None:
        """Start a child that belongs to the newest stage."""
        self._stages[-1].append(child)
        child.start(self._console, self._lock)

    def wait_for(self, child: Child, is_ready: Callable[[], bool], seconds: float) -> None:
        """Raise UpError when `child` ends, or `seconds` pass, before it is ready."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if child.exit_code is not None:
                raise UpError(f"{child.name} stopped with code {child.exit_code}: see above.")
            if time.monotonic() > deadline:
                raise UpError(f"{child.name} did not answer within {seconds:g} seconds.")
            self.pause(0.02)

    def watch(self) -> None:
        """Restart what dies, until asked to stop."""
        while True:
            self.revive(time.monotonic())
            self.pause(TICK_SECONDS)

    def revive(self, now: float) -> None:
        for child in [child for stage in self._stages for child in stage]:
            if child in self._due:
                if now >= self._due[child]:
                    del self._due[child]
                    child.start(self._console, self._lock)
            elif child.exit_code is not None:
                self._ended(child, now)

    def stop(self) -> None:
        """Stop the stages in reverse order within STOP_SECONDS; kill what does not end in time."""
        deadline = time.monotonic() + STOP_SECONDS
        while self._stages:
            stage = self._stages.pop()
            for child in stage:
                child.terminate()
            for child in stage:
                child.wait(deadline - RESERVED_PER_STAGE * len(self._stages))
            for child in stage:
                child.bury()

    def _ended(self, child: Child, now: float) -> None:
        code = child.exit_code
        child.bury()
        if child.once:
            for stage in self._stages:
                stage[:] = [other for other in stage if other is not child]
            return
        delay = child.next_delay()
        self._due[child] = now + delay
        self._console.say(
            f"{child.name} stopped with code {code}; starting it again in {delay:g} s"
        )
