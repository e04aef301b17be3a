"""What AWS says becomes what the rows say: changes, strangers, disappearances, outages."""

from datetime import timedelta

import pytest

from core.health_notes import mirror_name
from core.models import Heartbeat
from endpoints import mirror
from endpoints.models import Endpoint
from tests.endpoints.conftest import fresh, in_service, now, until


@pytest.fixture
def look(workspace):
    """One pass with a full list."""

    def once():
        Heartbeat.objects.filter(name__startswith="census:").delete()
        mirror.look(workspace, now())

    return once


@pytest.fixture
def stranger_endpoint(lab, artifact, request):
    """An endpoint that a notebook made: two variants, three instances."""
    name = f"nb-{abs(hash(request.node.nodeid)):x}"[:24]
    for letter in "ab":
        lab.model(f"{name}-{letter}", artifact)
    lab.config(name, **{f"{name}-a": 3.0, f"{name}-b": 1.0})
    lab.endpoint(name, name)
    return name


def test_what_others_made_appears_with_its_price(aws, stranger_endpoint, look):
    look()
    row = Endpoint.objects.get(aws_name=stranger_endpoint)
    assert (row.status, row.created_by, row.model) == ("InService", None, None)
    assert [variant["name"] for variant in row.variants] == [
        f"{stranger_endpoint}-a",
        f"{stranger_endpoint}-b",
    ]
    assert row.instance_count == 2
    assert row.hourly_cost == pytest.approx(2 * 0.115)
    look()
    assert Endpoint.objects.filter(aws_name=stranger_endpoint).count() == 1


def test_what_disappeared_at_aws_is_deleted_here(aws, requested, look):
    endpoint = in_service(requested())
    client = aws.client("sagemaker")
    client.delete_endpoint(EndpointName=endpoint.aws_name)
    until(look, lambda: fresh(endpoint).status == "Deleted")


def test_a_name_given_to_another_endpoint_is_another_row(aws, stranger_endpoint, look, lab):
    look()
    first = Endpoint.objects.get(aws_name=stranger_endpoint)
    # As if the row had been written for an earlier endpoint of this name.
    Endpoint.objects.filter(pk=first.pk).update(
        aws_created_at=first.aws_created_at - timedelta(days=1)
    )
    until(look, lambda: Endpoint.objects.filter(aws_name=stranger_endpoint).count() == 2)
    assert fresh(first).status == "Deleted"
    second = Endpoint.objects.current().get(aws_name=stranger_endpoint)
    assert second.status == "InService"


def test_an_endpoint_that_was_just_made_is_not_missed_for_gone(aws, make_endpoint, workspace):
    endpoint = make_endpoint("not-readable-yet", "Creating")
    mirror.look(workspace, now())
    assert fresh(endpoint).status == "Creating"
    mirror.look(workspace, now() + mirror.UNBELIEVED)
    assert fresh(endpoint).status == "Deleted"


def test_a_stale_answer_does_not_turn_the_row_back(aws, requested):
    endpoint = in_service(requested())
    seen = mirror.sagemaker.describe_endpoint(endpoint.workspace.account, endpoint.aws_name)
    later = endpoint.aws_modified_at + timedelta(seconds=5)
    Endpoint.objects.filter(pk=endpoint.pk).update(status="Updating", aws_modified_at=later)
    mirror.refresh(fresh(endpoint), now())
    assert seen.status == "InService"
    assert fresh(endpoint).status == "Updating"


def test_an_unknown_word_is_kept_and_not_finished(make_endpoint):
    endpoint = make_endpoint(status="Hibernating")
    assert not endpoint.is_finished
    assert endpoint in Endpoint.objects.active()
    assert endpoint.status not in Endpoint.SETTLED


def test_an_outage_is_noted_and_raises_nothing(aws, workspace, monkeypatch, free_port):
    mirror.look(workspace, now())
    name = mirror_name(workspace, "endpoints")
    good = Heartbeat.objects.get(name=name)
    assert good.problem == ""
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port}")
    monkeypatch.setattr("aws.clients._clients", {})
    mirror.look(workspace, now())
    bad = Heartbeat.objects.get(name=name)
    assert "Unavailable" in bad.problem
    assert bad.at == good.at


def test_a_quiet_pass_changes_and_announces_nothing(aws, requested, workspace, look):
    endpoint = in_service(requested())
    look()
    before = Endpoint.objects.filter(pk=endpoint.pk).values().get()
    look()
    mirror.look(workspace, now())
    assert Endpoint.objects.filter(pk=endpoint.pk).values().get() == before
