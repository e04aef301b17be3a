"""From a job to an endpoint that answers, whatever happens on the way."""

from datetime import timedelta

import pytest

from core import access
from core.errors import InvalidFields, NotAllowed
from core.models import AuditEvent
from endpoints import deploy, register
from endpoints.errors import NotDeployable
from endpoints.models import Endpoint, RegisteredModel
from tests.endpoints.conftest import fresh, in_service, now

M5 = {"instance_type": "ml.m5.large", "instance_count": 1}


def test_it_deploys_a_job(aws, requested):
    endpoint = in_service(requested(name="Cancer, first"))
    assert (endpoint.status, endpoint.failure_reason) == ("InService", "")
    assert endpoint.aws_name == f"cancer-first-{endpoint.uid}"
    assert endpoint.hourly_cost == pytest.approx(0.115)
    assert endpoint.model.status == "Registered"
    assert endpoint.aws_created_at is not None
    tags = aws.client("sagemaker").list_tags(ResourceArn=endpoint.arn)["Tags"]
    assert {"Key": "mlconsole:id", "Value": endpoint.uid} in tags


def test_it_may_be_submitted_twice_and_makes_one_endpoint(aws, requested):
    endpoint = requested()
    first, second = fresh(endpoint), fresh(endpoint)
    deploy.submit(first, now())
    deploy.submit(second, now())
    assert fresh(endpoint).status == "Creating"
    named = aws.client("sagemaker").list_endpoints(NameContains=endpoint.uid)["Endpoints"]
    assert [found["EndpointName"] for found in named] == [endpoint.aws_name]


def test_it_goes_on_after_a_crash_between_the_steps(aws, requested):
    endpoint = fresh(requested())
    register.submit(endpoint.model, now())
    deploy.create_config(endpoint, deploy.config_spec(endpoint))
    deploy._create_endpoint(endpoint)
    deploy.submit(fresh(endpoint), now())
    assert fresh(endpoint).status == "Creating"


def test_it_refuses_a_foreign_endpoint_of_the_same_name(aws, lab, artifact, requested):
    endpoint = requested()
    lab.model(f"foreign-{endpoint.uid}", artifact)
    lab.config(f"foreign-{endpoint.uid}", **{f"foreign-{endpoint.uid}": 1.0})
    client = aws.client("sagemaker")
    client.create_endpoint(
        EndpointName=endpoint.aws_name, EndpointConfigName=f"foreign-{endpoint.uid}"
    )
    deploy.submit(fresh(endpoint), now())
    rejected = fresh(endpoint)
    assert rejected.status == "Rejected"
    assert "foreign endpoint" in rejected.failure_reason
    assert [left["kind"] for left in rejected.leftovers] == ["config", "model"]


def test_a_model_that_aws_refuses_rejects_the_deploy_with_its_reason(aws, who, make_job):
    job = make_job("s3://lab-bucket/nowhere/model.tar.gz")
    endpoint = deploy.request(who, job=job, **M5)
    deploy.submit(fresh(endpoint), now())
    assert fresh(endpoint).status == "Rejected"
    assert "Could not find model data" in fresh(endpoint).failure_reason
    again = deploy.request(who, job=job, **M5)
    assert again.model != endpoint.model, "a rejected model is not used again"


def test_an_unreachable_aws_leaves_the_row_for_later(requested, free_port, monkeypatch, aws):
    endpoint = fresh(requested())
    before = now()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port}")
    deploy.submit(endpoint, before)
    waiting = fresh(endpoint)
    assert waiting.status == "Requested"
    assert waiting.model.next_check_at >= before + timedelta(seconds=1)


def test_one_job_has_one_live_model(who, make_job):
    job = make_job()
    assert register.from_job(who, job) == register.from_job(who, job)
    assert RegisteredModel.objects.count() == 1
    assert AuditEvent.objects.filter(action="model.create").count() == 1


@pytest.mark.parametrize(
    ("status", "artifact"), [("InProgress", "s3://b/m"), ("Failed", "s3://b/m"), ("Completed", "")]
)
def test_it_refuses_a_job_without_a_model(who, make_job, status, artifact):
    with pytest.raises(NotDeployable):
        deploy.request(who, job=make_job(artifact, status), **M5)
    assert not Endpoint.objects.exists()


def test_a_stopped_job_with_a_model_may_be_deployed(who, make_job):
    assert deploy.request(who, job=make_job(status="Stopped"), **M5).status == "Requested"


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ({"instance_type": "m5.large"}, "instance_type"),
        ({"instance_type": "ml.m5.large; rm"}, "instance_type"),
        ({"instance_count": 0}, "instance_count"),
        ({"instance_count": 21}, "instance_count"),
        ({"name": "x" * 121}, "name"),
    ],
)
def test_it_names_the_wrong_field(who, make_job, choice, field):
    with pytest.raises(InvalidFields) as error:
        deploy.request(who, job=make_job(), **(M5 | choice))
    assert list(error.value.errors) == [field]


def test_an_unknown_price_is_unknown(who, make_job):
    endpoint = deploy.request(who, job=make_job(), instance_type="ml.zz9.huge", instance_count=2)
    assert endpoint.hourly_cost is None


def test_the_price_counts_every_instance(who, make_job):
    endpoint = deploy.request(who, job=make_job(), instance_type="ml.m5.large", instance_count=3)
    assert endpoint.hourly_cost == pytest.approx(3 * 0.115)


def test_a_viewer_cannot_deploy(viewer, workspace, make_job):
    with pytest.raises(NotAllowed):
        deploy.request(access.actor(viewer, slug=workspace.slug), job=make_job(), **M5)
