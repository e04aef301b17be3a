"""The console's own processes around a test: broker, web, worker, beat, on the test's database."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from core import local
from core.up import commands, guard, valkey
from tests.localaws.conftest import free_port
from tests.tooling.processes import until

ROOT = Path(__file__).parents[2]


class Processes:
    """Started and stopped one by one; `close` kills what is left."""

    def __init__(self, directory: Path, aws: dict[str, str]) -> None:
        self.directory = local.private_dir(directory)
        self.broker_port, self.web_port = free_port(), free_port()
        self.password = "a-password-for-this-test"
        self.redis_url = valkey.url(self.broker_port, self.password)
        self.environment = {
            **os.environ,
            **aws,
            "REDIS_URL": self.redis_url,
            "DATABASE_URL": database_url(),
            "POLL_SECONDS": "0.5",
            "WORKER_CONCURRENCY": "1",
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def _start(self, name: str, command: list[str], **environment: str) -> None:
        with (self.directory / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_broker(self) -> None:
        self._start("valkey", valkey.command(self.directory, self.broker_port, self.password))
        until(lambda: valkey.answers(self.redis_url), 10, "Valkey answers")

    def start_worker(self, **environment: str) -> None:
        self._start(
            "worker",
            commands.worker("worker", "celery"),
            **commands.WORKER_ENVIRONMENT,
            **environment,
        )

    def start_beat(self) -> None:
        self._start("beat", commands.beat(self.directory))

    def start_web(self) -> None:
        self._start("web", commands.web("127.0.0.1", self.web_port))
        until(lambda: commands.get(self.web_port, "/livez") == 200, 30, "web answers")

    def kill(self, name: str) -> None:
        """SIGKILL to the process and everything it started."""
        process = self.running.pop(name)
        for pid in (*guard.descendants(process.pid), process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(timeout=10)

    def post(self, path: str, body: object, token: str) -> tuple[int, object]:
        """Status and JSON answer of the web process."""
        caller = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=20)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        with contextlib.closing(caller):
            caller.request("POST", path, json.dumps(body), headers)
            answer = caller.getresponse()
            return answer.status, json.loads(answer.read())

    def close(self) -> None:
        for name in list(self.running):
            self.kill(name)

    def told(self) -> str:
        """What the processes printed, for a failing test's message."""
        return "\n".join(
            f"--- {log.name}\n{log.read_text()[-3000:]}" for log in self.directory.glob("*.log")
        )


def database_url() -> str:
    """The test's database, as the settings read it."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}?timeout=20&transaction_mode=IMMEDIATE"
    # A host without a place in the address is the folder of a unix socket, handed on as an option.
    place = f"{at['HOST']}:{at['PORT'] or 5432}" if at["HOST"] else ""
    socket = f"?host={at['OPTIONS']['host']}" if "host" in at["OPTIONS"] else ""
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{place}/{at['NAME']}{socket}"


@contextlib.contextmanager
def processes(directory: Path, aws: dict[str, str]) -> Iterator[Processes]:
    started = Processes(directory, aws)
    try:
        yield started
    finally:
        started.close()
