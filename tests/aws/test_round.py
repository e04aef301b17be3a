"""One real round through localaws: train, read the logs and metrics, deploy, ask, delete."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from aws import cloudwatch, errors, logs, runtime, s3, sagemaker
from aws.images import image_uri
from aws.types import ChannelSpec, EndpointConfigSpec, ModelSpec, TrainingJobSpec, VariantSpec
from tests.aws.conftest import REGION, ROLE

pytestmark = pytest.mark.slow

IMAGE = image_uri("sagemaker-xgboost", "1.7-1", REGION)
PATIENCE = 90


def wait_for(look, *, until):
    """What `look` gives as soon as `until` is content with it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if until(found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"It never happened; the last look gave {found}")


@pytest.fixture
def spec(local, name):
    s3.ensure_bucket(local, name)
    rows = "".join(f"{int(x > 50)},{x / 100},{x % 7}\n" for x in range(100))
    s3.put_object(local, name, "in/rows.csv", rows.encode())
    source = f"s3://{name}/in/"
    return TrainingJobSpec(
        name=name,
        image=IMAGE,
        role_arn=ROLE,
        hyperparameters={
            "num_round": "5",
            "objective": "binary:logistic",
            "eval_metric": "auc",
        },
        channels=(
            ChannelSpec("train", source, "text/csv"),
            ChannelSpec("validation", source, "text/csv"),
        ),
        output_s3_uri=f"s3://{name}/out",
        instance_type="ml.m5.large",
    )


@pytest.fixture
def job(local, spec):
    sagemaker.create_training_job(local, spec)
    return wait_for(
        lambda: sagemaker.describe_training_job(local, spec.name),
        until=lambda job: job.status in {"Completed", "Failed", "Stopped"},
    )


def test_it_reads_a_whole_training_job(local, job):
    assert (job.status, job.failure_reason) == ("Completed", "")
    statuses = [step.status for step in job.transitions]
    assert statuses == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all(one.end == other.start for one, other in pairwise(job.transitions))
    assert job.started is not None
    assert job.ended is not None
    assert job.created <= job.started <= job.ended <= job.modified
    assert job.metrics["validation:auc"] > 0.9
    bucket, key = s3.parse_uri(job.artifact)
    head = s3.head_object(local, bucket, key)
    assert head is not None
    assert head.size > 0


def test_it_reads_the_log_and_the_metrics(local, job):
    page = logs.training_job_events(local, job.name)
    lines = [event.message for event in page.events]
    assert any("#011validation-auc:" in line for line in lines)
    assert logs.training_job_events(local, job.name, next_token=page.next_token).events == ()
    [last] = logs.training_job_events(local, job.name, limit=1, tail=True).events
    assert last.message == lines[-1]
    points = cloudwatch.training_job_metric(
        local,
        job.name,
        "validation:auc",
        job.created - timedelta(minutes=1),
        datetime.now(UTC) + timedelta(minutes=1),
    )
    assert points
    assert all(0.5 < point.value <= 1 for point in points)


def test_it_cannot_stop_what_is_over(local, job):
    with pytest.raises(errors.WrongState):
        sagemaker.stop_training_job(local, job.name)


def test_it_stops_a_job(local, spec):
    endless = replace(spec, hyperparameters=spec.hyperparameters | {"num_round": "1000000"})
    sagemaker.create_training_job(local, endless)
    sagemaker.stop_training_job(local, spec.name)
    job = wait_for(
        lambda: sagemaker.describe_training_job(local, spec.name),
        until=lambda job: job.status not in {"InProgress", "Stopping"},
    )
    assert job.status == "Stopped"


def test_it_deploys_asks_and_deletes(local, job):
    name = job.name
    model = ModelSpec(name=name, image=IMAGE, artifact=job.artifact, role_arn=ROLE)
    variant = VariantSpec(model=name, instance_type="ml.m5.large")
    sagemaker.create_model(local, model)
    sagemaker.create_endpoint_config(local, EndpointConfigSpec(name=name, variants=(variant,)))
    sagemaker.create_endpoint(local, name, name)
    with pytest.raises(errors.AlreadyExists):
        sagemaker.create_endpoint(local, name, name)
    endpoint = wait_for(
        lambda: sagemaker.describe_endpoint(local, name),
        until=lambda endpoint: endpoint.status != "Creating",
    )
    assert (endpoint.status, endpoint.failure_reason) == ("InService", "")
    assert [one.name for one in endpoint.variants] == ["AllTraffic"]

    answer = runtime.invoke_endpoint(local, name, b"0.9,1\n0.1,1\n", content_type="text/csv")
    high, low = (float(line) for line in answer.body.decode().split())
    assert high > 0.5 > low
    assert answer.variant == "AllTraffic"
    with pytest.raises(errors.ModelError) as refusal:
        runtime.invoke_endpoint(local, name, b"a,b,c,d\n", content_type="text/csv")
    assert refusal.value.original_status >= 400

    sagemaker.delete_endpoint(local, name)
    with pytest.raises(errors.NotFound):
        wait_for(lambda: sagemaker.describe_endpoint(local, name), until=lambda _: False)
    sagemaker.delete_endpoint_config(local, name)
    sagemaker.delete_model(local, name)


def test_it_updates_an_endpoint(local, job):
    name, later = job.name, f"{job.name}-2"
    variant = VariantSpec(model=name, instance_type="ml.m5.large")
    sagemaker.create_model(
        local, ModelSpec(name=name, image=IMAGE, artifact=job.artifact, role_arn=ROLE)
    )
    for config in (name, later):
        sagemaker.create_endpoint_config(
            local, EndpointConfigSpec(name=config, variants=(variant,))
        )
    sagemaker.create_endpoint(local, name, name)
    with pytest.raises(errors.WrongState):
        sagemaker.update_endpoint(local, name, later)
    wait_for(lambda: sagemaker.describe_endpoint(local, name), until=is_in_service)
    sagemaker.update_endpoint(local, name, later)
    moved = wait_for(lambda: sagemaker.describe_endpoint(local, name), until=is_in_service)
    assert moved.config_name == later
    sagemaker.delete_endpoint(local, name)


def is_in_service(endpoint):
    return endpoint.status == "InService"
