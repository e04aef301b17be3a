"""Transform jobs that are stopped, or outlive a kill."""

import pytest

from tests.localaws.lab import csv, until
from tests.localaws.test_transform_jobs import TransformLab, transform_request


@pytest.fixture
def lab(own_localaws) -> TransformLab:
    lab = TransformLab(own_localaws)
    job = lab.trained("to-transform")
    lab.model("cancer", job["ModelArtifacts"]["S3ModelArtifacts"])
    lab.put("many/rows.csv", (csv(lab.features) + b"\n") * 20)
    return lab


def begun(lab, name):
    request = transform_request(name, "many/") | {"BatchStrategy": "SingleRecord"}
    lab.sagemaker.create_transform_job(**request)
    until(
        lambda: lab.sagemaker.describe_transform_job(TransformJobName=name),
        lambda job: "TransformStartTime" in job,
    )


def test_it_stops(lab):
    begun(lab, "stopped")
    lab.sagemaker.create_transform_job(**transform_request("waiting", "many/"))
    for name in ("waiting", "stopped"):
        lab.sagemaker.stop_transform_job(TransformJobName=name)
        assert lab.transformed(name)["TransformJobStatus"] == "Stopped"


def test_it_starts_again_after_a_kill(lab):
    begun(lab, "lasting")
    lab.put("many/rows.csv", csv(lab.features[:5]))
    lab.localaws.kill()
    lab.localaws.restart()
    lab.sagemaker, lab.s3 = lab.localaws.client("sagemaker"), lab.localaws.client("s3")
    assert lab.transformed("lasting")["TransformJobStatus"] == "Completed"
    assert len(lab.output("rows.csv.out").splitlines()) == 5
