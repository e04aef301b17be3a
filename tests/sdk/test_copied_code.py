"""The console's "copy as SageMaker SDK code" runs with the real SDK and launches the same job."""

import contextlib
import io

import numpy as np
import pytest

from aws.types import ChannelSpec, ParameterRange, TrainingJobSpec, TuningJobSpec
from jobs import code
from tests.sdk.data import INSTANCE, cancer


@pytest.fixture
def spec(session, tmp_path):
    import sagemaker

    train, test, train_labels, test_labels = cancer()
    channels = []
    for name, rows, labels in (("train", train, train_labels), ("validation", test, test_labels)):
        path = tmp_path / f"{name}.csv"
        np.savetxt(path, np.column_stack([labels, rows]), delimiter=",")
        uri = session.upload_data(str(path), key_prefix=f"copied/{name}")
        channels.append(ChannelSpec(name, uri, "text/csv", sharded=name == "train"))
    return TrainingJobSpec(
        name="copied-abcdefghij",
        image=sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1"),
        role_arn=sagemaker.get_execution_role(),
        hyperparameters={"objective": "binary:logistic", "num_round": "5", "eval_metric": "auc"},
        channels=tuple(channels),
        output_s3_uri=f"s3://{session.default_bucket()}/copied-out/",
        instance_type=INSTANCE,
        volume_gb=7,
        max_runtime_seconds=600,
        use_spot=True,
        max_wait_seconds=900,
        environment={"STAGE": 'a "quote"'},
        tags={"team": "growth"},
    )


def run(text):
    """What the code leaves: its names."""
    found = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, "copied", "exec"), found)  # noqa: S102  what people do with it
    return found


def test_a_copied_job_is_the_same_job(session, spec):
    estimator = run(code.sdk_training(spec, session.boto_region_name))["estimator"]
    client = session.sagemaker_client
    job = client.describe_training_job(TrainingJobName=estimator.latest_training_job.name)
    assert job["TrainingJobStatus"] == "Completed"
    asked = code.sagemaker.training_job_request(spec)
    for name in ("HyperParameters", "ResourceConfig", "StoppingCondition", "OutputDataConfig"):
        assert {one: job[name][one] for one in asked[name]} == asked[name]
    assert job["Environment"]["STAGE"] == 'a "quote"'
    assert job["EnableManagedSpotTraining"]
    sent = {one["ChannelName"]: one for one in job["InputDataConfig"]}
    for channel in asked["InputDataConfig"]:
        assert sent[channel["ChannelName"]]["DataSource"] == channel["DataSource"]
        assert sent[channel["ChannelName"]]["ContentType"] == "text/csv"
    tags = client.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
    assert {"Key": "team", "Value": "growth"} in tags


def test_a_copied_search_is_the_same_search(session, spec):
    search = TuningJobSpec(
        name="search-abcdefghij",
        trial=spec,
        ranges=(
            ParameterRange("max_depth", "integer", "2", "4", "Linear"),
            ParameterRange("eta", "continuous", "0.1", "0.5", "Logarithmic"),
            ParameterRange("booster", "categorical", values=("gbtree", "dart")),
        ),
        objective="validation:auc",
        direction="Maximize",
        strategy="Random",
        max_jobs=2,
        max_parallel=2,
        seed=7,
    )
    found = run(code.sdk_tuning(search, session.boto_region_name))["search"]
    client = session.sagemaker_client
    job = client.describe_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=found.latest_tuning_job.name
    )
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    asked = code.sagemaker.tuning_job_request(search)["HyperParameterTuningJobConfig"]
    got = job["HyperParameterTuningJobConfig"]
    assert got["ResourceLimits"]["MaxNumberOfTrainingJobs"] == 2
    for one in ("Strategy", "RandomSeed", "HyperParameterTuningJobObjective"):
        assert got[one] == asked[one]
    for kind, ranges in asked["ParameterRanges"].items():
        numbers = {"MinValue": float, "MaxValue": float}
        plain = [{k: numbers.get(k, lambda x: x)(v) for k, v in one.items()} for one in ranges]
        there = got["ParameterRanges"][kind]
        assert [
            {k: numbers.get(k, lambda x: x)(v) for k, v in one.items()} for one in there
        ] == plain
