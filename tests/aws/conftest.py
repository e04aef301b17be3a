"""Three services to talk to: localaws, moto's server as a second opinion, and a scripted one.

The scripted one answers what it is told, byte for byte, for what neither of the others does on
demand: AWS's rarer errors, silence, part of an answer.
"""

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from aws import clients
from aws.clients import Account
from tests.localaws.conftest import (
    LocalAws,
    free_port,
    localaws,  # noqa: F401  # the fixture, for this folder
)

REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/mlconsole-execution"


@dataclass
class Reply:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Scripted:
    """Gives out `replies` in turn, the last one for ever, and remembers every request."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [Reply()]
        self.requests: list[Request] = []
        self.released = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.account = Account(region=REGION, endpoint_url=self.url)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def says(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def fails(self, code: str, message: str = "", status: int = 400, **more: Any) -> None:
        """An error in the form of AWS's JSON services."""
        body = json.dumps({"__type": code, "message": message, **more}).encode()
        self.says(Reply(status, body, {"x-amzn-ErrorType": code, "x-amzn-RequestId": "req-1"}))

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                script.requests.append(Request(self.command, self.path, dict(self.headers), body))
                reply = script.replies.pop(0) if len(script.replies) > 1 else script.replies[0]
                if reply.delay and script.released.wait(reply.delay):
                    return
                self.send_response(reply.status)
                for name, value in {
                    "Content-Length": str(len(reply.body)),
                    **reply.headers,
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, *_: Any) -> None:
                pass

        for method in ("GET", "PUT", "POST", "HEAD", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.answer)
        return Handler


@pytest.fixture
def scripted(credentials: None) -> Iterator[Scripted]:
    server = Scripted()
    yield server
    server.close()


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Base credentials for services that do not check them, and nothing else of the machine's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(clients, "_clients", {})  # none of another test's, and leave none


@pytest.fixture(scope="session")
def moto_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    log = tmp_path_factory.mktemp("moto") / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(url, log)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_until_up(url: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=2).close()  # noqa: S310  # our own
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"moto did not start:\n{log.read_text()}")


@pytest.fixture
def moto(moto_url: str, credentials: None) -> Account:
    return Account(region=REGION, endpoint_url=moto_url)


@pytest.fixture
def local(localaws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Account:  # noqa: F811  # it is that fixture
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", localaws.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", localaws.secret)
    return Account(region=REGION, endpoint_url=localaws.url)


@pytest.fixture(params=["local", "moto"])
def account(request: pytest.FixtureRequest) -> Account:
    """The same test against both services."""
    chosen: Account = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name of the test's own: the services are shared by the tests of one worker."""
    return f"t-{abs(hash(request.node.nodeid)):x}"[:20]
