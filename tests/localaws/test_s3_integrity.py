"""What arrives damaged is refused and leaves nothing behind."""

import base64
import hashlib
import os
import zlib

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

CHUNK = 65_536
TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


class TrailerAuth(S3SigV4Auth):
    """Signs like an SDK that sends its checksum behind the body."""

    def payload(self, request):
        return TRAILER


def crc32(content):
    return base64.b64encode(zlib.crc32(content).to_bytes(4)).decode()


def put_with_trailer(localaws, path, content, checksum):
    chunks = [content[n : n + CHUNK] for n in range(0, len(content), CHUNK)]
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    framed += b"0\r\nx-amz-checksum-crc32:" + checksum.encode() + b"\r\n\r\n"
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Decoded-Content-Length": str(len(content)),
        "X-Amz-Trailer": "x-amz-checksum-crc32",
        "X-Amz-Content-SHA256": TRAILER,
    }
    request = AWSRequest("PUT", localaws.url + path, data=framed, headers=headers)
    key = Credentials(localaws.access_key, localaws.secret)
    TrailerAuth(key, "s3", "us-east-1").add_auth(request)
    return localaws.call("PUT", path, framed, dict(request.headers.items()))


@pytest.mark.parametrize("size", [0, 1, CHUNK, 300_001])
def test_it_takes_chunks_with_a_trailing_checksum(localaws, s3, bucket, size):
    content = os.urandom(size)
    status, _, answer = put_with_trailer(localaws, f"/{bucket}/k", content, crc32(content))
    assert (status, answer) == (200, b"")
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == content
    assert "ContentEncoding" not in got


def test_it_refuses_a_wrong_trailing_checksum(localaws, s3, bucket):
    status, _, answer = put_with_trailer(localaws, f"/{bucket}/k", b"content", crc32(b"other"))
    assert status == 400
    assert b"<Code>BadDigest</Code>" in answer
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize(
    "claim",
    [
        {"ChecksumCRC32": "AAAAAA=="},
        {"ChecksumSHA256": base64.b64encode(b"0" * 32).decode()},
        {"ChecksumSHA1": base64.b64encode(b"0" * 20).decode()},
        {"ContentMD5": base64.b64encode(b"0" * 16).decode()},
    ],
)
def test_it_refuses_a_wrong_checksum_of_every_kind_it_knows(s3, bucket, claim):
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"abc", **claim)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_it_accepts_the_right_checksums_and_gives_them_back(s3, bucket):
    digest = base64.b64encode(hashlib.sha256(b"abc").digest()).decode()
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc", ChecksumSHA256=digest)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["ChecksumSHA256"] == digest
    assert got["Body"].read() == b"abc"


def test_it_refuses_a_body_that_is_not_the_signed_one(localaws, bucket):
    request = AWSRequest("PUT", f"{localaws.url}/{bucket}/k", data=b"signed")
    key = Credentials(localaws.access_key, localaws.secret)
    S3SigV4Auth(key, "s3", "us-east-1").add_auth(request)
    headers = dict(request.headers.items())
    status, _, answer = localaws.call("PUT", f"/{bucket}/k", b"forged", headers)
    assert status == 400
    assert b"XAmzContentSHA256Mismatch" in answer


def test_it_serves_on_the_connection_after_a_refused_upload(s3, bucket):
    """A body nobody read must not be taken for the next request."""
    for _ in range(3):
        with pytest.raises(ClientError, match="NoSuchBucket"):
            s3.put_object(Bucket="no-such-bucket", Key="k", Body=b"GET / HTTP/1.1\r\n\r\n" * 9000)
        s3.put_object(Bucket=bucket, Key="k", Body=b"fine")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"fine"
