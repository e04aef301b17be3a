"""A console of its own for tests that need the whole thing: `manage.py up` as a user starts it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.tooling.processes import tree, until

ROOT = Path(__file__).resolve().parents[1]
HEALTHY_SECONDS = 60
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Up:
    """Starts at once; use as a context manager, or call `stop` or `kill`."""

    def __init__(self, data_dir: Path, port: int, *arguments: str, **environment: str) -> None:
        self.data_dir = data_dir
        self.url = f"http://127.0.0.1:{port}"
        self.log = data_dir.with_name(f"{data_dir.name}-{time.monotonic_ns()}.log")
        command = [sys.executable, "manage.py", "up", "--data-dir", str(data_dir)]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(port), *arguments],
                cwd=ROOT,
                env=_clean_environment() | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> "Up":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    @property
    def output(self) -> str:
        return self.log.read_text()

    @property
    def sign_in_link(self) -> str:
        found = re.search(r"http\S+/sign-in/\S+", self.output)
        assert found, f"no sign-in link in:\n{self.output}"
        return found[0]

    @property
    def runtime(self) -> dict[str, str]:
        published: dict[str, str] = json.loads((self.data_dir / "runtime.json").read_text())
        return published

    def get(self, path: str) -> tuple[int, str]:
        """The status and body of a GET, (0, reason) when nobody answers."""
        try:
            with _direct.open(self.url + path, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def wait_ready(self, seconds: float = HEALTHY_SECONDS) -> "Up":
        """Return once it has printed its address and everything is healthy."""
        deadline = time.monotonic() + seconds
        while "mlconsole is ready" not in self.output or self.get("/healthz")[0] != 200:
            assert self.process.poll() is None, f"up stopped:\n{self.output}"
            assert time.monotonic() < deadline, f"{self.get('/healthz')}\n{self.output}"
            time.sleep(0.1)
        return self

    def manage(self, *arguments: str) -> str:
        """What a management command beside the running console prints."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=_clean_environment() | {"MLCONSOLE_DATA_DIR": str(self.data_dir)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    def family(self) -> list[int]:
        """Every process below `up`."""
        return tree(self.process.pid)

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Ask it to stop; return the seconds that took."""
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - started

    def wait_refused(self) -> str:
        """Return what it printed when it ended by itself with an error."""
        until(lambda: self.process.poll() is not None, 20, "up refuses")
        assert self.process.returncode == 1, self.output
        return self.output


def _clean_environment() -> dict[str, str]:
    """This process's environment without what the tests' own settings need."""
    foreign = ("AWS_", "MLCONSOLE_", "REDIS_URL", "DATABASE_URL", "DJANGO_", "PYTEST_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
