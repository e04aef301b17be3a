"""Pages that send straight to a bucket: who may, and where their browser must be let go."""

from datetime import timedelta

import pytest
import requests

from aws import cors, s3
from aws.clients import Account, client
from aws.errors import Denied
from aws.types import Part
from tests.aws.conftest import REGION, Reply

PAGE = "https://console.example"
SECOND = Part(number=2, etag="", size=6)


@pytest.fixture
def bucket(local, name):
    s3.ensure_bucket(local, name)
    return name


def rules(account, bucket):
    return client(account, "s3").get_bucket_cors(Bucket=bucket)["CORSRules"]


def test_it_allows_one_origin_once_and_keeps_the_other_rules(local, bucket):
    other = {"AllowedOrigins": ["https://other"], "AllowedMethods": ["GET"]}
    configuration = {"CORSRules": [other]}
    client(local, "s3").put_bucket_cors(Bucket=bucket, CORSConfiguration=configuration)
    for _ in range(2):
        cors.allow_uploads(local, bucket, PAGE)
    first, ours = rules(local, bucket)
    assert first == other
    assert (ours["AllowedOrigins"], ours["AllowedMethods"]) == ([PAGE], ["PUT"])


def test_it_says_that_it_may_not(scripted):
    refusal = b"<Error><Code>AccessDenied</Code><Message>No</Message></Error>"
    scripted.says(Reply(403, refusal))
    with pytest.raises(Denied):
        cors.allow_uploads(scripted.account, "bucket", PAGE)


def test_a_page_can_send_a_part_and_no_other(local, bucket):
    cors.allow_uploads(local, bucket, PAGE)
    upload = s3.create_multipart_upload(local, bucket, "key")
    link = s3.presign_part(local, bucket, "key", upload, SECOND, expires=timedelta(minutes=1))
    assert link.startswith(cors.address(local, bucket))
    ask = {"Origin": PAGE, "Access-Control-Request-Method": "PUT"}
    assert requests.options(link, headers=ask, timeout=5).status_code == 200
    sent = requests.put(link, data=b"second", headers={"Origin": PAGE}, timeout=5)
    assert sent.headers["Access-Control-Allow-Origin"] == PAGE
    forged = link.replace("partNumber=2", "partNumber=1")
    assert requests.put(forged, data=b"first.", timeout=5).status_code == 403
    assert requests.put(link, data=b"too long", timeout=5).status_code == 403
    (part,) = s3.list_parts(local, bucket, "key", upload)
    assert (part.number, part.size) == (2, 6)


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "cn-north-1"])
@pytest.mark.parametrize("bucket", ["plain-bucket", "with.dots"])
def test_it_knows_where_amazons_links_point(credentials, region, bucket):
    account = Account(region=region)
    link = s3.presign_part(account, bucket, "key", "upload", SECOND, expires=timedelta(minutes=1))
    assert link.startswith(cors.address(account, bucket))
    # The global address redirects to the region's, and a page's PUT does not follow.
    assert region == REGION or f".{region}." in link or f"s3.{region}." in link
