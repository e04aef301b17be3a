"""The command for cron: it shows, and deletes only when it is told to."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.models import Heartbeat
from endpoints import protect
from endpoints.models import Cleanup, Endpoint
from tests.aws.conftest import Reply, credentials, scripted  # noqa: F401  # fixtures for this folder
from tests.endpoints.conftest import fresh, now


@pytest.fixture(autouse=True)
def unreachable(scripted, monkeypatch):  # noqa: F811  # that fixture
    """An AWS that refuses everything: rows are all there is."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", scripted.url)
    monkeypatch.setattr("aws.clients._clients", {})
    scripted.fails("AccessDeniedException", "no", status=400)
    return scripted


@pytest.fixture
def idler(make_endpoint):
    def make(name, **fields):
        long_ago = now() - timedelta(days=40)
        told = {"at": now().isoformat(), "window_days": 30, "last_at": ""}
        told |= {"invocations": {"AllTraffic": 0.0}}
        moments = {"aws_created_at": long_ago, "aws_modified_at": long_ago}
        later = {"traffic_check_at": now() + timedelta(minutes=5)}
        return make_endpoint(name, traffic=told, **(moments | later | fields))

    return make


def run(*arguments):
    out = StringIO()
    code = 0
    try:
        call_command("delete_idle_endpoints", "--workspace", "lab", *arguments, stdout=out)
    except SystemExit as ended:
        code = ended.code
    return code, out.getvalue()


@pytest.mark.parametrize("arguments", [(), ("--dry-run",)])
def test_it_only_shows_unless_told(workspace, idler, arguments):
    idler("old")
    idler("kept", protected_until=protect.FOR_GOOD, protected_reason="demo")
    code, text = run(*arguments)
    assert code == 0
    assert "old\t$84 a month\twould be deleted" in text
    assert "kept\t$84 a month\tkept: it is protected for good: demo" in text
    assert "1 would be deleted, $84 a month" in text
    assert not Endpoint.objects.exclude(delete_requested_at=None).exists()
    assert not Cleanup.objects.exists()


def test_what_aws_does_not_confirm_is_left_and_told(workspace, idler):
    """Its last look is refused: the deletion waits and the row says why."""
    row = idler("old")
    code, text = run("--yes")
    assert (code, fresh(row).status) == (0, "InService")
    assert "old\t$84 a month\tdeleting" in text
    assert fresh(row).leftovers[0]["problem"]


def test_kept_ones_are_left(workspace, idler):
    row = idler("later", snoozed_until=now() + timedelta(days=2))
    code, text = run("--yes")
    assert (code, "skipped: it is snoozed" in text) == (0, True)
    assert fresh(row).delete_requested_at is None


def test_one_that_is_left_after_all_ends_it_with_another_code(workspace, idler, unreachable):
    """The credentials lead to another account, where an endpoint has the same name."""
    row = idler("old", arn="arn:aws:sagemaker:us-east-1:111111111111:endpoint/old")
    Endpoint.objects.update(variants=[row.variants[0] | {"weight": 1.0}])
    Heartbeat.objects.create(name=f"census:endpoints:{workspace.pk}", at=now())
    moment = row.aws_created_at.timestamp()
    described = {
        "EndpointName": "old",
        "EndpointArn": "arn:aws:sagemaker:us-east-1:222222222222:endpoint/old",
        "EndpointConfigName": row.config_name,
        "EndpointStatus": "InService",
        "CreationTime": moment,
        "LastModifiedTime": moment,
    }
    unreachable.says(Reply(body=json.dumps({"Endpoints": [], **described}).encode()))
    code, text = run("--yes")
    assert (code, "skipped: the credentials lead to another one" in text) == (3, True), text
    assert fresh(row).delete_requested_at is None
    operations = [sent.headers.get("X-Amz-Target", "") for sent in unreachable.requests]
    assert not any("Delete" in name for name in operations)


def test_days_and_cap_count(workspace, idler):
    for name in ("a", "b"):
        idler(name)
    assert "1 would be deleted" in run("--cap", "1")[1]
    with pytest.raises(CommandError, match="Between 1 and"):
        run("--older-than", "400")
    with pytest.raises(CommandError, match="no workspace"):
        call_command("delete_idle_endpoints", "--workspace", "nowhere")
