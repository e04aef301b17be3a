"""Objects in S3: put, get, stream, list, delete, multipart, presign."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, BinaryIO, cast
from urllib.parse import quote

from boto3.s3.transfer import TransferConfig

from aws.clients import Account, client
from aws.errors import AwsError, Invalid, NotFound, from_code, translated
from aws.times import utc
from aws.types import ObjectHead, ObjectSummary, Part

PART_BYTES = 8 * 2**20  # S3 takes 10,000 parts: up to 80 GB from a stream of unknown length
DELETE_BATCH = 1_000  # the most DeleteObjects takes

_TRANSFER = TransferConfig(
    multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=2
)
# s3transfer would read ten parts ahead of the network; with two an upload of any size holds 45 MB.
_TRANSFER.max_in_memory_upload_chunks = 2


def parse_uri(uri: str) -> tuple[str, str]:
    """`s3://bucket/key` as (bucket, key); the key may be empty. `Invalid` for anything else."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket:
        raise Invalid(f"Not an s3:// address: {uri!r}")
    return bucket, key


def uri(bucket: str, key: str) -> str:
    return f"s3://{bucket}/{key}"


def head_bucket(account: Account, bucket: str) -> None:
    """Whether we may use the bucket: `NotFound`, or `Denied` when it is somebody else's."""
    with translated():
        client(account, "s3").head_bucket(Bucket=bucket)


def bucket_region(account: Account, bucket: str, *, read_timeout: float = 0) -> str:
    """Where the bucket is; "" when S3 does not say. Raises as `head_bucket` does."""
    with translated():
        answer = client(account, "s3", read_timeout=read_timeout).head_bucket(Bucket=bucket)
    return answer.get("BucketRegion", "")


def ensure_bucket(account: Account, bucket: str) -> None:
    """Create the bucket in the account's region unless it is there. Repeatable.

    `Denied` or `AlreadyExists` when the name belongs to somebody else.
    """
    try:
        head_bucket(account, bucket)
    except NotFound:
        _create_bucket(account, bucket)


def _create_bucket(account: Account, bucket: str) -> None:
    try:
        with translated():
            if account.region == "us-east-1":  # the one region that S3 refuses to be told
                client(account, "s3").create_bucket(Bucket=bucket)
            else:
                client(account, "s3").create_bucket(
                    Bucket=bucket,
                    CreateBucketConfiguration={"LocationConstraint": account.region},  # type: ignore[typeddict-item]  # stubs list the regions of their day
                )
    except AwsError as error:
        if error.code != "BucketAlreadyOwnedByYou":
            raise


def put_object(
    account: Account, bucket: str, key: str, body: bytes, *, content_type: str = ""
) -> str:
    """Store `body` whole, replacing what was there; the ETag."""
    with translated():
        answer = client(account, "s3").put_object(
            Bucket=bucket, Key=key, Body=body, **_content_type(content_type)
        )
    return _etag(answer["ETag"])


def upload_fileobj(
    account: Account,
    bucket: str,
    key: str,
    fileobj: IO[bytes],
    *,
    content_type: str = "",
    progress: Callable[[int], None] | None = None,
) -> None:
    """Stream `fileobj` (seekable or not) in parts, holding about 45 MB; it may come back closed.

    The object appears only when it is complete. `progress` is called from other threads with the
    bytes sent since its last call, a negative number when a part is sent again.
    """
    with translated():
        client(account, "s3").upload_fileobj(
            fileobj,
            bucket,
            key,
            ExtraArgs=_content_type(content_type),
            Callback=progress,
            Config=_TRANSFER,
        )


def upload_file(
    account: Account,
    bucket: str,
    key: str,
    path: Path,
    *,
    content_type: str = "",
    progress: Callable[[int], None] | None = None,
) -> None:
    """`upload_fileobj` of the file at `path`."""
    with path.open("rb") as file:
        upload_fileobj(account, bucket, key, file, content_type=content_type, progress=progress)


def get_object(
    account: Account,
    bucket: str,
    key: str,
    *,
    range: tuple[int, int] | None = None,  # noqa: A002  # S3's own word for it
    etag: str = "",
) -> bytes:
    """The object in memory, `NotFound` when missing.

    With `range` only its bytes from the first to the last named, both included. With `etag`,
    `Invalid` (PreconditionFailed) when it is no longer that object.
    """
    wanted: Any = {"Range": f"bytes={range[0]}-{range[1]}"} if range else {}
    wanted |= {"IfMatch": f'"{etag}"'} if etag else {}
    with translated():
        answer = client(account, "s3").get_object(Bucket=bucket, Key=key, **wanted)
        return answer["Body"].read()


@contextmanager
def open_object(
    account: Account, bucket: str, key: str
) -> "Iterator[io.BufferedReader[io.RawIOBase]]":
    """The object as a buffered binary stream off the network; `NotFound` when missing.

    It cannot seek. What breaks while it is read is raised as an `AwsError` too.
    """
    with translated():
        body = client(account, "s3").get_object(Bucket=bucket, Key=key)["Body"]
        with io.BufferedReader(cast("io.RawIOBase", body), buffer_size=2**20) as stream:
            yield stream


@contextmanager
def open_objects(
    account: Account, bucket: str, keys: Sequence[str]
) -> "Iterator[io.BufferedReader[io.RawIOBase]]":
    """The objects one after the other as `open_object` gives one; each is opened when it is due."""
    with ExitStack() as kept:
        opened = (kept.enter_context(open_object(account, bucket, key)) for key in keys)
        with io.BufferedReader(cast("io.RawIOBase", _Joined(opened)), 2**20) as stream:
            yield stream


class _Joined(io.RawIOBase):
    def __init__(self, streams: Iterator[BinaryIO]) -> None:
        self._streams = streams
        self._now: BinaryIO | None = next(streams, None)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while self._now:
            if data := self._now.read(len(buffer)):
                buffer[: len(data)] = data
                return len(data)
            self._now.close()
            self._now = next(self._streams, None)
        return 0


def download_file(account: Account, bucket: str, key: str, path: Path) -> None:
    """The object as a file, which appears only when it is complete. `NotFound` when missing."""
    with translated():
        client(account, "s3").download_file(bucket, key, str(path), Config=_TRANSFER)


def head_object(account: Account, bucket: str, key: str) -> ObjectHead | None:
    """What is known of the object, None when it is missing.

    `Denied` for a missing object too when we may not list the bucket: S3 does not tell then.
    """
    try:
        with translated():
            answer = client(account, "s3").head_object(Bucket=bucket, Key=key)
    except NotFound:
        return None
    return ObjectHead(
        size=answer["ContentLength"],
        etag=_etag(answer["ETag"]),
        modified=utc(answer["LastModified"]),
        content_type=answer.get("ContentType", ""),
    )


def list_objects(
    account: Account, bucket: str, prefix: str, *, read_timeout: float = 0
) -> Iterator[ObjectSummary]:
    """Every object whose key starts with `prefix`, in the order of keys; 1,000 a call."""
    with translated():
        pages = client(account, "s3", read_timeout=read_timeout).get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for found in page.get("Contents", ()):
                yield ObjectSummary(
                    key=found["Key"],
                    size=found["Size"],
                    etag=_etag(found["ETag"]),
                    modified=utc(found["LastModified"]),
                )


def delete_object(account: Account, bucket: str, key: str) -> None:
    """Repeatable: a missing object is no error."""
    with translated():
        client(account, "s3").delete_object(Bucket=bucket, Key=key)


def delete_prefix(account: Account, bucket: str, prefix: str) -> int:
    """Delete every object whose key starts with `prefix`; how many there were. Repeatable."""
    if not prefix:
        raise Invalid("Refusing to delete a whole bucket: the prefix is empty.")
    keys = [found.key for found in list_objects(account, bucket, prefix)]
    for start in range(0, len(keys), DELETE_BATCH):
        _delete_batch(account, bucket, keys[start : start + DELETE_BATCH])
    return len(keys)


def _delete_batch(account: Account, bucket: str, keys: list[str]) -> None:
    with translated():
        answer = client(account, "s3").delete_objects(
            Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
    for failure in answer.get("Errors", ()):
        text = f"{failure.get('Key')}: {failure.get('Message')}"
        raise from_code(failure.get("Code", ""), text)


def create_multipart_upload(
    account: Account, bucket: str, key: str, *, content_type: str = ""
) -> str:
    """Begin an upload in parts; its id. Until completed or aborted it is invisible and charged."""
    with translated():
        answer = client(account, "s3").create_multipart_upload(
            Bucket=bucket, Key=key, **_content_type(content_type)
        )
    return answer["UploadId"]


def upload_part(
    account: Account, bucket: str, key: str, upload_id: str, number: int, body: bytes | IO[bytes]
) -> Part:
    """Send part `number`, 1 to 10,000; all but the last are 5 MiB or more. Repeatable.

    `body` may be a file that can seek: it is sent whole. S3 checks a CRC32 of it.
    """
    size = len(body) if isinstance(body, bytes) else body.seek(0, io.SEEK_END)
    if not isinstance(body, bytes):
        body.seek(0)
    with translated():
        answer = client(account, "s3").upload_part(
            Bucket=bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body
        )
    return Part(number=number, etag=_etag(answer["ETag"]), size=size)


def list_multipart_uploads(account: Account, bucket: str, prefix: str) -> dict[str, str]:
    """The latest running upload of each key that starts with `prefix`: key to upload id."""
    with translated():
        pages = client(account, "s3").get_paginator("list_multipart_uploads")
        found = [
            (upload["Key"], upload["Initiated"], upload["UploadId"])
            for page in pages.paginate(Bucket=bucket, Prefix=prefix)
            for upload in page.get("Uploads", ())
        ]
    return {key: upload_id for key, _, upload_id in sorted(found)}


def list_parts(account: Account, bucket: str, key: str, upload_id: str) -> list[Part]:
    """The parts that arrived, by number. `NotFound` once the upload is completed or aborted."""
    with translated():
        pages = client(account, "s3").get_paginator("list_parts")
        return [
            Part(number=part["PartNumber"], etag=_etag(part["ETag"]), size=part["Size"])
            for page in pages.paginate(Bucket=bucket, Key=key, UploadId=upload_id)
            for part in page.get("Parts", ())
        ]


def complete_multipart_upload(
    account: Account, bucket: str, key: str, upload_id: str, parts: Iterable[Part]
) -> str:
    """Make the object of `parts`; its ETag. `Invalid` for a part that is missing or too small."""
    listed = sorted(parts, key=lambda part: part.number)
    with translated():
        answer = client(account, "s3").complete_multipart_upload(
            Bucket=bucket,
            Key=key,
            UploadId=upload_id,
            MultipartUpload={
                "Parts": [{"PartNumber": part.number, "ETag": part.etag} for part in listed]
            },
        )
    return _etag(answer["ETag"])


def abort_multipart_upload(account: Account, bucket: str, key: str, upload_id: str) -> None:
    """Drop the upload and its parts. `NotFound` when it is over already."""
    with translated():
        client(account, "s3").abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)


def presign_part(
    account: Account, bucket: str, key: str, upload_id: str, part: Part, *, expires: timedelta
) -> str:
    """A link to which anybody may PUT the part, of exactly its size, for `expires`."""
    params: dict[str, Any] = {"Bucket": bucket, "Key": key, "UploadId": upload_id}
    params |= {"PartNumber": part.number, "ContentLength": part.size}
    with translated():
        return client(account, "s3").generate_presigned_url(
            "upload_part", Params=params, ExpiresIn=int(expires.total_seconds())
        )


def presign_get(
    account: Account, bucket: str, key: str, *, expires: timedelta | int, filename: str = ""
) -> str:
    """A link to the object for `expires` (seconds, if a number), saved as `filename`."""
    seconds = int(expires.total_seconds()) if isinstance(expires, timedelta) else expires
    params = {"Bucket": bucket, "Key": key}
    if filename:
        # RFC 6266: the starred form carries any character; none can break out of the header.
        params["ResponseContentDisposition"] = (
            f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        )
    with translated():
        return client(account, "s3").generate_presigned_url(
            "get_object", Params=params, ExpiresIn=seconds
        )


def _content_type(content_type: str) -> Any:
    return {"ContentType": content_type} if content_type else {}


def _etag(quoted: str) -> str:
    return quoted.strip('"')
