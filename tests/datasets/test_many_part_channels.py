"""Channels of many objects: training reads all of them, and so does whoever wants their lines."""

import time

import pytest

from aws import s3, sagemaker
from aws.images import image_uri
from aws.types import ChannelSpec, TrainingJobSpec
from datasets import prepare
from tests.datasets.test_processing import (  # noqa: F401  # fixtures
    FLOWERS,
    done,
    in_parts,
    lab,
    limit,
    scripting,
)

pytestmark = pytest.mark.slow
HYPERPARAMETERS = {
    "xgboost": {"num_round": "2", "objective": "multi:softmax", "num_class": "3"},
    "knn": {"k": "3", "sample_size": "400", "predictor_type": "classifier", "feature_dim": "2"},
}
IMAGES = {"xgboost": ("sagemaker-xgboost", "1.7-1"), "knn": ("knn", "1")}


def trained(preparation, names):
    workspace = preparation.workspace
    spec = TrainingJobSpec(
        name=f"many-{preparation.uid}",
        image=image_uri(*IMAGES[preparation.algorithm], workspace.region),
        role_arn="arn:aws:iam::123456789012:role/execution",
        hyperparameters=HYPERPARAMETERS[preparation.algorithm],
        channels=tuple(
            ChannelSpec(
                channel,
                preparation.channels[split]["uri"],
                preparation.channels[split]["content_type"],
            )
            for channel, split in names.items()
        ),
        output_s3_uri=s3.uri(workspace.bucket, "out"),
        instance_type="ml.m5.large",
    )
    sagemaker.create_training_job(workspace.account, spec)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job = sagemaker.describe_training_job(workspace.account, spec.name)
        if job.ended:
            return job
        time.sleep(0.1)
    raise AssertionError("the job never ended")


@pytest.mark.parametrize(
    ("algorithm", "names"),
    [
        ("xgboost", {"train": "train", "validation": "validation"}),
        ("knn", {"train": "train", "test": "validation"}),
    ],
)
def test_training_reads_all_of_them(ready, actor, algorithm, names):
    dataset = in_parts(ready(FLOWERS))
    limit(dataset)
    preparation = done(prepare.request(actor, dataset, target="kind", algorithm=algorithm))
    assert (preparation.status, preparation.failure_reason) == ("Ready", "")
    job = trained(preparation, names)
    assert (job.status, job.failure_reason) == ("Completed", "")
    rows = preparation.channels["test"]["rows"]
    lines = list(prepare.split_lines(preparation, "test"))
    assert len(lines) == rows
    assert {line.count(b",") for line in lines} == {len(preparation.features)}
