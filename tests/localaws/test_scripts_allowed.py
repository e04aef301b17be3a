"""Who may bring programs: the execution role's tag says so, at the moment when they would start."""

from typing import Any

import pytest

from tests.localaws import processing
from tests.localaws.lab import BUCKET, ROLE, Lab, until, variant
from tests.localaws.scripts import SKLEARN, archive, start

ALLOWED = "arn:aws:iam::123456789012:role/team/may-bring-scripts"
OFF = "Nobody allowed its execution role that."
TRAIN = archive(train__py="print('accuracy=1.0')")
SERVE = archive(
    code__inference__py=(
        "def model_fn(folder):\n    return 0\ndef predict_fn(data, model):\n    return data * 2\n"
    )
)


def allow(lab: Lab, value: str = "allowed") -> None:
    tags = [{"Key": "localaws:scripts", "Value": value}]
    lab.localaws.client("iam").tag_role(RoleName="may-bring-scripts", Tags=tags)


def forbid(lab: Lab) -> None:
    iam = lab.localaws.client("iam")
    iam.untag_role(RoleName="may-bring-scripts", TagKeys=["localaws:scripts"])


@pytest.fixture
def lab(localaws) -> Any:
    """A localaws that was started without --allow-scripts."""
    lab = Lab(localaws)
    allow(lab)
    yield lab
    forbid(lab)
    lab.leave()


def trained(lab: Lab, name: str, role: str) -> dict[str, Any]:
    start(lab, name, TRAIN, role=role)
    return lab.finished(name)


def deployed(lab: Lab, name: str, role: str, status: str) -> dict[str, Any]:
    """An endpoint of a model with code of its own."""
    lab.put("double/model.tar.gz", SERVE)
    container = {"Image": SKLEARN, "ModelDataUrl": f"s3://{BUCKET}/double/model.tar.gz"}
    lab.sagemaker.create_model(
        ModelName=name, PrimaryContainer=container, **{"ExecutionRoleArn": role} if role else {}
    )
    lab.config(name, **{name: 1})
    return lab.endpoint(name, name, status)


def test_jobs_of_an_allowed_role_run_scripts(lab):
    job = trained(lab, "scripts-allowed", ALLOWED)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")


def test_jobs_of_another_role_do_not(lab):
    reason = trained(lab, "scripts-not-allowed", ROLE)["FailureReason"]
    assert reason.startswith("ClientError: The image sagemaker-scikit-learn runs code of yours")
    assert OFF in reason
    assert "on the workspace's page" in reason
    assert "Tags=[{'Key': 'localaws:scripts', 'Value': 'allowed'}]" in reason
    assert "--allow-scripts" in reason


def test_only_the_word_allowed_allows(lab):
    allow(lab, "no")
    assert OFF in trained(lab, "scripts-wrong-word", ALLOWED)["FailureReason"]


def test_it_is_decided_when_the_job_starts(lab):
    trained(lab, "scripts-before", ALLOWED)
    forbid(lab)
    assert OFF in trained(lab, "scripts-after", ALLOWED)["FailureReason"]


def test_models_of_an_allowed_role_bring_their_code(lab):
    deployed(lab, "code-allowed", ALLOWED, "InService")
    assert b"6" in lab.ask("code-allowed", b"3")


@pytest.mark.parametrize("role", [ROLE, ""], ids=["other-role", "no-role"])
def test_other_models_do_not(lab, role):
    name = f"code-refused-{bool(role)}"
    assert OFF in deployed(lab, name, role, "Failed")["FailureReason"]


def test_an_update_to_code_that_is_not_allowed_keeps_the_endpoint(lab):
    deployed(lab, "code-updated", ALLOWED, "InService")
    forbid(lab)
    lab.sagemaker.create_endpoint_config(
        EndpointConfigName="code-updated-2", ProductionVariants=[variant("code-updated")]
    )
    lab.sagemaker.update_endpoint(EndpointName="code-updated", EndpointConfigName="code-updated-2")
    settled = lab.settled("code-updated", "InService")
    assert OFF in settled["FailureReason"]
    assert b"6" in lab.ask("code-updated", b"3")


def test_processing_jobs_ask_their_role_too(lab):
    done = processing.run(lab, "process-allowed", "print()", RoleArn=ALLOWED)
    assert done["ProcessingJobStatus"] == "Completed", done.get("FailureReason")
    done = processing.run(lab, "process-refused", "print()")
    assert OFF in done["FailureReason"]


def test_a_transform_asks_the_role_of_its_model(lab):
    lab.put("double/model.tar.gz", SERVE)
    lab.put("double/rows.csv", b"3\n")
    for role, name in ((ALLOWED, "transform-allowed"), (ROLE, "transform-refused")):
        container = {"Image": SKLEARN, "ModelDataUrl": f"s3://{BUCKET}/double/model.tar.gz"}
        lab.sagemaker.create_model(
            ModelName=name, PrimaryContainer=container, ExecutionRoleArn=role
        )
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/double/rows.csv"}
        lab.sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName=name,
            TransformInput={"DataSource": {"S3DataSource": source}, "ContentType": "text/csv"},
            TransformOutput={"S3OutputPath": f"s3://{BUCKET}/{name}"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )
    allowed, refused = (
        until(
            lambda name=name: lab.sagemaker.describe_transform_job(TransformJobName=name),
            lambda job: "TransformEndTime" in job,
        )
        for name in ("transform-allowed", "transform-refused")
    )
    assert allowed["TransformJobStatus"] == "Completed", allowed.get("FailureReason")
    assert OFF in refused["FailureReason"]
