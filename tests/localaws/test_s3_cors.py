"""Web pages at a bucket: the rules, the browser's question beforehand, and the answers."""

import pytest
import requests
from botocore.exceptions import ClientError

PAGE = "https://console.example"
RULE = {
    "AllowedOrigins": [PAGE, "http://*.lab.example"],
    "AllowedMethods": ["PUT"],
    "AllowedHeaders": ["content-*"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 600,
}


def code_of(call, **request):
    with pytest.raises(ClientError) as refused:
        call(**request)
    return refused.value.response["Error"]["Code"]


@pytest.fixture
def open_bucket(s3, bucket):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [RULE]})
    return bucket


def ask(url, origin=PAGE, method="PUT", headers=""):
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    return requests.options(url, headers=asked, timeout=10)


def test_it_keeps_the_rules_of_a_bucket(s3, open_bucket):
    assert s3.get_bucket_cors(Bucket=open_bucket)["CORSRules"] == [RULE]
    s3.delete_bucket_cors(Bucket=open_bucket)
    assert code_of(s3.get_bucket_cors, Bucket=open_bucket) == "NoSuchCORSConfiguration"


def test_it_refuses_rules_that_s3_refuses(s3, bucket):
    wrong = {"AllowedOrigins": ["*"], "AllowedMethods": ["PATCH"]}
    config = {"CORSRules": [wrong]}
    assert code_of(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration=config) == "InvalidRequest"
    config = {"CORSRules": []}
    assert code_of(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration=config) == "MalformedXML"


def test_the_rules_go_with_the_bucket(s3, open_bucket):
    s3.delete_bucket(Bucket=open_bucket)
    s3.create_bucket(Bucket=open_bucket)
    assert code_of(s3.get_bucket_cors, Bucket=open_bucket) == "NoSuchCORSConfiguration"


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ({}, 200),
        ({"origin": "http://a.lab.example"}, 200),
        ({"headers": "Content-Type, content-md5"}, 200),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "https://console.example.evil"}, 403),
        ({"method": "DELETE"}, 403),
        ({"headers": "x-other"}, 403),
    ],
)
def test_it_answers_a_browser_that_asks_first(localaws, open_bucket, question, status):
    answer = ask(f"{localaws.url}/{open_bucket}/some/key?partNumber=1&uploadId=x", **question)
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["Access-Control-Allow-Origin"] == question.get("origin", PAGE)
        assert answer.headers["Access-Control-Allow-Methods"] == "PUT"
        assert answer.headers["Access-Control-Max-Age"] == "600"
    else:
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_it_answers_no_page_unless_the_bucket_says_so(localaws, bucket):
    for path in (f"/{bucket}/key", "/", "/_localaws/faults"):
        answer = ask(localaws.url + path)
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_page_may_read_the_answers_to_what_it_may_send(s3, open_bucket):
    place = {"Bucket": open_bucket, "Key": "sent"}
    link = s3.generate_presigned_url("put_object", Params=place)
    answer = requests.put(link, data=b"from a page", headers={"Origin": PAGE}, timeout=10)
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert answer.headers["Access-Control-Expose-Headers"] == "ETag"
    assert s3.get_object(**place)["Body"].read() == b"from a page"
    answer = requests.put(link, data=b"again", headers={"Origin": "https://other"}, timeout=10)
    assert answer.status_code == 200  # it is the browser that keeps the page from reading it
    assert "Access-Control-Allow-Origin" not in answer.headers
