"""Calls of a multipart upload."""

from xml.etree import ElementTree as ET

from localaws.errors import AwsError
from localaws.s3 import conditions, xml
from localaws.s3.call import LARGEST_DOCUMENT, Call
from localaws.s3.object_calls import byte_range, copy_source, need_length
from localaws.s3.receive import CHECKSUM, Received, to_blob, to_memory
from localaws.s3.xml import Node
from localaws.wire.http import Response

LARGEST_PART_NUMBER = 10_000


def create_multipart_upload(call: Call) -> Response:
    call.expect_owner()
    upload = call.uploads.create(call.bucket, call.key, call.stored_headers())
    nodes: list[Node] = [("Bucket", call.bucket), ("Key", call.key), ("UploadId", upload)]
    response = xml.response("InitiateMultipartUploadResult", nodes)
    if algorithm := call.header("X-Amz-Checksum-Algorithm"):
        response.headers["x-amz-checksum-algorithm"] = algorithm
        response.headers["x-amz-checksum-type"] = "COMPOSITE"
    return response


def upload_part(call: Call) -> Response:
    number, upload = _part_number(call), call.params["uploadId"]
    call.uploads.find(call.bucket, call.key, upload)
    need_length(call.request)
    received = to_blob(call.request, call.app.objects.blobs)
    call.uploads.add_part(call.bucket, call.key, upload, number, received)
    headers = {f"{CHECKSUM}{name}": value for name, value in received.checksums.items()}
    return Response(200, {"ETag": xml.quoted(received.etag)} | headers)


def upload_part_copy(call: Call) -> Response:
    number, upload = _part_number(call), call.params["uploadId"]
    call.uploads.find(call.bucket, call.key, upload)
    received = _copied(call)
    call.uploads.add_part(call.bucket, call.key, upload, number, received)
    nodes: list[Node] = [
        ("ETag", xml.quoted(received.etag)),
        ("LastModified", xml.moment(call.app.clock.now())),
        ("ChecksumCRC32", received.checksums["crc32"]),
    ]
    return xml.response("CopyPartResult", nodes)


def _copied(call: Call) -> Received:
    objects = call.app.objects
    source = copy_source(call)
    for _ in range(20):
        stored = objects.get(*source)
        conditions.for_copy(call.header)(stored)
        wanted = byte_range(call.header("X-Amz-Copy-Source-Range"), stored.size)
        start, end = wanted or (0, stored.size)
        try:
            return call.uploads.copy_part(stored, start, end)
        except FileNotFoundError:  # replaced while it was read
            continue
    raise AwsError("NoSuchKey", "The specified key does not exist.", 404)


def _part_number(call: Call) -> int:
    number = call.number("partNumber", 0, LARGEST_PART_NUMBER + 1)
    if not 1 <= number <= LARGEST_PART_NUMBER:
        text = "Part number must be an integer between 1 and 10000, inclusive"
        raise AwsError("InvalidArgument", text)
    return number


def complete_multipart_upload(call: Call) -> Response:
    root = xml.parse(to_memory(call.request, LARGEST_DOCUMENT))
    wanted = [_wanted(part) for part in root.findall("{*}Part")]
    condition = conditions.for_write(call.header, call.key)
    upload = call.params["uploadId"]
    stored = call.uploads.complete(call.bucket, call.key, upload, wanted, condition)
    nodes: list[Node] = [
        ("Location", f"{call.app.url}{call.request.path}"),
        ("Bucket", call.bucket),
        ("Key", call.key),
        ("ETag", xml.quoted(stored.etag)),
        ("ChecksumCRC32", stored.checksums["crc32"]),
        ("ChecksumType", "COMPOSITE"),
    ]
    return xml.response("CompleteMultipartUploadResult", nodes)


def _wanted(part: ET.Element) -> tuple[int, str]:
    try:
        number = int(part.findtext("{*}PartNumber") or "")
    except ValueError:
        raise AwsError("MalformedXML", "A part has no number.") from None
    return number, (part.findtext("{*}ETag") or "").strip().strip('"')


def abort_multipart_upload(call: Call) -> Response:
    call.uploads.abort(call.bucket, call.key, call.params["uploadId"])
    return Response(204)


def list_parts(call: Call) -> Response:
    upload = call.params["uploadId"]
    call.uploads.find(call.bucket, call.key, upload)
    limit = call.number("max-parts", 1000, 1000)
    after = call.number("part-number-marker", 0, LARGEST_PART_NUMBER)
    found = call.uploads.parts(upload, after)
    page = found[:limit]
    nodes: list[Node] = [
        ("Bucket", call.bucket),
        ("Key", call.key),
        ("UploadId", upload),
        ("PartNumberMarker", str(after)),
        ("MaxParts", str(limit)),
        ("IsTruncated", xml.flag(len(found) > limit)),
    ]
    if page:
        nodes.append(("NextPartNumberMarker", str(page[-1].n)))
    for part in page:
        entry: list[Node] = [
            ("PartNumber", str(part.n)),
            ("LastModified", xml.moment(part.modified)),
            ("ETag", xml.quoted(part.etag)),
            ("Size", str(part.size)),
            ("ChecksumCRC32", part.checksums["crc32"]),
        ]
        nodes.append(("Part", entry))
    return xml.response("ListPartsResult", nodes)
