"""localaws as a process on a free port."""

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

ROOT = Path(__file__).parents[2]
REGION = "us-east-1"


class LocalAws:
    """A running `python -m localaws`; it can be stopped, killed and started again on its data."""

    python = sys.executable

    def __init__(self, data: Path, *arguments: str) -> None:
        self.data = data
        self.arguments = arguments
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        self.log = self.data.parent / f"localaws-{self.port}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.python, "-m", "localaws", *self._options()],
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={k: v for k, v in os.environ.items() if not k.startswith("AWS_")},
            )
        self._wait_until_healthy()
        credentials = json.loads((self.data / "credentials.json").read_text())
        self.access_key = credentials["access_key_id"]
        self.secret = credentials["secret_access_key"]
        self.session = boto3.Session(self.access_key, self.secret, region_name=REGION)

    def _options(self) -> list[str]:
        return ["--port", str(self.port), "--data", str(self.data), *self.arguments]

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/_localaws/health", timeout=2):  # noqa: S310  loopback
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.03)
        raise AssertionError(f"localaws did not start:\n{self.log.read_text()}")

    def client(self, service: str, **config: Any) -> Any:
        """A boto3 client with short time-outs and no retries unless asked for."""
        settings: dict[str, Any] = {"retries": {"total_max_attempts": 1}, "read_timeout": 60}
        connect: Any = self.session.client  # the stubs know every service by name only
        return connect(service, endpoint_url=self.url, config=Config(**settings | config))

    def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        service: str | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """A plain HTTP call, signed when a service is named: status, headers, body."""
        request = AWSRequest(method, self.url + path, data=body, headers=headers or {})
        if service:
            signer = S3SigV4Auth if service == "s3" else SigV4Auth
            signer(Credentials(self.access_key, self.secret), service, REGION).add_auth(request)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body or None, dict(request.headers.items()))
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)

    def kill(self) -> None:
        """SIGKILL: what a power cut looks like to the process."""
        self.process.kill()
        self.process.wait(timeout=10)

    def restart(self) -> None:
        if self.process.poll() is None:
            self.stop()
        self.start()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def localaws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Shared by the tests of one worker: choose names of your own, inject no faults into it."""
    service = LocalAws(tmp_path_factory.mktemp("localaws") / "data")
    yield service
    service.stop()


@pytest.fixture
def bucket(localaws: LocalAws) -> str:
    """A fresh bucket."""
    name = f"bucket-{secrets.token_hex(6)}"
    localaws.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def s3(localaws: LocalAws) -> Any:
    return localaws.client("s3", signature_version="s3v4")


@pytest.fixture
def own_localaws(tmp_path: Path) -> Iterator[LocalAws]:
    """For tests that restart, kill, or inject faults."""
    yield from _on_its_own(tmp_path)


@pytest.fixture
def own_scripting(tmp_path: Path) -> Iterator[LocalAws]:
    """The same, and it runs users' scripts."""
    yield from _on_its_own(tmp_path, "--allow-scripts")


def _on_its_own(directory: Path, *arguments: str) -> Iterator[LocalAws]:
    service = LocalAws(directory / "data", *arguments)
    yield service
    if service.process.poll() is None:
        service.stop()
