"""Tuning jobs: what is sent, how AWS's description reads, and the trials."""

import time
from dataclasses import replace

import pytest

from aws import errors, s3, sagemaker
from aws.images import image_uri
from aws.types import ChannelSpec, ParameterRange, TrainingJobSpec, TuningJobSpec
from tests.aws.conftest import REGION, ROLE

ROWS = b"1,0.9\n0,0.1\n1,0.7\n0,0.2\n" * 20
RANGES = (
    ParameterRange("max_depth", "integer", "2", "4", "Linear"),
    ParameterRange("eta", "continuous", "0.1", "0.5", "Logarithmic"),
    ParameterRange("tree_method", "categorical", values=("exact", "hist")),
)


@pytest.fixture
def spec(local, name):
    s3.ensure_bucket(local, name)
    for channel in ("train", "validation"):
        s3.put_object(local, name, f"{channel}/rows.csv", ROWS)
    trial = TrainingJobSpec(
        name="",
        image=image_uri("sagemaker-xgboost", "1.7-1", REGION),
        role_arn=ROLE,
        hyperparameters={"num_round": "2", "objective": "binary:logistic", "eval_metric": "auc"},
        channels=tuple(
            ChannelSpec(channel, f"s3://{name}/{channel}/", "text/csv")
            for channel in ("train", "validation")
        ),
        output_s3_uri=f"s3://{name}/out",
        instance_type="ml.m5.large",
        max_runtime_seconds=300,
    )
    return TuningJobSpec(
        name=name[:32].strip("-"),
        trial=trial,
        ranges=RANGES,
        objective="validation:auc",
        direction="Maximize",
        strategy="Random",
        max_jobs=2,
        max_parallel=2,
        seed=7,
        tags={"mlconsole:id": "7"},
    )


def finished(account, name):
    deadline = time.monotonic() + 90
    while True:
        job = sagemaker.describe_tuning_job(account, name)
        if job.status not in {"InProgress", "Stopping"}:
            return job
        assert time.monotonic() < deadline, job
        time.sleep(0.3)


@pytest.mark.slow
def test_it_finds_the_best_of_its_trials(local, spec):
    arn = sagemaker.create_tuning_job(local, spec)
    assert sagemaker.list_tags(local, arn) == {"mlconsole:id": "7"}
    job = finished(local, spec.name)
    assert (job.status, job.arn, job.image) == ("Completed", arn, spec.trial.image)
    assert (job.strategy, job.objective, job.direction) == ("Random", "validation:auc", "Maximize")
    assert set(job.ranges) == set(RANGES)
    assert job.hyperparameters["num_round"] == "2"
    assert (job.max_jobs, job.max_parallel, job.counts["Completed"]) == (2, 2, 2)
    trials = list(sagemaker.list_trials(local, spec.name))
    assert [set(trial.hyperparameters) for trial in trials] == [
        {"max_depth", "eta", "tree_method"}
    ] * 2
    assert job.best_value == max(trial.value for trial in trials)
    assert job.best_name in {trial.name for trial in trials}
    best = sagemaker.describe_training_job(local, job.best_name)
    assert best.tuning_job_arn == arn


def test_it_lists_stops_and_refuses_to_stop_twice(local, spec):
    patient = replace(spec.trial, hyperparameters={**spec.trial.hyperparameters, "num_round": "90"})
    sagemaker.create_tuning_job(local, replace(spec, trial=patient, max_jobs=50))
    assert spec.name in {job.name for job in sagemaker.list_tuning_jobs(local)}
    sagemaker.stop_tuning_job(local, spec.name)
    assert finished(local, spec.name).status == "Stopped"
    with pytest.raises(errors.WrongState):
        sagemaker.stop_tuning_job(local, spec.name)


def test_it_says_that_a_name_is_taken(local, spec):
    sagemaker.create_tuning_job(local, spec)
    with pytest.raises(errors.AlreadyExists):
        sagemaker.create_tuning_job(local, spec)
    sagemaker.stop_tuning_job(local, spec.name)


def test_it_misses_a_tuning_job(local):
    with pytest.raises(errors.NotFound):
        sagemaker.describe_tuning_job(local, "nobodys")


def test_it_asks_for_a_grid_and_for_hyperband(spec):
    from aws.sagemaker import tuning_jobs

    grid = tuning_jobs.tuning_job_request(replace(spec, strategy="Grid", ranges=RANGES[2:]))
    assert "MaxNumberOfTrainingJobs" not in grid["HyperParameterTuningJobConfig"]["ResourceLimits"]
    band = tuning_jobs.tuning_job_request(
        replace(spec, strategy="Hyperband", max_resource=9, early_stopping=True)
    )["HyperParameterTuningJobConfig"]
    assert band["TrainingJobEarlyStoppingType"] == "Off"
    assert band["StrategyConfig"]["HyperbandStrategyConfig"] == {
        "MinResource": 1,
        "MaxResource": 9,
    }
