"""Calls on the service and on buckets."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

from localaws.errors import AwsError
from localaws.s3 import listing, xml
from localaws.s3.call import LARGEST_DOCUMENT, Call
from localaws.s3.objects import ObjectInfo
from localaws.s3.receive import to_memory
from localaws.s3.xml import Node
from localaws.wire.http import Response

PAGE = 1000


def list_buckets(call: Call) -> Response:
    rows = call.app.store.connection().execute("SELECT name, created FROM buckets ORDER BY name")
    buckets: list[Node] = [
        ("Bucket", [("Name", row["name"]), ("CreationDate", _created(row["created"]))])
        for row in rows
    ]
    owner: Node = ("Owner", [("ID", call.app.account_id), ("DisplayName", "localaws")])
    return xml.response("ListAllMyBucketsResult", [owner, ("Buckets", buckets)])


def _created(seconds: float) -> str:
    return xml.moment(datetime.fromtimestamp(seconds, UTC))


def create_bucket(call: Call) -> Response:
    to_memory(call.request, LARGEST_DOCUMENT)  # the location: every region is this process
    if not call.app.objects.ensure_bucket(call.bucket) and call.app.region != "us-east-1":
        text = "Your previous request to create the named bucket succeeded and you already own it."
        raise AwsError("BucketAlreadyOwnedByYou", text, 409, BucketName=call.bucket)
    return Response(200, {"Location": f"/{call.bucket}"})


def head_bucket(call: Call) -> Response:
    call.app.objects.need_bucket(call.bucket)
    call.expect_owner()
    return Response(200, {"x-amz-bucket-region": call.app.region})


def delete_bucket(call: Call) -> Response:
    call.expect_owner()
    call.app.objects.delete_bucket(call.bucket)
    return Response(204)


def get_bucket_location(call: Call) -> Response:
    call.app.objects.need_bucket(call.bucket)
    region = "" if call.app.region == "us-east-1" else call.app.region
    return xml.response("LocationConstraint", region)


def list_objects_v2(call: Call) -> Response:
    params, encode = call.params, _encoder(call)
    token = params.get("continuation-token", "")
    after = _decode_token(token) if token else params.get("start-after", "")
    limit, found = _page(call, after)
    nodes = [*_heading(call, limit, found), ("KeyCount", str(found.count))]
    if token:
        nodes.append(("ContinuationToken", token))
    if start := params.get("start-after"):
        nodes.append(("StartAfter", encode(start)))
    if found.truncated:
        nodes.append(("NextContinuationToken", urlsafe_b64encode(found.last.encode()).decode()))
    owner = params.get("fetch-owner") == "true"
    return xml.response("ListBucketResult", nodes + _entries(call, found, owner=owner))


def list_objects(call: Call) -> Response:
    marker = call.params.get("marker", "")
    limit, found = _page(call, marker)
    nodes = [*_heading(call, limit, found), ("Marker", _encoder(call)(marker))]
    if found.truncated:
        nodes.append(("NextMarker", _encoder(call)(found.last)))
    return xml.response("ListBucketResult", nodes + _entries(call, found, owner=True))


def _page(call: Call, after: str) -> tuple[int, listing.Page]:
    call.app.objects.need_bucket(call.bucket)
    call.expect_owner()
    limit = call.number("max-keys", PAGE, PAGE)
    params = call.params
    found = listing.page(
        call.app.store,
        call.bucket,
        prefix=params.get("prefix", ""),
        delimiter=params.get("delimiter", ""),
        after=after,
        limit=limit,
    )
    return limit, found


def _heading(call: Call, limit: int, found: listing.Page) -> list[Node]:
    encode, params = _encoder(call), call.params
    nodes: list[Node] = [
        ("Name", call.bucket),
        ("Prefix", encode(params.get("prefix", ""))),
        ("MaxKeys", str(limit)),
        ("IsTruncated", xml.flag(found.truncated)),
    ]
    if delimiter := params.get("delimiter"):
        nodes.append(("Delimiter", encode(delimiter)))
    if params.get("encoding-type") == "url":
        nodes.append(("EncodingType", "url"))
    return nodes


def _entries(call: Call, found: listing.Page, *, owner: bool) -> list[Node]:
    encode = _encoder(call)
    owned: list[Node] = [("Owner", [("ID", call.app.account_id)])] if owner else []
    objects: list[Node] = [("Contents", _entry(info, encode) + owned) for info in found.objects]
    prefixes: list[Node] = [
        ("CommonPrefixes", [("Prefix", encode(prefix))]) for prefix in found.prefixes
    ]
    return objects + prefixes


def _entry(info: ObjectInfo, encode: Callable[[str], str]) -> list[Node]:
    return [
        ("Key", encode(info.key)),
        ("LastModified", xml.moment(info.modified)),
        ("ETag", xml.quoted(info.etag)),
        ("Size", str(info.size)),
        ("StorageClass", "STANDARD"),
    ]


def _encoder(call: Call) -> Callable[[str], str]:
    return quote if call.params.get("encoding-type") == "url" else str


def _decode_token(token: str) -> str:
    try:
        return urlsafe_b64decode(token).decode()
    except (BadBase64, ValueError):
        text = "The continuation token provided is incorrect"
        raise AwsError("InvalidArgument", text) from None


def delete_objects(call: Call) -> Response:
    call.expect_owner()
    call.app.objects.need_bucket(call.bucket)
    root = xml.parse(to_memory(call.request, LARGEST_DOCUMENT))
    keys = [entry.findtext("{*}Key") or "" for entry in root.findall("{*}Object")]
    if not keys or len(keys) > PAGE or not all(keys):
        raise AwsError("MalformedXML", "The XML must name between 1 and 1000 keys.")
    with call.app.store.transaction():
        garbage = [blob for key in keys for blob in call.app.objects.forget(call.bucket, key)]
    call.app.objects.blobs.drop(garbage)
    if root.findtext("{*}Quiet") == "true":
        return xml.response("DeleteResult", [])
    return xml.response("DeleteResult", [("Deleted", [("Key", key)]) for key in keys])


def list_multipart_uploads(call: Call) -> Response:
    encode = _encoder(call)
    running = call.uploads.running(call.bucket, call.params.get("prefix", ""))
    nodes: list[Node] = [
        ("Bucket", call.bucket),
        ("MaxUploads", str(len(running))),
        ("IsTruncated", "false"),
    ]
    if call.params.get("encoding-type") == "url":
        nodes.append(("EncodingType", "url"))
    for upload in running:
        entry: list[Node] = [
            ("Key", encode(upload.key)),
            ("UploadId", upload.id),
            ("Initiated", xml.moment(upload.created)),
        ]
        nodes.append(("Upload", entry))
    return xml.response("ListMultipartUploadsResult", nodes)
