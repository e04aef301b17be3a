"""One model server: the process of one variant, kept alive and asked over loopback."""

from __future__ import annotations

import http.client
import logging
import queue
import socket
import sqlite3
import subprocess
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localaws.algorithms import images, programs
from localaws.app import App
from localaws.engine import processes, source

log = logging.getLogger(__name__)

INVOCATION_TIMEOUT = 60.0
_READY_TIMEOUT = 10.0
_FLUSH_EVERY = 0.5
_LONGEST_PAUSE = 30.0


class Unreachable(Exception):
    """The server gave no answer; the text says how it failed."""


class TimedOut(Unreachable):
    pass


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Log:
    group: str
    stream: str


def endpoint_log(endpoint: str, variant: str) -> Log:
    """A new stream in the group of an endpoint."""
    return Log(f"/aws/sagemaker/Endpoints/{endpoint}", f"{variant}/i-{uuid.uuid4().hex[:17]}")


class Server:
    """`spec` is a variant as endpoints.py resolves it: Image, Environment and so on.

    A process that was healthy once and ends is started again, after 0.2 s at first and up to 30 s.
    """

    def __init__(self, app: App, log: Log, spec: dict[str, Any], base: Path) -> None:
        """`log` is where its output goes; see `endpoint_log`."""
        self._app, self._log, self._spec, self._base = app, log, spec, base
        self._timeout = float(spec.get("InvocationTimeout", INVOCATION_TIMEOUT))
        self._ready, self._closing = threading.Event(), threading.Event()
        self._idle: queue.LifoQueue[http.client.HTTPConnection] = queue.LifoQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._was_healthy = False

    def start(self, timeout: float) -> bool:
        """True once /ping answers 200; False when the process ends before, or time is up.

        Raises UnknownImage.
        """
        program = programs.program(
            self._spec["Image"],
            self._spec.get("Environment", {}),
            allow_scripts=source.allowed(self._app, self._spec.get("RoleArn", "")),
        )
        process = self._spawn(program)
        threading.Thread(target=self._attend, args=(program, process), daemon=True).start()
        return self._becomes_healthy(process, time.monotonic() + timeout)

    def close(self, grace: float = 1.0) -> None:
        self._closing.set()
        self._ready.clear()
        if self._process is not None:
            processes.end(self._process, grace=grace)

    def group(self) -> int | None:
        """The process group, while there is one."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def stream(self) -> str:
        """Where its output goes."""
        return self._log.stream

    def invoke(
        self, body: bytes, headers: Mapping[str, str], timeout: float | None = None
    ) -> Reply:
        """POST /invocations, with a time limit other than the variant's if wanted.

        Raises Unreachable and TimedOut.
        """
        if not self._ready.wait(_READY_TIMEOUT):
            raise Unreachable("The model server is not running.")
        if timeout is not None:
            return self._asked(self._connection(timeout), body, headers)
        try:
            kept = self._idle.get_nowait()
        except queue.Empty:
            return self._asked(self._connection(), body, headers)
        try:
            return self._asked(kept, body, headers)
        except Unreachable as error:
            if isinstance(error, TimedOut):
                raise
            return self._asked(self._connection(), body, headers)  # the kept one was stale

    def _asked(
        self, connection: http.client.HTTPConnection, body: bytes, headers: Mapping[str, str]
    ) -> Reply:
        try:
            connection.request("POST", "/invocations", body, dict(headers))
            response = connection.getresponse()
            content = response.read()
        except TimeoutError as error:
            connection.close()
            raise TimedOut(str(error)) from error
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        usual = connection.port == self._port and connection.timeout == self._timeout
        if usual and not response.will_close:
            self._idle.put(connection)
        else:
            connection.close()
        return Reply(response.status, dict(response.headers), content)

    def _connection(self, timeout: float | None = None) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(
            "127.0.0.1", self._port, timeout=self._timeout if timeout is None else timeout
        )

    def _spawn(self, program: images.Algorithm) -> subprocess.Popen[bytes]:
        """The socket is ours first, so the port cannot be lost between choosing and binding."""
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
            listener.set_inheritable(True)
            self._port = listener.getsockname()[1]
            self._process = processes.spawn(
                *(program.module, "serve"),
                base=self._base,
                environment=self._environment(program, listener.fileno()),
                fds=(listener.fileno(),),
            )
        if self._closing.is_set():
            processes.end(self._process, grace=0)
        return self._process

    def _environment(self, program: images.Algorithm, listener: int) -> dict[str, str]:
        asked: dict[str, str] = self._spec.get("Environment", {})
        fixed = {
            "SAGEMAKER_BIND_TO_PORT": str(self._port),
            "LOCALAWS_LISTEN_FD": str(listener),
            "LOCALAWS_IMAGE_TAG": images.tag(self._spec["Image"]),
            "AWS_REGION": self._app.region,
        }
        if program.is_script:
            fixed |= source.environment(self._app)
        return asked | fixed | processes.threads(1)

    def _becomes_healthy(self, process: subprocess.Popen[bytes], deadline: float) -> bool:
        while time.monotonic() < deadline and not self._closing.is_set():
            if self._pings():
                self._was_healthy = True
                self._ready.set()
                return True
            if process.poll() is not None:
                return False
            self._closing.wait(0.05)
        return False

    def _pings(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
        try:
            connection.request("GET", "/ping")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _attend(self, program: images.Algorithm, process: subprocess.Popen[bytes]) -> None:
        """Keep the log, and after a crash start the process again."""
        pause = 0.2
        while True:
            born = time.monotonic()
            self._keep_log(process)
            process.wait()
            self._ready.clear()
            pause = 0.2 if time.monotonic() - born > 60 else pause
            if not self._was_healthy or self._closing.wait(pause):
                break
            pause = min(2 * pause, _LONGEST_PAUSE)
            process = self._spawn(program)
            deadline = time.monotonic() + 60
            waiter = (process, deadline)
            threading.Thread(target=self._becomes_healthy, args=waiter, daemon=True).start()
        self._app.store.release()

    def _keep_log(self, process: subprocess.Popen[bytes]) -> None:
        events: list[tuple[int, str]] = []
        written = time.monotonic()
        for line in processes.lines(process, tick=_FLUSH_EVERY):
            if line is not None:
                events.append((int(time.time() * 1000), line.replace("\t", "#011")))
            if events and time.monotonic() - written >= _FLUSH_EVERY:
                self._put(events)
                events, written = [], time.monotonic()
        if events:
            self._put(events)

    def _put(self, events: list[tuple[int, str]]) -> None:
        """Lines are lost when they cannot be stored: a model server must not wait for a disk."""
        try:
            self._app.logs.put(self._log.group, self._log.stream, events)
        except (OSError, sqlite3.Error) as error:
            log.warning("%d lines of %s are lost: %s", len(events), self._log.stream, error)
