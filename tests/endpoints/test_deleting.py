"""Endpoint, then config, then model: to the end, and nothing that others need."""

import json

import pytest
from django.utils import timezone

from core.models import AuditEvent, Heartbeat
from endpoints import delete, deploy, mirror, plans
from endpoints.models import Endpoint
from endpoints.tasks import _advance_deletions
from tests.endpoints.conftest import fresh, in_service, now, until, use
from tests.localaws.lab import Lab, refusal


def work(endpoint):
    """What sweep and mirror do, once."""
    Endpoint.objects.filter(pk=endpoint.pk).update(next_check_at=now())
    _advance_deletions(Endpoint.objects.filter(pk=endpoint.pk), now())
    mirror.look(endpoint.workspace, now())


def deleted(endpoint):
    until(lambda: work(endpoint), lambda: fresh(endpoint).status == "Deleted")
    return fresh(endpoint)


def is_gone(aws, kind, name):
    client = aws.client("sagemaker")
    call, argument = {
        "endpoint": (client.describe_endpoint, "EndpointName"),
        "config": (client.describe_endpoint_config, "EndpointConfigName"),
        "model": (client.describe_model, "ModelName"),
    }[kind]
    try:
        call(**{argument: name})
    except client.exceptions.ClientError as error:
        return "Could not find" in str(error)
    return False


def test_it_deletes_the_endpoint_its_config_and_its_model(aws, who, requested):
    endpoint = in_service(requested())
    plan = plans.plan(endpoint)
    assert [item.kind for item in plan.goes] == ["endpoint", "config", "model"]
    assert plan.saves_monthly == pytest.approx(0.115 * 730)
    delete.request(who, endpoint, now())
    done = deleted(endpoint)
    assert (done.leftovers, done.model.status) == ([], "Deleted")
    for item in plan.goes:
        assert is_gone(aws, item.kind, item.name), item


def test_it_writes_intent_and_outcome_down_once(aws, who, requested):
    endpoint = in_service(requested())
    delete.request(who, endpoint, now())
    delete.request(who, fresh(endpoint), now())
    deleted(endpoint)
    delete.request(who, fresh(endpoint), now())
    events = AuditEvent.objects.filter(action="endpoint.delete").order_by("id")
    assert [event.phase for event in events] == ["intent", "outcome"]
    assert [event.actor for event in events] == [who.user, None]


def test_it_keeps_a_model_that_another_endpoint_uses(aws, who, requested):
    first, second = in_service(requested()), requested()
    assert first.model == second.model
    kept = plans.plan(first).stays
    assert [(item.kind, second.name in item.note) for item in kept] == [("model", True)]
    delete.request(who, first, now())
    deleted(first)
    assert not is_gone(aws, "model", first.model.aws_name)
    assert fresh(second).model.status == "Registered"


def test_it_keeps_a_model_that_a_config_at_aws_names(aws, lab, who, requested):
    endpoint = in_service(requested())
    lab.config(f"notebook-{endpoint.uid}", **{endpoint.model.aws_name: 1.0})
    delete.request(who, endpoint, now())
    done = deleted(endpoint)
    assert not is_gone(aws, "model", done.model.aws_name)
    assert done.model.status == "Registered"


def test_it_waits_while_aws_is_creating(aws, who, requested):
    endpoint = fresh(requested())
    deploy.submit(endpoint, now())
    delete.request(who, endpoint, now())
    delete.advance(fresh(endpoint), now())
    assert len(fresh(endpoint).leftovers) == 3
    deleted(endpoint)
    assert is_gone(aws, "endpoint", endpoint.aws_name)


def test_a_deploy_that_was_not_submitted_yet_never_starts(aws, who, requested):
    endpoint = fresh(requested())
    delete.request(who, endpoint, now())
    deploy.submit(fresh(endpoint), now())
    assert fresh(endpoint).status == "Requested"
    deleted(endpoint)
    assert is_gone(aws, "endpoint", endpoint.aws_name)


def test_it_is_called_off_when_the_endpoint_was_updated_since(aws, lab, who, requested):
    endpoint = in_service(requested())
    delete.request(who, endpoint, now())
    lab.config(f"newer-{endpoint.uid}", **{endpoint.model.aws_name: 1.0})
    aws.client("sagemaker").update_endpoint(
        EndpointName=endpoint.aws_name, EndpointConfigName=f"newer-{endpoint.uid}"
    )
    until(lambda: work(endpoint), lambda: fresh(endpoint).delete_requested_at is None)
    kept = fresh(endpoint)
    assert kept.leftovers == []
    assert f"newer-{endpoint.uid}" in kept.failure_reason
    lab.settled(endpoint.aws_name, "InService")


def test_a_step_that_fails_stays_listed_and_is_tried_again(
    own_localaws, monkeypatch, who, make_job
):
    use(own_localaws, monkeypatch)
    artifact = Lab(own_localaws).trained("mine")["ModelArtifacts"]["S3ModelArtifacts"]
    choice = {"instance_type": "ml.m5.large", "instance_count": 1}
    endpoint = in_service(deploy.request(who, job=make_job(artifact), **choice))
    faults = [
        {
            "operation": "DeleteEndpointConfig",
            "kind": "error",
            "code": "AccessDeniedException",
            "message": "not authorized",
            "status": 400,
        }
    ]
    inject(own_localaws, faults)
    delete.request(who, endpoint, now())
    until(lambda: work(endpoint), lambda: fresh(endpoint).leftovers[0]["problem"])
    stuck = fresh(endpoint)
    assert stuck.status == "Deleting"
    assert [left["kind"] for left in stuck.leftovers] == ["config", "model"]
    assert "not authorized" in stuck.leftovers[0]["problem"]
    assert stuck.next_check_at > timezone.now()
    inject(own_localaws, [])
    assert deleted(endpoint).leftovers == []


def test_a_lost_response_does_not_lose_the_deletion(own_localaws, monkeypatch, who, make_job):
    use(own_localaws, monkeypatch)
    artifact = Lab(own_localaws).trained("mine")["ModelArtifacts"]["S3ModelArtifacts"]
    endpoint = deploy.request(
        who, job=make_job(artifact), instance_type="ml.m5.large", instance_count=1
    )
    lost = [
        {"operation": name, "kind": "lost_response", "count": 1}
        for name in ("CreateModel", "CreateEndpointConfig", "CreateEndpoint", "DeleteEndpoint")
    ]
    inject(own_localaws, lost)
    endpoint = in_service(endpoint)
    assert endpoint.status == "InService"
    delete.request(who, endpoint, now())
    deleted(endpoint)
    assert is_gone(own_localaws, "model", endpoint.model.aws_name)


def test_a_rejected_deploy_is_cleaned_and_then_dismissed(aws, lab, artifact, who, requested):
    endpoint = requested()
    lab.model(f"foreign-{endpoint.uid}", artifact)
    lab.config(endpoint.config_name, **{f"foreign-{endpoint.uid}": 1.0})
    deploy.submit(fresh(endpoint), now())
    assert fresh(endpoint).status == "Rejected"
    until(lambda: work(endpoint), lambda: not fresh(endpoint).leftovers)
    assert not is_gone(aws, "config", endpoint.config_name), "it is not ours"
    assert is_gone(aws, "model", endpoint.model.aws_name)
    delete.request(who, fresh(endpoint), now())
    assert fresh(endpoint).deleted_at is not None


def test_what_others_made_keeps_its_model(aws, lab, artifact, who, workspace):
    lab.model("notebook-model", artifact)
    lab.config("notebook-config", **{"notebook-model": 1.0})
    lab.endpoint("notebook-endpoint", "notebook-config")
    Heartbeat.objects.all().delete()
    mirror.look(workspace, now())
    endpoint = Endpoint.objects.get(aws_name="notebook-endpoint")
    plan = plans.plan(endpoint)
    assert [item.kind for item in plan.goes] == ["endpoint", "config"]
    assert [item.note for item in plan.stays] == ["It was made outside mlconsole."]
    delete.request(who, endpoint, now())
    deleted(endpoint)
    assert is_gone(aws, "config", "notebook-config")
    assert not is_gone(aws, "model", "notebook-model")
    describe = aws.client("sagemaker").describe_endpoint
    assert "Could not find" in refusal(describe, EndpointName="notebook-endpoint")[1]


def inject(service, rules):
    status, _, body = service.call(
        "PUT", "/_localaws/faults", json.dumps(rules).encode(), service="localaws"
    )
    assert status == 200, body


def test_what_updates_left_behind_goes_too(aws, lab, who, requested):
    endpoint = in_service(requested())
    old = f"old-{endpoint.uid}"
    coming = f"coming-{endpoint.uid}"
    for name in (old, coming):
        lab.config(name, **{endpoint.model.aws_name: 1.0})
    left = {"past_configs": [old], "wanted": {"config_name": coming, "old_config": "x"}}
    Endpoint.objects.filter(pk=endpoint.pk).update(**left)
    assert {old, coming} < {item.name for item in plans.plan(fresh(endpoint)).goes}
    delete.request(who, fresh(endpoint), now())
    done = deleted(endpoint)
    assert is_gone(aws, "config", old)
    assert is_gone(aws, "config", coming)
    assert done.model.status == "Deleted", "no config that stays names it"
