"""What a deletion keeps brings back all of it: networks, keys, containers, secrets unseen."""

import json

import pytest

from aws import sagemaker
from core.models import AuditEvent
from endpoints import cleanup, deploy, images, mirror, plans, recipe, recreate, register
from endpoints.models import Endpoint, RegisteredModel
from tests.endpoints.conftest import confirm, fresh, in_service, now, until
from tests.endpoints.test_cleaning_up import (  # noqa: F401  # a fixture of them
    LATER,
    RULE,
    stand,
    states,
    work,
)
from tests.localaws.lab import ROLE, XGBOOST

SECRET = "hunter2-of-the-model"
NETWORK = {"SecurityGroupIds": ["sg-1234"], "Subnets": ["subnet-1", "subnet-2"]}
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234"


@pytest.fixture
def pipeline(aws, lab, artifact):
    """A model in a network, with a container as pipelines have them (localaws takes one alone)."""
    first = {"Image": XGBOOST, "ModelDataUrl": artifact, "ContainerHostname": "first"}
    lab.sagemaker.create_model(
        ModelName="pipeline",
        Containers=[first | {"Environment": {"DB_PASSWORD": SECRET}}],
        VpcConfig=NETWORK,
        EnableNetworkIsolation=True,
        ExecutionRoleArn=ROLE,
    )
    yield "pipeline"
    for name in [one["ModelName"] for one in lab.sagemaker.list_models()["Models"]]:
        if name.startswith("pipeline"):
            lab.sagemaker.delete_model(ModelName=name)


@pytest.fixture
def gone(pipeline, workspace, make_endpoint):
    """The row of an endpoint that was deleted with the model that it ran, made outside."""
    told = recipe._model(workspace.account, pipeline)
    sagemaker.delete_model(workspace.account, pipeline)
    variant = {"name": "v", "model": pipeline, "instance_type": "ml.m5.large", "weight": 1.0}
    kept = {
        "variants": [variant | {"instance_count": 1, "serverless": None, "kms_key": KEY}],
        "models": {pipeline: told},
        "async_config": {},
        "data_capture": {},
        "autoscaling": {"v": {"min": 1, "max": 3, "target": 50.0}},
        "lost": "",
    }
    return make_endpoint("gone", status="Deleted", recipe=kept)


def test_containers_network_and_values_come_back_and_nobody_reads_them(
    gone, lab, who, signed_in, member, api
):
    assert recreate.why_not(gone) == ""
    back = recreate.recreate(who, gone, now())
    model = RegisteredModel.objects.get(aws_name=back.variants[0]["model"])
    for _ in range(2):
        register.submit(fresh(model), now())
    made = lab.sagemaker.describe_model(ModelName=model.aws_name)
    assert made["Containers"][0]["ContainerHostname"] == "first"
    assert made["Containers"][0]["Environment"] == {"DB_PASSWORD": SECRET}
    assert (made["VpcConfig"], made["EnableNetworkIsolation"]) == (NETWORK, True)
    assert deploy.config_spec(back).kms_key == KEY
    assert back.autoscaling["v"] == {"min": 1, "max": 3, "target": 50.0, "pending": "set"}

    browser, client = signed_in(member), api(member)
    pages = [f"/endpoints/{gone.uid}", f"/endpoints/{gone.uid}/recreate", f"/endpoints/{back.uid}"]
    for path in (*pages, f"/endpoints/models/{model.uid}"):
        assert SECRET not in browser.get(path).content.decode(), path
    for path in (f"endpoints/{gone.uid}", f"endpoints/{back.uid}", f"models/{model.uid}"):
        assert SECRET not in client.get(f"/api/v1/{path}").content.decode(), path
    told = json.dumps(list(AuditEvent.objects.values_list("detail", flat=True)))
    assert SECRET not in told


def test_the_key_of_a_config_is_kept_by_an_update(aws, lab, artifact, workspace):
    lab.model("keyed-model", artifact)
    variant = {"VariantName": "v", "ModelName": "keyed-model", "InstanceType": "ml.m5.large"}
    lab.sagemaker.create_endpoint_config(
        EndpointConfigName="keyed",
        ProductionVariants=[variant | {"InitialInstanceCount": 1}],
        KmsKeyId=KEY,
    )
    lab.endpoint("keyed", "keyed")
    mirror.look(workspace, now())
    row = Endpoint.objects.get(aws_name="keyed")
    assert row.variants[0]["kms_key"] == KEY
    assert deploy.config_spec(row).kms_key == KEY
    lab.leave()


def test_two_endpoints_of_one_model_leave_nothing(aws, lab, who, requested, workspace):
    rows = [in_service(requested(name=name)) for name in ("first", "second")]
    assert len({row.variants[0]["model"] for row in rows}) == 1
    _delete_all(who, workspace, rows)
    uids = [row.uid for row in rows]
    left = lab.sagemaker.list_endpoint_configs(MaxResults=100)["EndpointConfigs"]
    assert not [one for one in left if any(uid in one["EndpointConfigName"] for uid in uids)]
    names = [one["ModelName"] for one in lab.sagemaker.list_models(MaxResults=100)["Models"]]
    assert rows[0].variants[0]["model"] not in names


def test_two_endpoints_of_one_config_leave_nothing(stand, lab, who, workspace):  # noqa: F811
    first = stand("shared-a")
    lab.endpoint("shared-b", "shared-a-config")
    mirror.look(workspace, now())
    second = Endpoint.objects.get(aws_name="shared-b")
    Endpoint.objects.filter(pk=second.pk).update(traffic=first.traffic, hourly_cost=0.2)
    assert "config" in [item.kind for item in plans.plan(fresh(second)).stays]
    _delete_all(who, workspace, [first, second])
    left = lab.sagemaker.list_endpoint_configs(NameContains="shared-a-config")
    assert left["EndpointConfigs"] == []


def _delete_all(who, workspace, rows):
    """In one clean-up."""
    at = now() + LATER
    silent = {"window_days": 30, "last_at": "", "at": at.isoformat()}
    for row in rows:
        counts = {row.variants[0]["name"]: 0.0}
        Endpoint.objects.filter(pk=row.pk).update(traffic=silent | {"invocations": counts})
    plan = cleanup.plan(who, workspace, at, rule=RULE)
    confirm(who, plan, at, endpoints=len(rows))
    until(lambda: work(at), lambda: set(states(plan).values()) == {"deleted"})


def test_an_imported_model_may_be_served_on_gpus():
    names = [name for name, _ in images.choices()]
    assert "pytorch 2.6.0 gpu" in names
    assert not [name for name in names if name.endswith("gpu") and name.startswith("scikit")]
    assert "-gpu-" in images.image_of("pytorch 2.6.0 gpu", "us-east-1")
    assert images.image_of("tensorflow 2.19.0 gpu", "us-east-1").endswith("-gpu")
    assert "-cpu-" in images.image_of(images.named("pytorch"), "us-east-1")
