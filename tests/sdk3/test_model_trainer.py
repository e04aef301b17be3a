"""ModelTrainer of the SDK's version 3: a built-in algorithm, and a script by `SourceCode`."""

import io
import tarfile

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from tests.localaws.conftest import ROOT
from tests.sdk.data import digits

ROLE = "arn:aws:iam::123456789012:role/mlconsole-execution"


@pytest.fixture
def session(notebook):
    from sagemaker.core.helper.session_helper import Session

    return Session()


@pytest.fixture
def cancer(tmp_path):
    """Folder by channel: the label is the first column."""
    table = np.column_stack(load_breast_cancer(return_X_y=True)[::-1])
    parts = train_test_split(table, test_size=0.3, random_state=0, stratify=table[:, 0])
    folders = {}
    for name, rows in zip(("train", "validation"), parts, strict=True):
        folders[name] = tmp_path / name
        folders[name].mkdir()
        np.savetxt(folders[name] / "rows.csv", rows, delimiter=",")
    return folders


@pytest.fixture
def channels(cancer):
    """From this machine: the trainer uploads them to the default bucket."""
    from sagemaker.train.configs import InputData

    return [
        InputData(channel_name=name, data_source=str(folder), content_type="text/csv")
        for name, folder in cancer.items()
    ]


def metrics(job):
    return {metric.metric_name: metric.value for metric in job.final_metric_data_list}


def members(session, uri):
    """Names in the archive at `uri`."""
    bucket, key = uri.removeprefix("s3://").split("/", 1)
    body = session.boto_session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        return archive.getnames()


def test_it_trains_boosted_trees_and_finds_the_artifact(session, channels):
    from sagemaker.core import image_uris
    from sagemaker.train import ModelTrainer
    from sagemaker.train.configs import Compute

    trainer = ModelTrainer(
        training_image=image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1"),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters={
            "objective": "binary:logistic",
            "num_round": 40,
            "eval_metric": "auc",
            "seed": 0,
        },
        base_job_name="boosted",
        sagemaker_session=session,
    )
    trainer.train(input_data_config=channels)
    job = trainer._latest_training_job
    job.refresh()
    assert job.training_job_status == "Completed"
    assert job.role_arn == ROLE
    assert metrics(job)["validation:auc"] > 0.97
    assert members(session, job.model_artifacts.s3_model_artifacts) == ["xgboost-model"]


@pytest.fixture
def images(tmp_path):
    """Folders of digits, as the script reads them."""
    train, test, train_labels, test_labels = digits()
    folders = {}
    for name, rows, labels in (("train", train, train_labels), ("test", test, test_labels)):
        folders[name] = tmp_path / name
        folders[name].mkdir()
        np.savez_compressed(folders[name] / "digits.npz", rows=rows, labels=labels)
    return folders


@pytest.fixture
def forest(session, images):
    """A trainer whose script asks for a forest of 60 trees."""
    from sagemaker.core import image_uris
    from sagemaker.core.shapes import MetricDefinition
    from sagemaker.train import ModelTrainer
    from sagemaker.train.configs import Compute, InputData, SourceCode

    image = image_uris.retrieve("sklearn", session.boto_region_name, version="1.2-1")
    return ModelTrainer(
        training_image=image,
        source_code=SourceCode(
            source_dir=str(ROOT / "tests" / "sdk" / "source"), entry_script="forest.py"
        ),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters={"n-estimators": 60},
        input_data_config=[
            InputData(channel_name=name, data_source=str(folder)) for name, folder in images.items()
        ],
        base_job_name="forest",
        sagemaker_session=session,
    ).with_metric_definitions([MetricDefinition(name="accuracy", regex=r"accuracy=([\d.]+)")])


def test_it_trains_with_a_script_once_the_role_may(session, forest):
    from sagemaker.core.utils.exceptions import FailedStatusError

    with pytest.raises(FailedStatusError, match="Nobody allowed its execution role that"):
        forest.train()
    tags = [{"Key": "localaws:scripts", "Value": "allowed"}]
    session.boto_session.client("iam").tag_role(RoleName=ROLE.rpartition("/")[2], Tags=tags)
    forest.base_job_name = "forest-allowed"  # names differ by the second otherwise
    forest.train()
    job = forest._latest_training_job
    job.refresh()
    assert job.training_job_status == "Completed"
    assert metrics(job)["accuracy"] > 0.95
    assert members(session, job.model_artifacts.s3_model_artifacts) == ["model.joblib"]
