"""Predictions: what is asked for, what comes back, and what is the model's own fault."""

import json
import time

import pytest

from aws import errors, runtime
from tests.aws.conftest import Reply

ANSWER = Reply(
    body=b"0.9\n",
    headers={"Content-Type": "text/csv", "x-Amzn-Invoked-Production-Variant": "blue"},
)


def test_it_carries_the_question_and_the_answer(scripted):
    scripted.says(ANSWER)
    answer = runtime.invoke_endpoint(
        scripted.account, "ep", b"1,2\n", content_type="text/csv", accept="text/csv", variant="blue"
    )
    assert (answer.body, answer.content_type, answer.variant) == (b"0.9\n", "text/csv", "blue")
    assert 0 < answer.latency_ms < 60_000
    [asked] = scripted.requests
    assert (asked.path, asked.body) == ("/endpoints/ep/invocations", b"1,2\n")
    assert asked.headers["Content-Type"] == "text/csv"
    assert asked.headers["Accept"] == "text/csv"
    assert asked.headers["X-Amzn-SageMaker-Target-Variant"] == "blue"


def test_it_leaves_the_choice_to_the_endpoint(scripted):
    scripted.says(ANSWER)
    runtime.invoke_endpoint(scripted.account, "ep", b"1", content_type="text/csv")
    assert "X-Amzn-SageMaker-Target-Variant" not in scripted.requests[0].headers


def test_it_speaks_motos_dialect_too(moto):
    answer = runtime.invoke_endpoint(moto, "ep", b"1", content_type="text/csv", timeout=10)
    assert answer.body == b"body"


def test_it_tells_what_the_model_said(scripted):
    told = "could not convert string to float"
    body = {
        "Message": f'Received client error (400) from primary with message "{told}".',
        "OriginalStatusCode": 400,
        "OriginalMessage": told,
        "LogStreamArn": "arn:aws:logs:us-east-1:1:log-group:/aws/sagemaker/Endpoints/ep",
    }
    headers = {"x-amzn-ErrorType": "ModelError", "Content-Type": "application/json"}
    scripted.says(Reply(424, json.dumps(body).encode(), headers))
    with pytest.raises(errors.ModelError) as caught:
        runtime.invoke_endpoint(scripted.account, "ep", b"x", content_type="text/csv")
    assert caught.value.original_status == 400
    assert caught.value.original_message == told
    assert "Received client error" in caught.value.message
    assert isinstance(caught.value, errors.Invalid)


def test_it_misses_an_endpoint(scripted):
    scripted.fails("ValidationError", "Endpoint ep of account 123456789012 not found.")
    with pytest.raises(errors.NotFound):
        runtime.invoke_endpoint(scripted.account, "ep", b"x", content_type="text/csv")


def test_it_misses_an_endpoint_locally(local):
    with pytest.raises(errors.NotFound):
        runtime.invoke_endpoint(local, "nobodys", b"x", content_type="text/csv")


def test_it_waits_no_longer_than_told(scripted):
    scripted.says(Reply(delay=30))
    began = time.monotonic()
    with pytest.raises(errors.Unavailable):
        runtime.invoke_endpoint(scripted.account, "ep", b"x", content_type="text/csv", timeout=0.3)
    assert time.monotonic() - began < 5


def test_it_asks_once(scripted):
    scripted.fails("ServiceUnavailable", status=503)
    with pytest.raises(errors.Unavailable):
        runtime.invoke_endpoint(scripted.account, "ep", b"x", content_type="text/csv")
    assert len(scripted.requests) == 1
