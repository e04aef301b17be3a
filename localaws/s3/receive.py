"""Request bodies on their way into blobs: de-framed, hashed and checked while they are read.

Verified: the signed SHA-256, Content-MD5, and the checksums CRC32, SHA1 and SHA256, given as
headers or as trailers of aws-chunked. CRC32C and CRC64NVME are accepted but not verified: the
standard library cannot compute them at a bearable speed.
"""

import hashlib
import hmac
import zlib
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Iterator
from dataclasses import dataclass

from localaws.errors import AwsError
from localaws.s3.blobs import Blobs
from localaws.s3.contents import Segment
from localaws.wire.http import CHUNK, Request

CHECKSUM = "x-amz-checksum-"
TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


@dataclass(frozen=True)
class Received:
    segments: list[Segment]
    size: int
    etag: str
    checksums: dict[str, str]


class Digests:
    """What is computed over the decoded bytes: always MD5 (the ETag) and CRC32."""

    def __init__(self, wanted: set[str]) -> None:
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.crc = 0
        self.sha256 = hashlib.sha256() if "sha256" in wanted else None
        self.sha1 = hashlib.sha1(usedforsecurity=False) if "sha1" in wanted else None

    def update(self, block: bytes) -> None:
        self.md5.update(block)
        self.crc = zlib.crc32(block, self.crc)
        if self.sha256:
            self.sha256.update(block)
        if self.sha1:
            self.sha1.update(block)

    def checksums(self) -> dict[str, str]:
        """Base64, by algorithm."""
        found = {"crc32": b64encode(self.crc.to_bytes(4)).decode()}
        for name, digest in (("sha256", self.sha256), ("sha1", self.sha1)):
            if digest:
                found[name] = b64encode(digest.digest()).decode()
        return found


class Incoming:
    """One request's body and what the client claims about it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.signed = request.header("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
        if self.signed.startswith("STREAMING-") and self.signed != TRAILER:
            raise AwsError("NotImplemented", f"{self.signed} is not implemented by localaws.")
        self.claims = {
            name.lower().removeprefix(CHECKSUM): value
            for name, value in request.headers.items()
            if name.lower().startswith(CHECKSUM)
        }

    def blocks(self) -> Iterator[bytes]:
        """The decoded bytes; trailing checksums join the claims at the end."""
        return self._deframed() if self.signed == TRAILER else self._request.body.blocks()

    def _deframed(self) -> Iterator[bytes]:
        body = self._request.body
        while size := _chunk_size(body.readline()):
            while size:
                block = body.read(min(CHUNK, size))
                if not block:
                    raise AwsError("IncompleteBody", "The request body terminated unexpectedly")
                size -= len(block)
                yield block
            body.readline()
        while line := body.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            if name.strip().lower().startswith(CHECKSUM):
                self.claims[name.strip().lower().removeprefix(CHECKSUM)] = value.strip()

    def digests(self) -> Digests:
        trailer = self._request.header("X-Amz-Trailer").lower().removeprefix(CHECKSUM)
        wanted = set(self.claims) | {trailer}
        return Digests(wanted | {"sha256"} if len(self.signed) == 64 else wanted)

    def check(self, digests: Digests) -> None:
        """Raises AwsError BadDigest, InvalidDigest or XAmzContentSHA256Mismatch."""
        hashed = digests.sha256.hexdigest() if digests.sha256 else ""
        if len(self.signed) == 64 and not hmac.compare_digest(hashed, self.signed):
            text = "The provided 'x-amz-content-sha256' header does not match what was computed."
            raise AwsError("XAmzContentSHA256Mismatch", text)
        computed = digests.checksums()
        for name, value in self.claims.items():
            if name in computed and computed[name] != value:
                text = f"The {name.upper()} you specified did not match the calculated checksum."
                raise AwsError("BadDigest", text)
        self._check_md5(digests)

    def _check_md5(self, digests: Digests) -> None:
        claimed = self._request.header("Content-MD5")
        if not claimed:
            return
        try:
            expected = b64decode(claimed, validate=True)
        except BadBase64:
            raise AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.") from None
        if expected != digests.md5.digest():
            text = "The Content-MD5 you specified did not match what we received."
            raise AwsError("BadDigest", text)

    def checksums(self, digests: Digests) -> dict[str, str]:
        """To store and to send back: CRC32 always, others when the client chose them."""
        computed = digests.checksums()
        return {name: computed[name] for name in computed if name == "crc32" or name in self.claims}


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.split(b";")[0], 16)
    except ValueError:
        raise AwsError("IncompleteBody", "The aws-chunked body is malformed") from None


def to_blob(request: Request, blobs: Blobs) -> Received:
    """Stream the body to disk; nothing stays behind when a check fails."""
    incoming = Incoming(request)
    digests = incoming.digests()
    blob, file = blobs.create()
    size = 0
    try:
        with file:
            for block in incoming.blocks():
                file.write(block)
                digests.update(block)
                size += len(block)
            incoming.check(digests)
            blobs.settle(file)
    except BaseException:
        blobs.drop([blob])
        raise
    if size == 0:
        blobs.drop([blob])
    segments = [Segment(blob, 0, size)] if size else []
    return Received(segments, size, digests.md5.hexdigest(), incoming.checksums(digests))


def to_memory(request: Request, limit: int) -> bytes:
    """A small checked body (XML). Raises AwsError above `limit` bytes."""
    incoming = Incoming(request)
    digests = incoming.digests()
    content = bytearray()
    for block in incoming.blocks():
        content += block
        digests.update(block)
        if len(content) > limit:
            raise AwsError("MaxMessageLengthExceeded", "Your request was too big.")
    incoming.check(digests)
    return bytes(content)
