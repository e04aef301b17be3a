"""The HTTP side: what sockets may do to us."""

import http.client
import socket
import time

import pytest


@pytest.fixture
def connection(localaws):
    opened = http.client.HTTPConnection("127.0.0.1", localaws.port, timeout=20)
    yield opened
    opened.close()


def answer_to(connection, method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read()


def raw(localaws, content):
    """Send bytes, close our sending side; everything that comes back."""
    with socket.create_connection(("127.0.0.1", localaws.port), timeout=20) as plain:
        plain.sendall(content)
        plain.shutdown(socket.SHUT_WR)
        received = b""
        while block := plain.recv(65_536):
            received += block
    return received


def blobs(localaws):
    return {path.name for path in (localaws.data / "blobs").glob("*/*")}


def test_it_never_takes_an_unread_body_for_the_next_request(connection):
    smuggled = b"GET /_localaws/health HTTP/1.1\r\nHost: x\r\n\r\n" * 20_000
    for _ in range(2):
        status, answer = answer_to(connection, "PUT", "/bucket/key", smuggled)
        assert (status, b"AccessDenied" in answer) == (403, True)
        assert answer_to(connection, "GET", "/_localaws/health")[0] == 200


def test_it_keeps_the_connection_open(connection):
    answer_to(connection, "GET", "/_localaws/health")
    first = connection.sock
    answer_to(connection, "GET", "/_localaws/health")
    assert connection.sock is first


def test_it_does_not_ask_for_a_body_it_would_refuse(localaws):
    head = (
        b"PUT /bucket/key HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
    )
    answer = raw(localaws, head)
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"100 Continue" not in answer
    assert b"\r\nConnection: close\r\n" in answer


def test_it_refuses_a_content_length_that_is_no_number(localaws):
    for length in (b"-1", b"ten", b"1e3"):
        request = b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n"
        assert raw(localaws, request).startswith(b"HTTP/1.1 400 ")


def test_it_keeps_nothing_of_an_upload_that_breaks_off(localaws, s3, bucket):
    before = blobs(localaws)
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"})
    target = url.removeprefix(localaws.url).encode()
    host = b"127.0.0.1:%d" % localaws.port
    head = b"PUT %b HTTP/1.1\r\nHost: %b\r\nContent-Length: 100000\r\n\r\n" % (target, host)
    answer = raw(localaws, head + b"x" * 5000)
    assert b"IncompleteBody" in answer
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    deadline = time.monotonic() + 5
    while blobs(localaws) - before:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_reads_a_body_in_http_chunks(connection, localaws, s3, bucket):
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"})
    chunks = iter([b"first,", b"second"])
    connection.request("PUT", url.removeprefix(localaws.url), chunks, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"first,second"
    assert answer_to(connection, "GET", "/_localaws/health")[0] == 200
