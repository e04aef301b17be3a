"""Models, endpoint configs and endpoints: made, read, listed, deleted."""

import io
import json
import tarfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from aws import errors, s3, sagemaker
from aws.images import image_uri
from aws.types import EndpointConfigSpec, ModelSpec, Variant, VariantSpec
from tests.aws.conftest import REGION, ROLE, Reply


def empty_artifact():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz"):
        pass
    return file.getvalue()


@pytest.fixture
def model(account, name):
    s3.ensure_bucket(account, name)
    s3.put_object(account, name, "model.tar.gz", empty_artifact())
    spec = ModelSpec(
        name=name,
        image=image_uri("sagemaker-xgboost", "1.7-1", REGION),
        artifact=f"s3://{name}/model.tar.gz",
        role_arn=ROLE,
        environment={"PLAIN": "yes"},
        tags={"mlconsole:id": "7"},
    )
    sagemaker.create_model(account, spec)
    yield spec
    with suppress(errors.NotFound):
        sagemaker.delete_model(account, name)


@pytest.fixture
def config(account, model):
    variant = VariantSpec(model=model.name, instance_type="ml.m5.large", name="blue", weight=0.5)
    spec = EndpointConfigSpec(name=model.name, variants=(variant,), tags={"mlconsole:id": "7"})
    sagemaker.create_endpoint_config(account, spec)
    return spec


def test_it_registers_a_model(account, model):
    found = sagemaker.describe_model(account, model.name)
    assert (found.name, found.image, found.artifact) == (model.name, model.image, model.artifact)
    assert (found.role_arn, found.environment) == (ROLE, {"PLAIN": "yes"})
    assert found.created.tzinfo is UTC
    assert sagemaker.list_tags(account, found.arn) == {"mlconsole:id": "7"}
    assert model.name in {one.name for one in sagemaker.list_models(account)}


def test_it_deletes_a_model(account, model):
    sagemaker.delete_model(account, model.name)
    with pytest.raises(errors.NotFound):
        sagemaker.describe_model(account, model.name)
    with pytest.raises(errors.NotFound):
        sagemaker.delete_model(account, model.name)


def test_it_writes_a_config(account, config):
    found = sagemaker.describe_endpoint_config(account, config.name)
    assert (found.name, found.variants) == (config.name, config.variants)
    assert sagemaker.list_tags(account, found.arn) == {"mlconsole:id": "7"}
    assert config.name in {one.name for one in sagemaker.list_endpoint_configs(account)}


def test_it_deletes_a_config(account, config):
    sagemaker.delete_endpoint_config(account, config.name)
    with pytest.raises(errors.NotFound):
        sagemaker.describe_endpoint_config(account, config.name)


@pytest.mark.parametrize("account", ["local"], indirect=True)
def test_it_says_that_a_name_is_taken(account, model, config):
    with pytest.raises(errors.AlreadyExists):
        sagemaker.create_model(account, model)
    with pytest.raises(errors.AlreadyExists):
        sagemaker.create_endpoint_config(account, config)


def test_it_starts_an_endpoint_and_deletes_it(account, config):
    name = config.name
    arn = sagemaker.create_endpoint(account, name, name, tags={"mlconsole:id": "7"})
    found = sagemaker.describe_endpoint(account, name)
    assert (found.name, found.arn, found.config_name) == (name, arn, name)
    assert found.status in {"Creating", "InService", "Failed"}
    assert sagemaker.list_tags(account, arn) == {"mlconsole:id": "7"}
    [listed] = [one for one in sagemaker.list_endpoints(account) if one.name == name]
    assert listed.arn == arn
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert name in {one.name for one in sagemaker.list_endpoints(account, modified_after=since)}


def test_it_misses_an_endpoint(account):
    for ask in (sagemaker.describe_endpoint, sagemaker.delete_endpoint):
        with pytest.raises(errors.NotFound):
            ask(account, "nobodys")


def test_it_misses_the_config_of_a_new_endpoint(local, name):
    with pytest.raises(errors.NotFound):
        sagemaker.create_endpoint(local, name, "nobodys")


def endpoint(**more):
    return {
        "EndpointName": "e",
        "EndpointArn": "arn",
        "EndpointConfigName": "c",
        "EndpointStatus": "Creating",
        "CreationTime": 1.0,
        "LastModifiedTime": 2.0,
    } | more


def test_it_reads_an_endpoint_that_is_still_coming_up(scripted):
    scripted.says(Reply(body=json.dumps(endpoint()).encode()))
    found = sagemaker.describe_endpoint(scripted.account, "e")
    assert (found.status, found.variants, found.failure_reason) == ("Creating", (), "")


def test_it_reads_the_variants(scripted):
    blue = {
        "VariantName": "blue",
        "CurrentWeight": 0.5,
        "DesiredWeight": 1.0,
        "CurrentInstanceCount": 1,
        "DesiredInstanceCount": 2,
    }
    answer = endpoint(ProductionVariants=[blue, {"VariantName": "green"}])
    scripted.says(Reply(body=json.dumps(answer).encode()))
    assert sagemaker.describe_endpoint(scripted.account, "e").variants == (
        Variant(
            name="blue",
            weight=0.5,
            desired_weight=1.0,
            instance_count=1,
            desired_instance_count=2,
        ),
        Variant(name="green"),
    )


def test_it_moves_an_endpoint_to_another_config(scripted):
    scripted.says(Reply(body=b'{"EndpointArn": "arn"}'))
    sagemaker.update_endpoint(scripted.account, "e", "c2")
    sent = json.loads(scripted.requests[0].body)
    assert sent == {"EndpointName": "e", "EndpointConfigName": "c2"}


def test_it_says_that_an_endpoint_is_still_changing(scripted):
    scripted.fails("ValidationException", 'Cannot update in-progress endpoint "arn".')
    with pytest.raises(errors.WrongState):
        sagemaker.delete_endpoint(scripted.account, "e")


def test_it_reads_a_model_of_several_containers(scripted):
    answer = {
        "ModelName": "m",
        "ModelArn": "arn",
        "CreationTime": 1.0,
        "Containers": [{"Image": "first", "ModelDataUrl": "s3://b/k"}, {"Image": "second"}],
    }
    scripted.says(Reply(body=json.dumps(answer).encode()))
    found = sagemaker.describe_model(scripted.account, "m")
    assert (found.image, found.artifact, found.role_arn) == ("first", "s3://b/k", "")


def test_a_pipeline_in_a_network_is_made_again_as_it_was(moto):
    container = {"Image": "one:1", "ModelDataUrl": "s3://b/m.tar.gz", "Environment": {"A": "b"}}
    network = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    made = {
        "Containers": [container, container | {"ContainerHostname": "two"}],
        "VpcConfig": network,
        "ExecutionRoleArn": ROLE,
    }
    sagemaker.create_model_like(moto, "pipe", made, {"mlconsole:id": "1"})
    told = sagemaker.describe_model(moto, "pipe")
    assert told.image == "one:1"
    assert (told.made["Containers"], told.made["VpcConfig"]) == (made["Containers"], network)
    sagemaker.create_model_like(moto, "pipe-again", told.made, {})
    assert sagemaker.describe_model(moto, "pipe-again").made == told.made
