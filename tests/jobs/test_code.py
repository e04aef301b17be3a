"""What a job's page tells people to copy launches the same job."""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from aws.types import ChannelSpec, ParameterRange, TrainingJobSpec, TuningJobSpec
from jobs import code
from jobs.models import TrainingJob
from tests.jobs.conftest import BUCKET, QUICK, environment

SPEC = TrainingJobSpec(
    name="churn-abcdefghij",
    image="683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
    role_arn="arn:aws:iam::123456789012:role/a",
    hyperparameters={"objective": "binary:logistic", "num_round": "2"},
    channels=(ChannelSpec("train", "s3://b/train/", "text/csv"),),
    output_s3_uri="s3://b/out/",
    instance_type="ml.m5.large",
)
TUNING = TuningJobSpec(
    name="search-abcdefghij",
    trial=SPEC,
    ranges=(
        ParameterRange("max_depth", "integer", "2", "4", "Linear"),
        ParameterRange("eta", "continuous", "0.1", "0.5", "Logarithmic"),
        ParameterRange("booster", "categorical", values=("gbtree", "dart")),
    ),
    objective="validation:auc",
    direction="Maximize",
    strategy="Random",
)
ALIKE = (
    *("AlgorithmSpecification", "RoleArn", "HyperParameters", "InputDataConfig", "Environment"),
    *("OutputDataConfig", "ResourceConfig", "StoppingCondition", "EnableManagedSpotTraining"),
)


def run(text, service):
    shell = {**os.environ, **environment(service), "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-c", text]
    done = subprocess.run(
        command, env=shell, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def spec_for(console, **changes):
    prepared = console.preparation.channels
    channels = tuple(
        ChannelSpec(name, prepared[name]["uri"], prepared[name]["content_type"])
        for name in ("train", "validation")
    )
    role = console.workspace.execution_role_arn
    there = {"role_arn": role, "channels": channels, "output_s3_uri": f"s3://{BUCKET}/copied/"}
    return replace(SPEC, **there | {"hyperparameters": QUICK} | changes)


def described(service, prefix):
    client = service.client("sagemaker")
    found = client.list_training_jobs(NameContains=prefix)["TrainingJobSummaries"]
    return [client.describe_training_job(TrainingJobName=one["TrainingJobName"]) for one in found]


@pytest.mark.django_db
def test_the_boto3_code_of_a_job_runs_and_launches_the_same(console):
    spec = spec_for(
        console,
        use_spot=True,
        max_wait_seconds=90_000,
        environment={"STAGE": 'it\'s "quoted"'},
        tags={"team": "growth"},
    )
    printed = run(code.boto3_training(spec, "us-east-1"), console.service)
    assert printed.endswith(" Completed\n")
    (copied,) = described(console.service, "churn-abcdefghij-")
    client = console.service.client("sagemaker")
    client.create_training_job(**code.sagemaker.training_job_request(spec))
    original = client.describe_training_job(TrainingJobName=spec.name)
    assert {one: copied.get(one) for one in ALIKE} == {one: original.get(one) for one in ALIKE}
    assert client.list_tags(ResourceArn=copied["TrainingJobArn"])["Tags"] == [
        {"Key": "team", "Value": "growth"}
    ]


@pytest.mark.django_db
def test_the_boto3_code_of_a_tuning_job_runs(console):
    search = replace(TUNING, trial=spec_for(console), max_jobs=1, max_parallel=1, seed=7)
    printed = run(code.boto3_tuning(search, "us-east-1"), console.service)
    name, status = printed.split()
    assert status in {"InProgress", "Completed"}
    client = console.service.client("sagemaker")
    found = client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert found["HyperParameterTuningJobConfig"]["RandomSeed"] == 7
    ranges = found["HyperParameterTuningJobConfig"]["ParameterRanges"]
    assert ranges["CategoricalParameterRanges"] == [
        {"Name": "booster", "Values": ["gbtree", "dart"]}
    ]
    with suppress(ClientError):  # it may have ended by itself
        client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)


def test_a_value_cannot_become_code():
    nasty = '"); import os; os.system("true") #\'\\\n'
    spec = replace(SPEC, hyperparameters={nasty: nasty}, environment={"A": nasty})
    search = replace(TUNING, trial=spec)
    for text in (
        code.boto3_training(spec, nasty),
        code.sdk_training(spec, nasty),
        code.boto3_tuning(search, nasty),
        code.sdk_tuning(search, nasty),
    ):
        names = compile(text, "copied", "exec").co_names
        assert "os" not in names
        assert "system" not in names


def test_names_leave_room_for_the_time():
    spec = replace(SPEC, name="n" * 63)
    assert f'name = "{"n" * 48}"' in code.boto3_training(spec, "us-east-1")
    search = replace(TUNING, name="n" * 32)
    assert f'name = "{"n" * 17}"' in code.boto3_tuning(search, "us-east-1")


@pytest.mark.django_db
def test_pages_and_api_give_the_code_without_our_marks(client, api, member, workspace, prepared):
    client.force_login(member)
    job = TrainingJob.objects.create(
        workspace=workspace,
        preparation=prepared,
        name="First",
        algorithm="xgboost",
        image=SPEC.image,
        instance_type="ml.m5.large",
        aws_tags={"team": "growth"},
        hyperparameters=QUICK | {"_tuning_objective_metric": "validation:auc"},
    )
    for tool, codes in api(member).get(f"/api/v1/jobs/{job.uid}/code").json().items():
        assert "mlconsole:id" not in codes
        assert "_tuning_objective_metric" not in codes
        assert "growth" in codes
        assert prepared.channels["train"]["uri"] in codes
        assert tool in {"boto3", "sagemaker"}
    page = client.get(f"/jobs/{job.uid}/code").content.decode()
    assert "create_training_job" in page
    assert "Estimator(" in page
