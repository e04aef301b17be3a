"""What the page tells people to copy runs as it stands, and says what the page says."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from urllib.request import Request, urlopen

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from endpoints import calls
from endpoints.decoders import Decoder
from endpoints.errors import NotServing
from endpoints.models import Endpoint
from endpoints.snippets import Call, boto3_call, curl_call, sdk2_call
from tests.endpoints.called import endpoint, expected, served  # noqa: F401  # its fixtures
from tests.endpoints.conftest import fresh
from tests.jobs.conftest import environment
from tests.localaws.lab import BUCKET

M5 = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


@pytest.fixture
def shell(localaws):
    """An environment as `notebook-env` exports it."""
    found = {name: value for name, value in os.environ.items() if name != "AWS_SESSION_TOKEN"}
    return {**found, **environment(localaws), "NO_PROXY": "127.0.0.1"}


def run(command, shell):
    done = subprocess.run(
        command, env=shell, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_the_boto3_lines_run(endpoint, expected, shell):  # noqa: F811  # those fixtures
    said = run([sys.executable, "-c", calls.snippet(endpoint, "boto3")], shell)
    assert ast.literal_eval(said) == [expected]


def test_of_an_asynchronous_endpoint_the_answer_is_fetched(served, endpoint, expected, shell):  # noqa: F811  # those fixtures
    name, lab = f"{served.name}-later", served.lab
    output = {"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/later/"}}
    variant = {"VariantName": "v", "ModelName": served.name, **M5}
    lab.sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant], AsyncInferenceConfig=output
    )
    lab.endpoint(name, name)
    later = [{"name": "v", "kind": "asynchronous"}]
    Endpoint.objects.filter(pk=endpoint.pk).update(aws_name=name, variants=later)
    row = fresh(endpoint)
    assert list(calls.ways(row)) == ["boto3"]
    said = run([sys.executable, "-c", calls.snippet(row, calls.way_of(row, "lambda"))], shell)
    assert ast.literal_eval(said) == [expected]
    with pytest.raises(NotServing):
        calls.template(row)


def test_what_curl_sends_is_answered(endpoint, expected, shell):  # noqa: F811  # those fixtures
    """By curl where there is one, and with the same request signed here everywhere."""
    command = calls.snippet(endpoint, "curl")
    said = [sent(command, shell)]
    if shutil.which("curl"):
        said.append(run(["/bin/sh", "-c", f"{command} --silent"], shell))
    read = namespace(calls.call(endpoint).decoder)["read"]
    assert [read(text) for text in said] == [[expected]] * len(said)


def sent(command, shell):
    """The answer to the request that the command describes."""
    words = shlex.split(re.sub(r"\$\{.*\}", "", command.replace("\\\n", " ")))
    assert words[0] == "curl"
    address = words[1].replace("$AWS_ENDPOINT_URL", shell["AWS_ENDPOINT_URL"])
    options = list(zip(words[2::2], words[3::2], strict=True))
    given = dict(options)
    headers = dict(v.split(": ", 1) for name, v in options if name == "--header")
    assert given["--user"] == "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"
    provider, prefix, region, service = given["--aws-sigv4"].split(":")
    assert (provider, prefix) == ("aws", "amz")
    request = AWSRequest("POST", address, data=given["--data-binary"], headers=headers)
    keys = Credentials(shell["AWS_ACCESS_KEY_ID"], shell["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(keys, service, region).add_auth(request)
    body = given["--data-binary"].encode()
    signed = Request(address, body, dict(request.headers))  # noqa: S310  # localaws's own
    with urlopen(signed, timeout=30) as answer:  # noqa: S310  # localaws's own
        return answer.read().decode()


def namespace(decoder):
    found = {}
    exec(f"import json\n{decoder.source}", found)  # noqa: S102  it is what people copy
    return found


def test_at_amazon_the_address_is_the_regions():
    command = curl_call(Call("prod", "eu-west-1", "1,2"))
    address = "https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/prod/invocations"
    assert address in command
    assert "aws:amz:eu-west-1:sagemaker" in command


def test_temporary_keys_bring_their_token():
    command = curl_call(Call("e", "us-east-1", "1"))
    shown = command.replace("curl ", "printf '%s\\n' ", 1)
    words = run(["/bin/sh", "-c", shown], {"AWS_SESSION_TOKEN": "a token"}).splitlines()
    assert words[words.index("X-Amz-Security-Token: a token") - 1] == "--header"
    assert "X-Amz-Security-Token" not in run(["/bin/sh", "-c", shown], {})


def test_a_row_cannot_break_out_of_its_quotes():
    nasty = "1'; rm -rf /; '\"$(id)`id`\u2028"
    call = Call("e", "us-east-1", nasty, decoder=Decoder("code", ["'''", '"\n', "\U0001f600"]))
    assert "--data-binary '1'\"'\"'; rm -rf /; '\"'\"'\"$(id)`id`" in curl_call(call)
    for program in (boto3_call(call), sdk2_call(call)):
        found = ast.parse(program)
        texts = [node.value for node in ast.walk(found) if isinstance(node, ast.Constant)]
        assert nasty in texts
        assert "\U0001f600" in texts
        assert program.isascii()


def test_models_of_others_are_called_as_they_are(make_endpoint, who):
    call = calls.call(fresh(make_endpoint("foreign")))
    assert (call.content_type, call.accept) == ("text/csv", "*/*")
    assert namespace(call.decoder)["read"]("as it is") == "as it is"
