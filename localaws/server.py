"""The socket side: one thread per connection, HTTP/1.1, loopback by default."""

import contextlib
import fcntl
import logging
import os
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol

from localaws import autoscaling, cloudwatch, iam, logs, pricing, quotas, runtime, scaler, sqs, sts
from localaws.app import App
from localaws.auth import Credentials
from localaws.clock import Clock
from localaws.cloudwatch import Metrics
from localaws.errors import AwsError
from localaws.faults import Faults, Rule
from localaws.iam import Roles
from localaws.logs import Logs
from localaws.s3.blobs import Blobs
from localaws.s3.objects import Objects
from localaws.sagemaker import lifecycle
from localaws.store import Store
from localaws.wire import dispatch
from localaws.wire.http import Body, DroppedError, Request, Response

log = logging.getLogger(__name__)

ACCOUNT_ID = "123456789012"
# Imported so that their operations are registered.
SERVICES = (autoscaling, cloudwatch, iam, logs, pricing, quotas, runtime, sqs, sts)


class Lifecycle(Protocol):
    def start(self, app: App) -> None: ...
    def stop(self, app: App) -> None: ...


LIFECYCLES: tuple[Lifecycle, ...] = (lifecycle, scaler)


def build(
    data: Path,
    *,
    port: int,
    region: str,
    host: str = "127.0.0.1",
    rules: list[Rule] | None = None,
    allow_scripts: bool = False,
) -> App:
    """Open (or create) the state below `data`. Raises OSError when another process has it open."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    _lock(data)
    store, clock = Store(data / "localaws.sqlite3"), Clock()
    store.install(sqs.SCHEMA + autoscaling.SCHEMA)
    return App(
        data=data,
        region=region,
        account_id=ACCOUNT_ID,
        host=host,
        port=port,
        store=store,
        clock=clock,
        faults=Faults(rules),
        credentials=Credentials(data / "credentials.json", store, ACCOUNT_ID),
        objects=Objects(store, Blobs(data / "blobs"), clock),
        logs=Logs(store, clock),
        metrics=Metrics(store),
        roles=Roles(store),
        allow_scripts=allow_scripts,
    )


def _lock(data: Path) -> None:
    """Held until the process ends, however it ends. Raises OSError when another one holds it."""
    lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise OSError(f"another localaws is running on {data}") from None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "localaws"
    sys_version = ""
    rbufsize = 1 << 17
    wbufsize = 1 << 16
    timeout = 120
    server: "Server"
    _expecting = False

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def finish(self) -> None:
        try:
            with contextlib.suppress(ConnectionError):
                super().finish()
        finally:
            self.server.app.store.release()

    def handle_expect_100(self) -> bool:
        """Later, when the body is wanted. The base class would leave it in our buffer, where boto3
        waits a second for it on every PUT.
        """
        self._expecting = True
        return True

    def _go_on(self) -> None:
        self.send_response_only(HTTPStatus.CONTINUE)
        self.end_headers()
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        log.debug(format, *args)

    def answer(self) -> None:
        before = self._go_on if self._expecting else None
        self._expecting = False
        try:
            body = Body(self.rfile, self.headers, before)
        except AwsError as problem:  # a Content-Length that is none: nothing can be read on here
            self.send_error(problem.status, problem.message)
            self.close_connection = True
            return
        request = Request(self.command, self.path, self.headers, body)
        try:
            self._send(request, dispatch.answer(self.server.app, request))
            self.close_connection = self.close_connection or not body.drain()
        except DroppedError:
            self._drop()
        except OSError:  # the client went away
            self.close_connection = True

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_OPTIONS = answer  # noqa: N815  looked up by these names

    def _send(self, request: Request, response: Response) -> None:
        try:
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self._send_length(response)
            if not request.body.is_reusable:
                self.send_header("Connection", "close")
            self.end_headers()
            if request.method == "HEAD":
                return
            self.wfile.write(response.body)
            self.wfile.flush()
            for part in response.slices:
                self.connection.sendfile(part.file, part.start, part.size)
        finally:
            response.close()

    def _send_length(self, response: Response) -> None:
        has_length = any(name.lower() == "content-length" for name in response.headers)
        if not has_length and response.status not in {204, 304}:
            self.send_header("Content-Length", str(response.length))


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, app: App) -> None:
        self.app = app
        super().__init__((app.host, app.port), Handler)

    def server_bind(self) -> None:
        """Without the base class's reverse name lookup, which may take seconds."""
        super(ThreadingHTTPServer, self).server_bind()
        self.server_name, self.server_port = str(self.app.host), self.server_address[1]


def serve(app: App, stop: threading.Event, ready: Callable[[], None]) -> None:
    """Answer requests until `stop` is set; `ready` is called once when the first would be answered.

    Raises OSError when the port is taken.
    """
    server = Server(app)
    app.port = server.server_port
    app.objects.blobs.sweep_in_background(app.store)
    for service in LIFECYCLES:
        service.start(app)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="http", daemon=True)
    thread.start()
    try:
        ready()
        stop.wait()
    finally:
        server.shutdown()
        for service in reversed(LIFECYCLES):
            service.stop(app)
        server.server_close()
