"""Calls on objects: put, get, head, copy, delete."""

import re
from urllib.parse import unquote

from localaws.errors import AwsError
from localaws.s3 import conditions, xml
from localaws.s3.call import STORED_HEADERS, Call
from localaws.s3.objects import Draft, Stored, no_such_key
from localaws.s3.receive import CHECKSUM, to_blob
from localaws.s3.xml import Node
from localaws.wire.http import Request, Response, Slice

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
OVERRIDES = tuple(name for name in STORED_HEADERS if not name.startswith("x-amz-"))
ENCRYPTION = "x-amz-server-side-encryption"


def put_object(call: Call) -> Response:
    objects = call.app.objects
    objects.need_bucket(call.bucket)
    call.expect_owner()
    need_length(call.request)
    headers = call.stored_headers()
    condition = conditions.for_write(call.header, call.key)
    received = to_blob(call.request, objects.blobs)
    draft = Draft(received.segments, received.etag, headers, received.checksums)
    stored = objects.put(call.bucket, call.key, draft, condition)
    return Response(200, {"ETag": xml.quoted(stored.etag)} | _checksums(stored) | _sse(stored))


def need_length(request: Request) -> None:
    """A body of unknown length would read like an empty one and silently truncate the object."""
    if request.headers.get("Content-Length") is None and not request.header("Transfer-Encoding"):
        text = "You must provide the Content-Length HTTP header."
        raise AwsError("MissingContentLength", text, 411)


def get_object(call: Call) -> Response:
    """The row is read, then its blobs opened; when an overwrite came between, again."""
    for _ in range(20):
        stored, response, start, end = _prepared(call)
        try:
            response.slices = _slices(call, stored, start, end)
        except FileNotFoundError:
            continue
        return response
    raise no_such_key(call.key)


def head_object(call: Call) -> Response:
    _, response, start, end = _prepared(call)
    response.headers["Content-Length"] = str(end - start)
    return response


def _slices(call: Call, stored: Stored, start: int, end: int) -> list[Slice]:
    return call.app.objects.slices(call.bucket, call.key, start, end, stored.etag)


def _prepared(call: Call) -> tuple[Stored, Response, int, int]:
    call.expect_owner()
    stored = call.app.objects.get(call.bucket, call.key)
    conditions.for_read(call.header, stored)
    headers = {
        "Content-Type": "binary/octet-stream",
        **{_title(name): value for name, value in stored.headers.items()},
        **_overrides(call),
        "ETag": xml.quoted(stored.etag),
        "Last-Modified": xml.http_date(stored.modified),
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    wanted = byte_range(call.header("Range"), stored.size)
    if wanted is None:
        if call.header("X-Amz-Checksum-Mode").upper() == "ENABLED":
            headers |= _checksums(stored)
        return stored, Response(200, headers), 0, stored.size
    start, end = wanted
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size}"
    return stored, Response(206, headers), start, end


def _title(name: str) -> str:
    return name if name.startswith("x-amz-") else name.title()


def _overrides(call: Call) -> dict[str, str]:
    """response-content-type and the like; a line break in one would split our headers."""
    found = {
        _title(name): value for name in OVERRIDES if (value := call.params.get(f"response-{name}"))
    }
    if any(not value.isprintable() for value in found.values()):
        raise AwsError("InvalidArgument", "Response headers must be printable")
    return found


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """The bytes [start, end) that a Range header asks for; None for all of them.

    Raises AwsError InvalidRange. A header of any other form is ignored, as HTTP wants.
    """
    match = RANGE.fullmatch(header)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        text = "The requested range is not satisfiable"
        raise AwsError("InvalidRange", text, 416, ActualObjectSize=size)
    return start, end


def _checksums(stored: Stored) -> dict[str, str]:
    headers = {f"{CHECKSUM}{name}": value for name, value in stored.checksums.items()}
    composite = any("-" in value for value in stored.checksums.values())
    return headers | {"x-amz-checksum-type": "COMPOSITE" if composite else "FULL_OBJECT"}


def _sse(stored: Stored) -> dict[str, str]:
    return {name: value for name, value in stored.headers.items() if name.startswith(ENCRYPTION)}


def copy_source(call: Call) -> tuple[str, str]:
    """Bucket and key of x-amz-copy-source. Raises AwsError InvalidArgument."""
    path, _, version = call.header("X-Amz-Copy-Source").partition("?")
    if version not in {"", "versionId=null"}:
        raise AwsError("NotImplemented", "Versions are not implemented by localaws.")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not key:
        raise AwsError("InvalidArgument", "Copy Source must mention the source bucket and key")
    return bucket, key


def copy_object(call: Call) -> Response:
    call.expect_owner()
    call.expect_owner("X-Amz-Source-Expected-Bucket-Owner")
    source, target = copy_source(call), (call.bucket, call.key)
    replaces = call.header("X-Amz-Metadata-Directive").upper() == "REPLACE"
    if source == target and not replaces:
        text = "This copy request is illegal because it is trying to copy an object to itself"
        raise AwsError("InvalidRequest", text)
    checks = (conditions.for_copy(call.header), conditions.for_write(call.header, call.key))
    headers = call.stored_headers() if replaces else None
    stored = call.app.objects.copy(source, target, headers, checks)
    return xml.response("CopyObjectResult", copy_result(stored))


def copy_result(stored: Stored) -> list[Node]:
    nodes: list[Node] = [
        ("ETag", xml.quoted(stored.etag)),
        ("LastModified", xml.moment(stored.modified)),
    ]
    crc32 = stored.checksums.get("crc32")
    return [*nodes, ("ChecksumCRC32", crc32)] if crc32 else nodes


def delete_object(call: Call) -> Response:
    call.expect_owner()
    call.app.objects.delete(call.bucket, call.key)
    return Response(204)
