"""Copying objects inside S3: the bytes never come here."""

import time
from collections.abc import Callable
from typing import Any

from boto3.s3.transfer import TransferConfig, create_transfer_manager
from s3transfer.futures import TransferFuture
from s3transfer.subscribers import BaseSubscriber

from aws.clients import Account, client
from aws.errors import translated

WHOLE_BYTES = 256 * 2**20  # S3 answers a copy of so much well before our read timeout
_TRANSFER = TransferConfig(
    multipart_threshold=WHOLE_BYTES, multipart_chunksize=WHOLE_BYTES, max_concurrency=4
)
_TICK = 0.01  # seconds between two looks at whether the copy is done


def copy_object(
    account: Account,
    source: tuple[str, str],
    target: tuple[str, str],
    *,
    etag: str = "",
    tick: Callable[[int], None] = lambda _copied: None,
) -> None:
    """Copy `source` (bucket, key) to `target`, in parts above 256 MB, replacing what was there.

    With `etag`, `Invalid` (PreconditionFailed) when the source is no longer that object. `NotFound`
    when it is missing. `tick` is called many times a second with the bytes copied so far, by the
    caller's own thread: what it raises ends the copy, and an unfinished object never appears.
    """
    arguments = {"CopySourceIfMatch": f'"{etag}"'} if etag else {}
    counted = _Counted()
    with translated(), create_transfer_manager(client(account, "s3"), _TRANSFER) as manager:
        future = manager.copy(
            {"Bucket": source[0], "Key": source[1]},
            *target,
            extra_args=arguments,
            subscribers=[counted],
        )
        while not future.done():
            time.sleep(_TICK)
            tick(counted.bytes)
        future.result()


class _Counted(BaseSubscriber):
    """The bytes that arrived, counted by the transfer's threads."""

    bytes = 0

    def on_progress(self, future: TransferFuture, bytes_transferred: int, **kwargs: Any) -> None:
        self.bytes += bytes_transferred
