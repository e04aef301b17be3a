"""A request and a response as the handlers see them; the socket stays in server.py."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from io import BufferedIOBase
from typing import BinaryIO
from urllib.parse import parse_qsl, urlsplit

from localaws.errors import AwsError

CHUNK = 1 << 18
DRAIN_LIMIT = 64 << 20


class Body:
    """The request body as a stream: bounded by Content-Length, or Transfer-Encoding: chunked.

    `before` runs once, before the first byte is read: the place for `100 Continue`. A client that
    waits for it never sends the body of a call that is refused by its headers.
    """

    def __init__(
        self, source: BufferedIOBase, headers: Message, before: Callable[[], None] | None = None
    ) -> None:
        self._source = source
        self._before = before
        self._chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
        self._left = 0 if self._chunked else content_length(headers)
        self._done = not self._chunked and self._left == 0

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, empty at the end. Raises AwsError IncompleteBody."""
        if self._done:
            return b""
        if self._before:
            self._before()
            self._before = None
        if self._chunked and self._left == 0 and not self._next_chunk():
            return b""
        block = self._source.read(min(size, self._left))
        if not block:
            raise AwsError("IncompleteBody", "The request body terminated unexpectedly")
        self._left -= len(block)
        if self._left == 0:
            self._end_of_run()
        return block

    def _next_chunk(self) -> bool:
        try:
            self._left = int(self._source.readline(1024).split(b";")[0], 16)
        except ValueError:
            raise AwsError("IncompleteBody", "The request body is not chunked correctly") from None
        if self._left == 0:
            while self._source.readline(4096).strip():
                pass  # trailers of the transfer encoding carry nothing for us
            self._done = True
        return not self._done

    def _end_of_run(self) -> None:
        if self._chunked:
            self._source.readline(4)
        else:
            self._done = True

    def blocks(self) -> Iterator[bytes]:
        while block := self.read(CHUNK):
            yield block

    def readline(self) -> bytes:
        """A short line (a chunk header of aws-chunked), byte by byte: the source is buffered."""
        line = bytearray()
        while not line.endswith(b"\n") and len(line) < 4096 and (byte := self.read(1)):
            line += byte
        return bytes(line)

    def whole(self, limit: int) -> bytes:
        """Raises AwsError 413 above `limit` bytes."""
        if self._left > limit:
            raise too_large(limit)
        content = bytearray()
        for block in self.blocks():
            content += block
            if len(content) > limit:
                raise too_large(limit)
        return bytes(content)

    @property
    def is_reusable(self) -> bool:
        """False when what is left is too much to read, or may never come."""
        return self._done or (self._before is None and self._left <= DRAIN_LIMIT)

    def drain(self) -> bool:
        """Read what is left, so that the connection can be used again; False when it cannot."""
        budget = DRAIN_LIMIT if self.is_reusable else 0
        try:
            while budget > 0 and (block := self.read(CHUNK)):
                budget -= len(block)
        except (AwsError, OSError):
            return False
        return self._done


def content_length(headers: Message) -> int:
    text = headers.get("Content-Length") or "0"
    if not text.isascii() or not text.isdigit():
        raise AwsError("InvalidRequest", "Content-Length is not a number")
    return int(text)


def too_large(limit: int) -> AwsError:
    return AwsError(
        "RequestEntityTooLargeException", f"The request body is larger than {limit} bytes.", 413
    )


@dataclass
class Request:
    method: str
    target: str
    headers: Message
    body: Body

    @cached_property
    def path(self) -> str:
        """As sent: still percent-encoded."""
        return urlsplit(self.target).path if self.target.startswith("/") else "/"

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    @cached_property
    def params(self) -> dict[str, str]:
        return dict(self.query)

    def header(self, name: str, default: str = "") -> str:
        return str(self.headers.get(name, default))


@dataclass
class Slice:
    """Part of an open file, to be sent and closed."""

    file: BinaryIO
    start: int
    size: int


@dataclass
class Response:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    slices: list[Slice] = field(default_factory=list)

    @property
    def length(self) -> int:
        return len(self.body) + sum(part.size for part in self.slices)

    def close(self) -> None:
        for part in self.slices:
            part.file.close()


class DroppedError(Exception):
    """Close the connection without an answer (fault `lost_response`)."""
