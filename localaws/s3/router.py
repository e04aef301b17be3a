"""Which S3 operation a request is, and who serves it."""

from collections.abc import Callable

from localaws.app import App
from localaws.errors import AwsError
from localaws.s3 import bucket_calls, cors, object_calls, upload_calls
from localaws.s3.call import Call, read
from localaws.wire.http import Request, Response

# (method, level, sub-resource); a sub-resource is a query parameter that names another operation.
OPERATIONS: dict[tuple[str, str, str], tuple[str, Callable[[Call], Response]]] = {
    ("GET", "service", ""): ("ListBuckets", bucket_calls.list_buckets),
    ("PUT", "bucket", ""): ("CreateBucket", bucket_calls.create_bucket),
    ("HEAD", "bucket", ""): ("HeadBucket", bucket_calls.head_bucket),
    ("DELETE", "bucket", ""): ("DeleteBucket", bucket_calls.delete_bucket),
    ("GET", "bucket", "location"): ("GetBucketLocation", bucket_calls.get_bucket_location),
    ("GET", "bucket", "list-type"): ("ListObjectsV2", bucket_calls.list_objects_v2),
    ("GET", "bucket", ""): ("ListObjects", bucket_calls.list_objects),
    ("POST", "bucket", "delete"): ("DeleteObjects", bucket_calls.delete_objects),
    ("GET", "bucket", "uploads"): ("ListMultipartUploads", bucket_calls.list_multipart_uploads),
    ("PUT", "bucket", "cors"): ("PutBucketCors", cors.put_bucket_cors),
    ("GET", "bucket", "cors"): ("GetBucketCors", cors.get_bucket_cors),
    ("DELETE", "bucket", "cors"): ("DeleteBucketCors", cors.delete_bucket_cors),
    ("PUT", "object", ""): ("PutObject", object_calls.put_object),
    ("PUT", "object", "copy"): ("CopyObject", object_calls.copy_object),
    ("GET", "object", ""): ("GetObject", object_calls.get_object),
    ("HEAD", "object", ""): ("HeadObject", object_calls.head_object),
    ("DELETE", "object", ""): ("DeleteObject", object_calls.delete_object),
    ("POST", "object", "uploads"): ("CreateMultipartUpload", upload_calls.create_multipart_upload),
    ("PUT", "object", "uploadId"): ("UploadPart", upload_calls.upload_part),
    ("PUT", "object", "uploadId-copy"): ("UploadPartCopy", upload_calls.upload_part_copy),
    ("POST", "object", "uploadId"): (
        "CompleteMultipartUpload",
        upload_calls.complete_multipart_upload,
    ),
    ("DELETE", "object", "uploadId"): ("AbortMultipartUpload", upload_calls.abort_multipart_upload),
    ("GET", "object", "uploadId"): ("ListParts", upload_calls.list_parts),
}
SUBRESOURCES = frozenset(
    {
        "accelerate",
        "acl",
        "analytics",
        "attributes",
        "cors",
        "delete",
        "encryption",
        "intelligent-tiering",
        "inventory",
        "legal-hold",
        "lifecycle",
        "list-type",
        "location",
        "logging",
        "metrics",
        "notification",
        "object-lock",
        "ownershipControls",
        "policy",
        "policyStatus",
        "publicAccessBlock",
        "replication",
        "requestPayment",
        "restore",
        "retention",
        "select",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versioning",
        "versions",
        "website",
    }
)


def identify(request: Request) -> tuple[str, Callable[[Call], Response]]:
    """Operation name and handler. Raises AwsError NotImplemented naming what was asked for."""
    level, sub = _level(request.path), _subresource(request)
    try:
        return OPERATIONS[request.method, level, sub]
    except KeyError:
        asked = f"{request.method} {level}" + (f" ?{sub}" if sub else "")
        raise AwsError("NotImplemented", f"{asked} is not implemented by localaws.") from None


def _level(path: str) -> str:
    bucket, _, key = path.removeprefix("/").partition("/")
    return "object" if key else "bucket" if bucket else "service"


def _subresource(request: Request) -> str:
    sub = next((name for name in request.params if name in SUBRESOURCES), "")
    if request.method == "PUT" and request.header("X-Amz-Copy-Source"):
        return f"{sub}-copy" if sub else "copy"
    return sub


def serve(app: App, request: Request, handler: Callable[[Call], Response]) -> Response:
    return handler(read(app, request))
