"""Uploads in parts over REST, as a page or a program sends them."""

import base64
import hashlib
from functools import partial

import pytest
import requests
from django.test import Client

from aws import s3
from aws.clients import client as aws_client
from core.models import Workspace
from datasets.models import Dataset
from datasets.parts import PART_BYTES
from mlconsole.api import api as ninja
from tests.datasets.conftest import stored
from tests.localaws.test_faults import inject

pytestmark = pytest.mark.django_db
URL = "/api/v1/uploads"
PART = PART_BYTES
LINE = b"0.125," + b"x" * 1_000 + b",yes\n"
BIG = b"a,b,c\n" + LINE * (2 * PART // len(LINE))  # two parts
md5 = partial(hashlib.md5, usedforsecurity=False)


@pytest.fixture
def client(api, member, lab):
    return api(member)


@pytest.fixture
def shop(workspace, own_localaws, wired):
    return wired(workspace, own_localaws)


@pytest.fixture
def at_amazon(workspace, localaws, wired):
    """A workspace of Amazon's kind whose S3 is localaws."""
    workspace.kind = Workspace.Kind.AWS
    return wired(workspace, localaws)


def begin(client, content=BIG, **wish):
    wish = {"filename": "big.csv", "bytes": len(content), "fingerprint": "big"} | wish
    return client.post(URL, wish, content_type="application/json")


def put(client, upload, number, content=BIG, **headers):
    start = (number - 1) * upload["part_bytes"]
    body = content[start : start + upload["part_bytes"]]
    place = f"{URL}/{upload['id']}/parts/{number}"
    return client.put(place, body, content_type="application/octet-stream", headers=headers)


def test_it_makes_a_dataset_of_parts(client, lab):
    answer = begin(client, name="Mine")
    upload = answer.json()
    assert (answer.status_code, upload["status"], upload["direct"]) == (201, "Uploading", False)
    assert (upload["part_bytes"], upload["part_count"], upload["parts"]) == (PART, 2, [])

    checked = base64.b64encode(md5(BIG[PART:]).digest()).decode()
    assert put(client, upload, 2, **{"Content-MD5": checked}).status_code == 204
    again = begin(client)
    assert (again.status_code, again.json()["id"]) == (200, upload["id"])
    assert (again.json()["parts"], again.json()["sent"]) == ([2], len(BIG) - PART)
    early = client.post(f"{URL}/{upload['id']}/complete")
    assert (early.status_code, early.json()["error"]["code"]) == (409, "conflict")
    assert "Part 1 of 2" in early.json()["error"]["message"]

    assert put(client, upload, 1).status_code == 204
    for _ in range(2):  # the answer may be lost
        done = client.post(f"{URL}/{upload['id']}/complete")
        assert (done.status_code, done.json()["status"]) == (200, "Profiling")
    assert (done.json()["name"], done.json()["delimiter"]) == ("Mine", ",")
    row = Dataset.objects.get()
    assert s3.get_object(lab.account, lab.bucket, row.key) == BIG
    found = client.get(f"{URL}/{upload['id']}").json()
    assert (found["status"], found["parts"]) == ("Profiling", [1, 2])
    refused = client.delete(f"{URL}/{upload['id']}")
    assert refused.status_code == 409


def test_it_says_what_is_wrong_with_a_part(client):
    upload = begin(client).json()
    place = f"{URL}/{upload['id']}/parts"
    send = partial(client.put, content_type="application/octet-stream")
    assert send(f"{place}/1", b"x" * (PART + 1)).status_code == 413
    assert send(f"{place}/1", b"x").status_code == 422
    assert send(f"{place}/3", b"x").status_code == 422
    damaged = put(client, upload, 1, **{"Content-MD5": "AAAA"})
    assert (damaged.status_code, damaged.json()["error"]["code"]) == (422, "damaged")
    assert client.get(f"{URL}/{upload['id']}").json()["parts"] == []


def test_it_refuses_what_cannot_be_used_before_it_is_sent(client):
    head = base64.b64encode(b"\x80\x04\x95" + bytes(100)).decode()
    answer = begin(client, b"x" * 10_000_000, head=head)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_file")
    assert "pickle" in answer.json()["error"]["fields"]["file"][0]
    head = base64.b64encode(BIG[: 2**21]).decode()
    assert begin(client, head=head).status_code == 201
    client.delete(f"{URL}/{Dataset.objects.get().uid}")
    too_large = begin(client, bytes=5 * 2**40 + 1)
    assert (too_large.status_code, too_large.json()["error"]["code"]) == (413, "too_large")
    assert not Dataset.objects.exists()


def test_cancelling_removes_the_parts(client, lab):
    upload = begin(client).json()
    put(client, upload, 1)
    assert client.delete(f"{URL}/{upload['id']}").status_code == 202
    assert client.get(f"{URL}/{upload['id']}").status_code == 404
    assert put(client, upload, 2).status_code == 404
    uploads = aws_client(lab.account, "s3").list_multipart_uploads(Bucket=lab.bucket)
    assert f"datasets/{upload['id']}/original" not in str(uploads)


def test_a_dataset_that_came_otherwise_is_no_upload(client, uploaded):
    dataset = uploaded()
    assert client.get(f"{URL}/{dataset.uid}").status_code == 404
    assert client.post(f"{URL}/{dataset.uid}/complete").status_code == 404


def test_a_page_sends_with_its_session_and_the_forms_token(signed_in, member, lab):
    page = Client(enforce_csrf_checks=True)
    page.force_login(member)
    page.get("/datasets/upload")
    token = {"X-CSRFToken": page.cookies["csrftoken"].value}
    wish = {"filename": "a.csv", "bytes": 8}
    assert page.post(URL, wish, content_type="application/json").status_code == 403
    upload = page.post(URL, wish, content_type="application/json", headers=token).json()
    content = b"a,b\n1,x\n"
    assert put(page, upload, 1, content).status_code == 403
    assert put(page, upload, 1, content, **token).status_code == 204


def test_a_page_sends_straight_to_amazon(api, member, at_amazon, localaws):
    client = api(member)
    upload = begin(client).json()
    assert upload["direct"] is True
    for number in (1, 2):
        link = client.post(f"{URL}/{upload['id']}/parts/{number}/link").json()["url"]
        page = {"Origin": "http://testserver"}
        asked = page | {"Access-Control-Request-Method": "PUT"}
        assert requests.options(link, headers=asked, timeout=5).status_code == 200
        body = BIG[(number - 1) * PART : number * PART]
        assert requests.put(link, data=body[:-1], headers=page, timeout=5).status_code == 403
        sent = requests.put(link, data=body, headers=page, timeout=20)
        assert sent.headers["Access-Control-Allow-Origin"] == "http://testserver"
    assert client.post(f"{URL}/{upload['id']}/complete").status_code == 200
    row = Dataset.objects.get()
    assert s3.get_object(at_amazon.account, at_amazon.bucket, row.key) == BIG


def test_pages_go_through_the_console_where_the_bucket_may_not_be_told(
    api, member, shop, own_localaws
):
    Workspace.objects.filter(pk=shop.pk).update(kind=Workspace.Kind.AWS)
    refusal = {"kind": "error", "code": "AccessDenied", "status": 403, "message": "No"}
    inject(own_localaws, refusal | {"service": "s3", "operation": "GetBucketCors"})
    assert begin(api(member)).json()["direct"] is False


def test_only_pages_that_send_straight_may_leave_the_console(signed_in, member, lab, localaws):
    page = signed_in(member)
    policy = page.get("/datasets/upload").headers["Content-Security-Policy"]
    assert "connect-src" not in policy
    Workspace.objects.filter(pk=lab.pk).update(kind=Workspace.Kind.AWS)
    policy = page.get("/datasets/upload").headers["Content-Security-Policy"]
    assert f"connect-src 'self' {localaws.url}/{lab.bucket}/;" in f"{policy};"


def test_s3_may_throttle_a_part_and_lose_the_completion(api, member, shop, own_localaws):
    client = api(member)
    upload = begin(client).json()
    rule = {"service": "s3", "operation": "UploadPart", "kind": "error", "code": "SlowDown"}
    inject(own_localaws, rule | {"status": 503, "message": "Slow down", "count": 3})
    slow = put(client, upload, 1)
    assert (slow.status_code, slow.json()["error"]["code"]) == (503, "storage_unavailable")
    assert put(client, upload, 1).status_code == 204
    assert put(client, upload, 2).status_code == 204

    lost = {"service": "s3", "operation": "CompleteMultipartUpload", "kind": "lost_response"}
    inject(own_localaws, lost | {"count": 3})
    answer = client.post(f"{URL}/{upload['id']}/complete")
    if answer.status_code != 200:  # S3 was asked three times and never heard
        assert answer.status_code == 503
        found = client.get(f"{URL}/{upload['id']}").json()
        assert (found["status"], found["parts"]) == ("Uploading", [1, 2])
        answer = client.post(f"{URL}/{upload['id']}/complete")
    assert (answer.status_code, answer.json()["status"]) == (200, "Profiling")
    assert f"datasets/{upload['id']}/original" in stored(shop)


def test_the_api_says_that_a_part_is_its_body(db):
    operation = ninja.get_openapi_schema()["paths"]["/api/v1/uploads/{uid}/parts/{number}"]["put"]
    assert list(operation["requestBody"]["content"]) == ["application/octet-stream"]
    assert "Content-MD5" in [one["name"] for one in operation["parameters"]]
