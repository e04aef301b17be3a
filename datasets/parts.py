"""Writing an S3 object of unknown length with flat memory; it appears when it is closed."""

from collections.abc import Callable

import aws.errors
from aws import s3
from aws.clients import Account
from aws.types import Part

PART_BYTES = s3.PART_BYTES
MOST_PARTS = 10_000
MOST_BYTES = PART_BYTES * MOST_PARTS  # 80 GB


class PartWriter:
    """Holds at most one part in memory; `on_part` is told the bytes sent after each part."""

    def __init__(
        self,
        account: Account,
        bucket: str,
        key: str,
        *,
        content_type: str = "text/csv",
        on_part: Callable[[int], None] = lambda _sent: None,
    ) -> None:
        self._place = (account, bucket, key)
        self._on_part = on_part
        self._buffer = bytearray()
        self._parts: list[Part] = []
        self.sent = 0
        self.upload_id = s3.create_multipart_upload(*self._place, content_type=content_type)

    def write(self, data: bytes | memoryview) -> None:
        self._buffer += data
        while len(self._buffer) >= PART_BYTES:
            with memoryview(self._buffer) as view:
                part = bytes(view[:PART_BYTES])
            del self._buffer[:PART_BYTES]
            self._send(part)

    def close(self) -> int:
        """Make the object appear; its size in bytes."""
        if self._buffer or not self._parts:
            self._send(bytes(self._buffer))
            self._buffer.clear()
        try:
            s3.complete_multipart_upload(*self._place, self.upload_id, self._parts)
        except aws.errors.NotFound:
            # The upload is over: an attempt got through whose answer was lost.
            found = s3.head_object(*self._place)
            if found is None or found.size != self.sent:
                raise
        return self.sent

    def abort(self) -> None:
        """Drop what was sent, as far as S3 can be reached."""
        self._buffer.clear()
        abort(*self._place, self.upload_id)

    def _send(self, body: bytes) -> None:
        number = len(self._parts) + 1
        self._parts.append(s3.upload_part(*self._place, self.upload_id, number, body))
        self.sent += len(body)
        self._on_part(self.sent)


def abort(account: Account, bucket: str, key: str, upload_id: str) -> bool:
    """Drop an unfinished upload; False when S3 could not be asked, so it has to be tried again."""
    try:
        s3.abort_multipart_upload(account, bucket, key, upload_id)
    except aws.errors.NotFound:
        return True
    except aws.errors.AwsError:
        return False
    return True
