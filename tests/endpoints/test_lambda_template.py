"""The template of an HTTP API: cfn-lint accepts it, and its very handler answers."""

import base64
import json

import pytest
from cfnlint.api import ManualArgs, lint
from cfnlint.decode import decode_str

from endpoints import calls, inputs, lambda_template, requests
from endpoints.decoders import Decoder
from endpoints.snippets import Call
from tests.endpoints.called import endpoint, expected, served  # noqa: F401  # its fixtures

ARGS = ManualArgs(regions=["us-east-1"])


def parsed(text):
    template, problems = decode_str(text)
    assert not problems
    return template


def loaded(text, monkeypatch):
    """The handler's module, as Lambda would load it out of the template."""
    function = parsed(text)["Resources"]["Function"]["Properties"]
    for name, value in function["Environment"]["Variables"].items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")  # Lambda sets AWS_REGION as well
    space = {"__name__": "index"}
    exec(compile(str(function["Code"]["ZipFile"]), "index.py", "exec"), space)  # noqa: S102
    module, _, name = function["Handler"].partition(".")
    assert module == "index"
    return space[name], space


def asked(handler, body):
    answer = handler({"version": "2.0", "body": body, "isBase64Encoded": False}, None)
    assert answer["headers"]["content-type"] == "application/json"
    return answer["statusCode"], json.loads(answer["body"])


def test_cfn_lint_accepts_it_and_would_not_accept_another(endpoint):  # noqa: F811
    text = calls.template(endpoint)
    assert lint(text, config=ARGS) == []
    assert lint(text.replace("RetentionInDays: 30", "RetentionInDays: soon"), config=ARGS)


def test_the_page_shows_it_and_gives_it_as_a_file(endpoint, signed_in, viewer):  # noqa: F811
    vera, url = signed_in(viewer), f"/endpoints/{endpoint.uid}"
    file = vera.get(f"{url}/api.yaml")
    assert file.headers["Content-Disposition"] == (
        f'attachment; filename="{endpoint.aws_name}-api.yaml"'
    )
    assert file.content.decode() == calls.template(endpoint)
    page = vera.get(f"{url}?way=lambda").content.decode()
    assert f'href="{url}/api.yaml"' in page
    assert "{&quot;rows&quot;: [[" in page
    part = vera.get(f"{url}?way=curl&part=call", headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<section class="stack-s" id="call"')
    assert "--aws-sigv4" in part


def test_it_may_ask_this_endpoint_and_nothing_else(endpoint):  # noqa: F811
    resources = parsed(calls.template(endpoint))["Resources"]
    statements = [
        statement
        for policy in resources["Role"]["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    invoking = [one for one in statements if "sagemaker" in str(one["Action"])]
    assert [one["Action"] for one in invoking] == ["sagemaker:InvokeEndpoint"]
    text, values = invoking[0]["Resource"]["Fn::Sub"]
    assert text.endswith(":endpoint/${One}")
    assert values == {"One": endpoint.aws_name.lower()}
    assert {one["Effect"] for one in statements} == {"Allow"}
    assert "*" not in {str(one["Resource"]) for one in statements}


def test_its_handler_answers_and_says_what_is_wrong(endpoint, expected, monkeypatch):  # noqa: F811
    handler, space = loaded(calls.template(endpoint), monkeypatch)
    question = calls.question(endpoint)
    assert asked(handler, question) == (200, {"predictions": [expected]})
    packed = {"body": base64.b64encode(question.encode()).decode(), "isBase64Encoded": True}
    assert handler(packed, None)["statusCode"] == 200
    status, said = asked(handler, '{"rows": [[1, 2]]}')
    assert (status, said["error"]) == (400, "row 1 has 2 values, the model reads 30")
    for wrong in ("", "no json", "[]", '{"rows": []}', '{"rows": [7]}', '{"rows": [["x"]]}'):
        assert asked(handler, wrong)[0] == 400, wrong
    monkeypatch.setenv("ENDPOINT_NAME", "somebody-elses")
    assert asked(handler, question) == (502, {"error": "The model does not answer."})
    space["WIDTH"] = 2
    monkeypatch.setenv("ENDPOINT_NAME", endpoint.aws_name)
    assert asked(handler, '{"rows": [[1, 2]]}')[0] == 422, "the container's refusal"


def test_texts_become_what_training_had(monkeypatch):
    feature = {"name": "text", "kind": "text", "categories": [], "lower": True}
    columns = inputs.Columns(["text"], ["text"], "", {"features": [feature], "left_out": []})
    said = "Don't PANIC, it's 3.14 – “quoted”"
    call = Call("t", "us-east-1", "", "application/json", decoder=Decoder("words", [], {"a": "b"}))
    token = calls.TOKEN.pattern
    source = lambda_template.handler(call, "texts", token=token, lower=True)
    _, space = loaded(lambda_template.template(call, source), monkeypatch)
    body = json.loads(space["body_of"](lambda_template.question("texts", [said], "")))
    ((line,),) = inputs.fit([[said]], columns)
    ours = json.loads(requests.manner("blazingtext").body([line]))
    assert body["instances"] == ours["instances"]


def test_of_very_many_columns_the_first_are_named():
    call = Call("wide", "us-east-1", "")
    source = lambda_template.handler(call, "csv", [f"word_{n}" for n in range(20_000)])
    assert "WIDTH = 20000" in source
    assert "'word_499'" in source
    assert "and 19500 more" in source
    assert "'word_500'" not in source


@pytest.mark.parametrize("way", ["csv", "features", "texts", "raw"])
def test_each_way_lints_whatever_columns_and_labels_are_called(way, monkeypatch):
    nasty = ["$body_of", "#\n- x: {", "'\"\\", "é\U0001f600\u2028", "a b" * 60]
    call = Call("n", "us-east-1", "", decoder=Decoder("code", nasty))
    text = lambda_template.template(call, lambda_template.handler(call, way, nasty, token="a"))
    assert text.isascii()
    _, space = loaded(text, monkeypatch)
    assert space["LABELS"] == nasty
    if way in ("csv", "features"):
        assert space["body_of"]('{"rows": [[1, 2, 3, 4, null]]}')
    assert way != "raw" or space["body_of"]("as it is") == "as it is"
