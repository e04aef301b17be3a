"""`notebook-env`: what a shell needs to point any AWS client here."""

import os
import shlex
import subprocess
import sys

from tests.localaws.conftest import ROOT


def notebook_env(port, data):
    command = [sys.executable, "-m", "localaws", "notebook-env"]
    return subprocess.run(
        [*command, "--port", str(port), "--data", str(data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_it_prints_an_environment_that_works(localaws):
    printed = notebook_env(localaws.port, localaws.data)
    assert printed.returncode == 0
    lines = [shlex.split(line) for line in printed.stdout.splitlines()]
    assert all(line[0] == "export" for line in lines)
    names = dict(line[1].split("=", 1) for line in lines)
    assert names["AWS_ENDPOINT_URL"] == localaws.url
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    shell = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **names},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert shell.stdout.strip() == "arn:aws:iam::123456789012:root"


def test_it_keeps_the_sagemaker_sdk_on_this_machine(localaws):
    printed = notebook_env(localaws.port, localaws.data).stdout
    [line] = [line for line in printed.splitlines() if "SAGEMAKER_USER_CONFIG_OVERRIDE" in line]
    config = localaws.data / "sagemaker-sdk.yaml"
    assert line == f"export SAGEMAKER_USER_CONFIG_OVERRIDE={config}"
    assert "TelemetryOptOut: true" in config.read_text()
    assert "DefaultS3Bucket: " in config.read_text()


def test_it_says_when_there_is_nothing_to_point_to(tmp_path):
    printed = notebook_env(1, tmp_path)
    assert printed.returncode == 1
    assert "start it first" in printed.stderr
