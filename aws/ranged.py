"""An object in S3 as a file that can seek: a reader that needs a part fetches that part."""

import io
from typing import Any

from aws.clients import Account, client
from aws.errors import translated

TAIL_BYTES = 2**16  # fetched when it is opened: formats with a footer begin there


class RangedObject(io.RawIOBase):
    """Each read is one ranged GET of the version that was there when it was opened.

    `timeout` (seconds) limits each of them, and none is tried twice. `aws.errors.NotFound` when the
    object is missing, `Invalid` when it was replaced meanwhile.
    """

    def __init__(self, account: Account, bucket: str, key: str, *, timeout: float) -> None:
        with translated():
            self._client = client(account, "s3", read_timeout=timeout)
        self._object: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._position = 0
        self._tail = b""
        self.size = 0
        with translated():
            answer = self._client.get_object(**self._object, Range=f"bytes=-{TAIL_BYTES}")
            self._tail = answer["Body"].read()
        whole = f"/{len(self._tail)}"  # when a service answers 200 with all there is
        self.size = int(answer.get("ContentRange", whole).rpartition("/")[2])
        self._object["IfMatch"] = answer["ETag"]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        start = self._position
        end = self.size if size < 0 else min(self.size, start + size)
        if start >= end:
            return b""
        data = self._bytes(start, end)
        self._position = start + len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _bytes(self, start: int, end: int) -> bytes:
        tail = self.size - len(self._tail)
        if start >= tail:
            return self._tail[start - tail : end - tail]
        with translated():
            answer = self._client.get_object(**self._object, Range=f"bytes={start}-{end - 1}")
            return answer["Body"].read()
