"""What the page tells people to copy runs as it stands."""

import os
import shutil
import subprocess
import sys

import pytest

from endpoints.snippets import boto3_call, curl_call
from tests.endpoints.conftest import in_service
from tests.jobs.conftest import environment


@pytest.fixture
def shell(aws):
    """An environment as `notebook-env` exports it."""
    return {**os.environ, **environment(aws), "NO_PROXY": "127.0.0.1"}


@pytest.fixture
def row(lab):
    return ",".join(map(str, lab.features[500]))


def run(command, shell):
    done = subprocess.run(
        command, env=shell, capture_output=True, text=True, timeout=60, check=True
    )
    return float(done.stdout)


def test_the_boto3_lines_run(shell, row, requested):
    code = boto3_call(in_service(requested()).aws_name, "us-east-1", row)
    assert 0 <= run([sys.executable, "-c", code], shell) <= 1


def test_the_curl_line_runs(shell, row, requested):
    if not shutil.which("curl"):
        pytest.skip("no curl on PATH")
    command = curl_call(in_service(requested()).aws_name, "us-east-1", row, is_local=True)
    assert 0 <= run(["/bin/sh", "-c", f"{command} --silent"], shell) <= 1


def test_at_amazon_the_address_is_the_regions():
    command = curl_call("prod", "eu-west-1", "1,2", is_local=False)
    address = "https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/prod/invocations"
    assert address in command
    assert "aws:amz:eu-west-1:sagemaker" in command


def test_a_row_cannot_break_out_of_its_quotes():
    nasty = "1'; rm -rf /; '\"$(id)`id`"
    assert "--data-binary '1'\"'\"'; rm -rf /; '\"'\"'\"$(id)`id`'" in curl_call(
        "e", "us-east-1", nasty, is_local=True
    )
    compile(boto3_call("e", "us-east-1", nasty), "snippet", "exec")
