"""The body of one part: read off a request with bounded memory, counted and checked."""

import base64
import binascii
import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from core.errors import InvalidFields, TooLarge
from datasets.errors import Damaged

IN_MEMORY = 16 * 2**20  # parts are larger only of files above 160 GB; those wait on the disk
CHUNK = 2**20
DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/=]+):")


@contextmanager
def received(
    read: Callable[[int], bytes], *, size: int, headers: Mapping[str, str]
) -> Iterator[IO[bytes]]:
    """The `size` bytes that `read` gives as a file at its beginning.

    TooLarge for more, InvalidFields for less, Damaged when the bytes are not those that
    `Content-MD5` or the SHA-256 of `Content-Digest` (RFC 9530) names.
    """
    claims = _claims(headers)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as body:
        left = size
        while chunk := read(min(CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise TooLarge(f"This part has {size:,} bytes; more came.")
            body.write(chunk)
            for digest, _ in claims:
                digest.update(chunk)
        if left:
            text = f"This part has {size:,} bytes; {size - left:,} came."
            raise InvalidFields({"body": [text]})
        if any(digest.digest() != claimed for digest, claimed in claims):
            raise Damaged("The part was damaged on its way.", "Send it again.")
        body.seek(0)
        yield body


def _claims(headers: Mapping[str, str]) -> list[tuple[Any, bytes]]:
    found: list[tuple[Any, bytes]] = []
    if md5 := headers.get("Content-MD5"):
        found.append((hashlib.md5(usedforsecurity=False), _decoded(md5)))
    if named := DIGEST.search(headers.get("Content-Digest", "")):
        found.append((hashlib.sha256(), _decoded(named.group(1))))
    return found


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
