"""Training jobs with an entrypoint, as version 3 of the SDK requests them."""

import io
import tarfile
from typing import Any

import pytest

from tests.localaws.lab import BUCKET, XGBOOST, Lab, channel, refusal
from tests.localaws.scripts import SKLEARN

NAME = "may-run-commands"
ROLE = f"arn:aws:iam::123456789012:role/{NAME}"
KNN = "382416733822.dkr.ecr.us-east-1.amazonaws.com/knn:1"
TRAIN = """
import os
with open("/opt/ml/model/seen", "w") as seen:
    seen.write(" ".join(sorted(os.listdir("/opt/ml/input/data"))))
print("accuracy=0.75", open("/opt/ml/input/config/hyperparameters.json").read())
"""
RUN = "#!/bin/bash\nset -e\npython3 /opt/ml/input/data/code/train.py\n"


@pytest.fixture(scope="module")
def lab(localaws) -> Any:
    tags = [{"Key": "localaws:scripts", "Value": "allowed"}]
    localaws.client("iam").tag_role(RoleName=NAME, Tags=tags)
    return Lab(localaws)


def run(lab: Lab, name: str, script: str = RUN, **members: Any) -> dict[str, Any]:
    """The finished job of an entrypoint that runs `script`; `image` and `role` may be others."""
    lab.put(f"{name}/code/train.py", TRAIN.encode())
    lab.put(f"{name}/code/run.sh", script.encode())
    specification = {
        "TrainingImage": members.pop("image", SKLEARN),
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["/bin/bash"],
        "ContainerArguments": ["-c", "bash /opt/ml/input/data/code/run.sh"],
        "MetricDefinitions": [{"Name": "accuracy", "Regex": r"accuracy=([\d.]+)"}],
    }
    if specification["TrainingImage"] == KNN:
        del specification["MetricDefinitions"]
    lab.start(
        name,
        {"depth": "3"},
        AlgorithmSpecification=specification,
        InputDataConfig=[channel("train"), channel("code", f"s3://{BUCKET}/{name}/code/")],
        RoleArn=members.pop("role", ROLE),
        **members,
    )
    return lab.finished(name)


@pytest.mark.parametrize("image", [SKLEARN, XGBOOST], ids=["scikit-learn", "xgboost"])
def test_it_runs_the_command_where_opt_ml_would_be(lab, image):
    name = f"command-{'xgboost' in image}"
    job = run(lab, name, image=image)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["FinalMetricDataList"][0]["Value"] == 0.75
    assert '{"depth": "3"}' in "".join(lab.logged("/aws/sagemaker/TrainingJobs", f"{name}/"))
    key = f"out/{name}/output/model.tar.gz"
    body = lab.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as model:
        seen = model.extractfile("seen")
        assert seen is not None
        assert seen.read() == b"code train"


def test_a_command_that_fails_says_why(lab):
    job = run(lab, "command-fails", "echo to be sure >&2\nexit 3\n")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: to be sure, exit code: 3"


def test_what_the_command_wrote_to_the_failure_file_counts(lab):
    job = run(
        lab, "command-explains", "echo noise >&2\necho mine > /opt/ml/output/failure\nexit 1\n"
    )
    assert job["FailureReason"] == "AlgorithmError: mine\n, exit code: 1"


def test_pip_installs_nothing(lab):
    job = run(lab, "command-installs", "pip install --quiet sampleproject\n")
    assert job["TrainingJobStatus"] == "Failed"
    assert "No matching distribution found for sampleproject" in job["FailureReason"]


def test_arguments_alone_are_refused(lab):
    specification = {
        "TrainingImage": SKLEARN,
        "TrainingInputMode": "File",
        "ContainerArguments": ["train"],
    }
    code, message = refusal(
        lab.start, name="command-half", AlgorithmSpecification=specification, RoleArn=ROLE
    )
    assert code == "ValidationException"
    assert message.startswith("localaws needs the ContainerEntrypoint")


def test_amazons_own_algorithms_run_no_commands(lab):
    reason = run(lab, "command-knn", image=KNN)["FailureReason"]
    assert reason == "ClientError: The image knn runs no command of yours here."


def test_a_role_that_may_not_bring_scripts_brings_no_commands(lab):
    reason = run(lab, "command-refused", role=ROLE.replace(NAME, "other"))["FailureReason"]
    assert "Nobody allowed its execution role that." in reason
