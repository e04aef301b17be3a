"""Uploads in parts, as s3transfer makes them from 8 MB on."""

import hashlib
import io
import os
from functools import partial

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

PART = 5 << 20
md5 = partial(hashlib.md5, usedforsecurity=False)


def code_of(call, **request):
    with pytest.raises(ClientError) as refused:
        call(**request)
    return refused.value.response["Error"]["Code"]


@pytest.fixture
def started(s3, bucket):
    """Where an upload is under way: what every call on it needs."""
    upload = s3.create_multipart_upload(
        Bucket=bucket, Key="big", ContentType="text/csv", Metadata={"run": "1"}
    )
    return {"Bucket": bucket, "Key": "big", "UploadId": upload["UploadId"]}


def upload(s3, started, *contents):
    return [
        {
            "PartNumber": n,
            "ETag": s3.upload_part(**started, PartNumber=n, Body=content)["ETag"],
        }
        for n, content in enumerate(contents, start=1)
    ]


def test_it_joins_what_boto3_splits(s3, bucket, tmp_path):
    content = os.urandom(17 << 20)
    config = TransferConfig(multipart_chunksize=PART, multipart_threshold=PART)
    s3.upload_fileobj(io.BytesIO(content), bucket, "big", Config=config)
    head = s3.head_object(Bucket=bucket, Key="big")
    assert head["ContentLength"] == len(content)
    assert head["ETag"].endswith('-4"')
    s3.download_file(bucket, "big", str(tmp_path / "big"), Config=config)
    assert (tmp_path / "big").read_bytes() == content


def test_it_reads_ranges_across_the_seams(s3, started):
    first, second = os.urandom(PART), os.urandom(1000)
    parts = upload(s3, started, first, second)
    done = s3.complete_multipart_upload(**started, MultipartUpload={"Parts": parts})
    digests = b"".join(md5(part).digest() for part in (first, second))
    assert done["ETag"] == f'"{md5(digests).hexdigest()}-2"'
    where = {"Bucket": started["Bucket"], "Key": "big"}
    got = s3.get_object(**where, Range=f"bytes={PART - 10}-{PART + 9}")
    assert got["Body"].read() == first[-10:] + second[:10]
    assert (got["ContentType"], got["Metadata"]) == ("text/csv", {"run": "1"})


def test_it_copies_parts_without_moving_data(s3, bucket, started, localaws):
    content = os.urandom(PART + 3000)
    s3.put_object(Bucket=bucket, Key="source", Body=content)
    blobs = {path.name for path in (localaws.data / "blobs").glob("*/*")}
    source, parts = {"Bucket": bucket, "Key": "source"}, []
    for n, span in enumerate([f"0-{PART - 1}", f"{PART}-{PART + 2999}"], start=1):
        copied = s3.upload_part_copy(
            **started, PartNumber=n, CopySource=source, CopySourceRange=f"bytes={span}"
        )
        parts.append({"PartNumber": n, "ETag": copied["CopyPartResult"]["ETag"]})
    assert {path.name for path in (localaws.data / "blobs").glob("*/*")} <= blobs
    s3.complete_multipart_upload(**started, MultipartUpload={"Parts": parts})
    s3.delete_object(Bucket=bucket, Key="source")
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == content


def test_it_lists_and_aborts_what_is_under_way(s3, bucket, started):
    upload(s3, started, b"p" * PART, b"q")
    listed = s3.list_parts(**started)
    assert [(p["PartNumber"], p["Size"]) for p in listed["Parts"]] == [(1, PART), (2, 1)]
    running = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [item["Key"] for item in running] == ["big"]
    s3.abort_multipart_upload(**started)
    assert code_of(s3.list_parts, **started) == "NoSuchUpload"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_it_keeps_only_the_last_of_a_part_sent_twice(s3, started):
    upload(s3, started, b"old" * 100)
    parts = upload(s3, started, b"new" * 100)
    s3.complete_multipart_upload(**started, MultipartUpload={"Parts": parts})
    where = {"Bucket": started["Bucket"], "Key": "big"}
    assert s3.get_object(**where)["Body"].read() == b"new" * 100


def test_it_refuses_a_wrong_list_of_parts(s3, started):
    parts = upload(s3, started, b"too small", b"last")

    def complete(parts):
        return code_of(s3.complete_multipart_upload, **started, MultipartUpload={"Parts": parts})

    assert complete(parts) == "EntityTooSmall"
    assert complete(parts[::-1]) == "InvalidPartOrder"
    assert complete([{"PartNumber": 1, "ETag": "0" * 32}]) == "InvalidPart"
    assert complete([{"PartNumber": 9, "ETag": parts[0]["ETag"]}]) == "InvalidPart"
    assert len(s3.list_parts(**started)["Parts"]) == 2


def test_it_refuses_xml_with_entities(s3, started, localaws):
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><CompleteMultipartUpload>&a;</CompleteMultipartUpload>'
    path = f"/{started['Bucket']}/big?uploadId={started['UploadId']}"
    status, _, answer = localaws.call("POST", path, bomb, service="s3")
    assert status == 400
    assert b"MalformedXML" in answer
