"""An object put together from what a reader gives, part by part: it goes on where it was cut off.

Meant for bytes of another account: the reader has that account's credentials, this has ours.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aws import s3
from aws.clients import Account
from aws.errors import NotFound, Unavailable

PART_BYTES = 16 * 2**20
MOST_PARTS = 10_000


def store(
    account: Account,
    bucket: str,
    key: str,
    size: int,
    read: Callable[[int, int], bytes],
    *,
    tick: Callable[[int], None] = lambda _stored: None,
) -> None:
    """Make the object of `size` bytes; `read(start, end)` gives those before `end`.

    Up to 16 MB are sent at once. More goes in parts, one in memory at a time; those that an earlier
    attempt sent are not read again. `tick` is told the bytes stored so far; what it or `read`
    raises ends the attempt and the parts stay for the next. The object appears when it is complete.
    """
    if size <= PART_BYTES:
        s3.put_object(account, bucket, key, read(0, size))
        return
    upload_id = s3.list_multipart_uploads(account, bucket, key).get(key)
    upload_id = upload_id or s3.create_multipart_upload(account, bucket, key)
    step = max(PART_BYTES, -(-size // MOST_PARTS))
    with _still_there():
        there = {part.number: part for part in s3.list_parts(account, bucket, key, upload_id)}
    parts = []
    for number, start in enumerate(range(0, size, step), 1):
        end = min(size, start + step)
        part = there.get(number)
        if part is None or part.size != end - start:
            body = read(start, end)
            with _still_there():
                part = s3.upload_part(account, bucket, key, upload_id, number, body)
        parts.append(part)
        tick(end)
    with _still_there():
        s3.complete_multipart_upload(account, bucket, key, upload_id, parts)


@contextmanager
def _still_there() -> Iterator[None]:
    try:
        yield
    except NotFound as error:
        raise Unavailable("Another worker ended this upload.", code=error.code) from error
