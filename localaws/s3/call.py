"""One S3 call, taken apart."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from localaws.app import App
from localaws.errors import AwsError
from localaws.s3.uploads import Uploads
from localaws.wire.http import Request

BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
STORED_HEADERS = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
)
LONGEST_KEY = 1024
LARGEST_DOCUMENT = 4 << 20


@dataclass(frozen=True)
class Call:
    app: App
    request: Request
    bucket: str
    key: str

    @property
    def params(self) -> dict[str, str]:
        return self.request.params

    @property
    def uploads(self) -> Uploads:
        return Uploads(self.app.objects)

    def header(self, name: str) -> str:
        return self.request.header(name)

    def number(self, name: str, default: int, largest: int) -> int:
        """A query parameter from 0 to `largest`; more is cut. Raises AwsError InvalidArgument."""
        text = self.params.get(name) or str(default)
        if not text.isascii() or not text.isdigit() or len(text) > 10:
            raise AwsError("InvalidArgument", f"Provided {name} not an integer or within range")
        return min(int(text), largest)

    def stored_headers(self) -> dict[str, str]:
        """What to keep with the object: lower-case names, user metadata included."""
        kept = {name: value for name in STORED_HEADERS if (value := self.header(name))}
        encodings = [part.strip() for part in kept.pop("content-encoding", "").split(",")]
        if real := ",".join(part for part in encodings if part not in {"", "aws-chunked"}):
            kept["content-encoding"] = real
        metadata = {
            name.lower(): value
            for name, value in self.request.headers.items()
            if name.lower().startswith("x-amz-meta-")
        }
        if sum(len(name) + len(value) for name, value in metadata.items()) > 2048 + 11 * len(
            metadata
        ):
            raise AwsError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed")
        return kept | metadata

    def expect_owner(self, header: str = "X-Amz-Expected-Bucket-Owner") -> None:
        """Raises AwsError AccessDenied when the caller names another account."""
        if self.header(header) not in {"", self.app.account_id}:
            raise AwsError("AccessDenied", "Access Denied", 403)


def read(app: App, request: Request) -> Call:
    """Raises AwsError InvalidBucketName or KeyTooLongError."""
    bucket, _, key = unquote(request.path).removeprefix("/").partition("/")
    if bucket and not BUCKET_NAME.fullmatch(bucket):
        text = "The specified bucket is not valid."
        raise AwsError("InvalidBucketName", text, BucketName=bucket)
    if len(key.encode()) > LONGEST_KEY:
        raise AwsError("KeyTooLongError", "Your key is too long")
    return Call(app, request, bucket, key)
