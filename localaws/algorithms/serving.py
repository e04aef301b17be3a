"""The serving half of the container contract: GET /ping and POST /invocations.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType

log = logging.getLogger(__name__)

MAX_CONTENT_LENGTH = 6 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    content_type: str = "text/plain"
    status: int = 200


Predict = Callable[[bytes, str, str], Answer]
"""Payload, Content-Type, Accept (both may be empty) to the answer."""


def run(predict: Predict) -> None:
    """Serve on the listening socket of LOCALAWS_LISTEN_FD, else on SAGEMAKER_BIND_TO_PORT."""
    signal.signal(signal.SIGTERM, _leave)
    server = _Server(("127.0.0.1", 0), _Handler, bind_and_activate=False)
    server.predict = predict
    server.listen()
    server.serve_forever()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    predict: Predict

    def listen(self) -> None:
        self.socket.close()
        if "LOCALAWS_LISTEN_FD" in os.environ:
            self.socket = socket.socket(fileno=int(os.environ["LOCALAWS_LISTEN_FD"]))
        else:
            port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
            self.socket = socket.create_server(("127.0.0.1", port), backlog=128)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet, or each answer waits 40 ms for a delayed ACK

    def do_GET(self) -> None:
        if self.path == "/ping":
            self._send(Answer())
        elif self.path == "/execution-parameters":
            self._send(_execution_parameters())
        else:
            self._send(Answer(status=404))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/invocations":
            self._refuse(404, length)
        elif length > int(os.environ.get("MAX_CONTENT_LENGTH", MAX_CONTENT_LENGTH)):
            self._refuse(413, length)
        else:
            headers = self.headers
            kind, accept = headers.get("Content-Type", ""), headers.get("Accept", "")
            self._send(self.server.predict(self.rfile.read(length), kind, accept))

    def _refuse(self, status: int, length: int) -> None:
        """A client that is still sending would not see the answer: read the body, keep nothing."""
        while length > 0 and (block := self.rfile.read(min(length, 1 << 20))):
            length -= len(block)
        self._send(Answer(status=status))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Health checks would drown the log of the endpoint."""
        if self.path != "/ping":
            log.info(format, *args)


def _execution_parameters() -> Answer:
    limits = {
        "MaxConcurrentTransforms": os.cpu_count() or 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }
    return Answer(json.dumps(limits).encode(), "application/json")
