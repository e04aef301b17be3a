"""Endpoints that run inference components are asked by the component's name, everywhere."""

import json

import pytest
from cfnlint.api import ManualArgs, lint

from endpoints import calls, idle, lambda_template
from tests.aws.conftest import Reply, credentials, scripted  # noqa: F401  # its fixtures
from tests.endpoints.conftest import fresh

HEADER = "X-Amzn-SageMaker-Inference-Component"


@pytest.fixture
def endpoint(scripted, monkeypatch, make_endpoint):  # noqa: F811  # that fixture
    monkeypatch.setenv("AWS_ENDPOINT_URL", scripted.url)
    monkeypatch.setattr("aws.clients._clients", {})
    scripted.says(Reply(200, b'{"said": "hello"}', {"Content-Type": "application/json"}))
    variant = {"name": "v", "model": "", "instance_count": 1, "kind": idle.COMPONENTS}
    components = [{"name": "llm"}, {"name": "tts"}]
    return fresh(make_endpoint("shared", variants=[variant], components=components))


def asked(server):
    return [(one.headers[HEADER], one.body.decode()) for one in server.requests]


def test_the_page_asks_one_of_them_and_asks_it_again(signed_in, viewer, endpoint, scripted):  # noqa: F811
    vera, url = signed_in(viewer), f"/endpoints/{endpoint.uid}"
    assert "<option>tts</option>" in vera.get(url).content.decode()
    page = vera.post(f"{url}/ask", {"csv": "hi", "component": "tts"}).content.decode()
    assert "hello" in page
    (kept,) = endpoint.predictions.all()
    assert (kept.variant, kept.request) == ("tts", "hi")
    vera.post(f"{url}/ask", {"again": kept.pk})
    assert asked(scripted) == [("tts", "hi")] * 2


def test_the_api_asks_with_a_body_as_it_stands(api, viewer, endpoint, scripted):  # noqa: F811
    question = {"body": '{"say": "é"}', "content_type": "application/json", "component": "llm"}
    url = f"/api/v1/endpoints/{endpoint.uid}/predict"
    said = api(viewer).post(url, json.dumps(question), content_type="application/json").json()
    assert asked(scripted) == [("llm", '{"say": "é"}')]
    assert scripted.requests[0].headers["Content-Type"] == "application/json"
    assert (said["response"], said["content_type"]) == ('{"said": "hello"}', "application/json")
    assert said["predictions"] == []


def test_whoever_calls_from_elsewhere_names_it(endpoint):
    for way, words in {
        "boto3": "InferenceComponentName='llm',",
        "curl": f"'{HEADER}: llm'",
        "sdk": "component_name='llm',",
        "sdk3": "inference_component_name='llm',",
        "lambda": "InferenceComponentName='llm',",
    }.items():
        assert words in calls.snippet(endpoint, way), way
    text = calls.template(endpoint)
    assert "inference-component/llm" in text, "the role may ask it"
    assert lint(text, config=ManualArgs(regions=["us-east-1"])) == []
    compile(lambda_template.handler(calls.call(endpoint), "raw"), "index.py", "exec")
