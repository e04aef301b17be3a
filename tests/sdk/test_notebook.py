"""The environment alone makes a notebook work: nothing is passed, nothing leaves the machine."""

import os
import subprocess
import sys

from tests.sdk.conftest import exports

CODE = """
import sagemaker
session = sagemaker.Session()
print("ANSWER", session.default_bucket(), sagemaker.get_execution_role(), session.account_id())
"""


def test_it_knows_bucket_role_and_account(service):
    path = os.environ["PATH"]
    shell = subprocess.run(
        [sys.executable, "-c", CODE],
        env={"PATH": path, "SAGEMAKER_SUPPRESS_V2_WARNING": "1"} | exports(service),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    (answer,) = [line for line in shell.stdout.splitlines() if line.startswith("ANSWER")]
    role = "arn:aws:iam::123456789012:role/mlconsole-execution"
    assert answer == f"ANSWER sagemaker-local {role} 123456789012"
