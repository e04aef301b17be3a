"""The switch for local scripts: the row is the wish, and the execution role's tag follows it."""

import pytest

from aws import clients
from core import access, workspaces
from core.errors import InvalidFields, NotAllowed
from core.models import AuditEvent, Heartbeat, Workspace
from core.tasks import apply_workspaces
from tests.jobs.conftest import wire
from tests.localaws.conftest import localaws, own_localaws  # noqa: F401  the fixtures
from tests.localaws.lab import Lab
from tests.localaws.scripts import archive, run

NAME = "switched-role"
ROLE = f"arn:aws:iam::123456789012:role/team/{NAME}"


@pytest.fixture
def local(localaws, monkeypatch):  # noqa: F811  a fixture's value
    wire(localaws, monkeypatch)
    yield localaws
    localaws.client("iam").untag_role(RoleName=NAME, TagKeys=["localaws:scripts", "team"])


@pytest.fixture
def boss(admin, workspace):
    Workspace.objects.filter(pk=workspace.pk).update(execution_role_arn=ROLE)
    return access.actor(admin, slug=workspace.slug)


def tags(service, role=NAME):
    answer = service.client("iam").list_role_tags(RoleName=role)
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def switch(who, *, on):
    workspace = workspaces.change(who, {"allow_scripts": on})
    workspaces.apply(workspace)
    return workspace


def test_scripts_run_once_the_switch_is_on(local, boss):
    lab, code = Lab(local), archive(train__py="print('accuracy=1')")
    before = run(lab, "switch-off", code, role=ROLE)
    assert "on the workspace's page" in before["FailureReason"]
    switch(boss, on=True)
    after = run(lab, "switch-on", code, role=ROLE)
    assert after["TrainingJobStatus"] == "Completed", after.get("FailureReason")
    switch(boss, on=False)
    again = run(lab, "switch-off-again", code, role=ROLE)
    assert again["TrainingJobStatus"] == "Failed"


def test_it_is_an_admins_decision(local, actor, boss):
    with pytest.raises(NotAllowed):
        workspaces.change(actor, {"allow_scripts": True})
    assert not Workspace.objects.get(pk=actor.workspace.pk).allow_scripts
    switch(boss, on=True)
    event = AuditEvent.objects.get(action="workspace.allow_scripts")
    assert (event.actor, event.detail) == (boss.user, {"was": False, "now": True})


def test_what_does_not_change_is_not_audited(boss):
    workspaces.change(boss, {"allow_scripts": False})
    assert not AuditEvent.objects.exists()


def test_amazon_has_no_such_switch(boss):
    Workspace.objects.update(kind=Workspace.Kind.AWS)
    with pytest.raises(InvalidFields, match="containers of their own"):
        workspaces.change(boss, {"allow_scripts": True})
    workspaces.apply(Workspace.objects.get(pk=boss.workspace.pk))
    assert not Heartbeat.objects.exists()  # nobody was asked


def test_a_lost_call_is_made_up_for(own_localaws, boss, monkeypatch):  # noqa: F811
    wire(own_localaws, monkeypatch)
    own_localaws.stop()
    workspace = switch(boss, on=True)
    assert "Could not connect" in workspaces.trouble(workspace)
    own_localaws.start()
    apply_workspaces()
    assert workspaces.trouble(workspace) == ""
    assert tags(own_localaws) == {"localaws:scripts": "allowed"}


def test_a_new_data_directory_ends_in_the_same_place(local, boss):
    switch(boss, on=True)
    local.client("iam").untag_role(RoleName=NAME, TagKeys=["localaws:scripts"])
    apply_workspaces()
    assert tags(local) == {"localaws:scripts": "allowed"}


def test_a_tag_that_no_workspace_wishes_goes(local, boss):
    local.client("iam").tag_role(
        RoleName=NAME,
        Tags=[{"Key": "localaws:scripts", "Value": "allowed"}, {"Key": "team", "Value": "a"}],
    )
    apply_workspaces()
    assert tags(local) == {"team": "a"}


def test_workspaces_with_one_role_share_it(local, boss):
    other = Workspace.objects.create(
        slug="other",
        name="Other",
        kind="local",
        execution_role_arn=ROLE.replace("/team", ""),
        bucket="b",
    )
    switch(boss, on=True)
    workspaces.apply(other)
    assert tags(local) == {"localaws:scripts": "allowed"}
    assert [each.slug for each in workspaces.sharing_role(other)] == ["lab"]


def test_the_page_shows_the_switch_and_what_is_wrong(boss, admin, signed_in, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(clients, "_clients", {})
    page = signed_in(admin)
    answer = page.post("/workspace/scripts", {"allow": "1"})
    assert (answer.status_code, answer.url) == (302, "/workspace")
    workspace = Workspace.objects.get(pk=boss.workspace.pk)
    assert workspace.allow_scripts
    workspaces.apply(workspace)
    shown = page.get("/workspace").content.decode()
    assert "Stop allowing local scripts" in shown
    assert "Not in force yet." in shown
    page.post("/workspace/scripts", {"allow": "0"})
    assert not Workspace.objects.get(pk=workspace.pk).allow_scripts


def test_a_viewer_reads_it_and_cannot_turn_it(boss, viewer, signed_in):
    shown = signed_in(viewer).get("/workspace").content.decode()
    assert "Not allowed" in shown
    assert "Only an admin of this workspace can change this." in shown
    assert 'action="/workspace/scripts"' not in shown


def test_the_page_of_an_amazon_workspace_says_nothing_of_scripts(boss, admin, signed_in):
    Workspace.objects.update(kind=Workspace.Kind.AWS)
    shown = signed_in(admin).get("/workspace").content.decode()
    assert "Local scripts" not in shown
