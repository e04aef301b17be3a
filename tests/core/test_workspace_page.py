"""The workspace's page and API: members, import buckets, and how much is prepared here."""

import pytest

from core import access, workspaces
from core.models import AuditEvent, Membership, Role, Workspace
from core.workspaces import is_bucket_name
from tests.conftest import person

pytestmark = pytest.mark.postgres


@pytest.fixture
def page(admin, signed_in):
    return signed_in(admin)


def role_of(user):
    found = Membership.objects.filter(user=user, workspace__slug="lab").first()
    return found and Role(found.role)


def test_a_viewer_sees_who_is_in_it(viewer, member, admin, signed_in):
    shown = signed_in(viewer).get("/workspace").content.decode()
    assert all(user.username in shown for user in (viewer, member, admin))
    assert "lab-bucket" in shown
    assert 'action="/workspace/members"' not in shown


def test_an_admin_adds_somebody(page, admin):
    newcomer = person("nora", None, None)
    answer = page.post("/workspace/members", {"username": "nora", "role": "20"})
    assert answer.status_code == 302
    assert role_of(newcomer) is Role.MEMBER
    event = AuditEvent.objects.get(action="member.add")
    assert (event.actor, event.target, event.detail) == (admin, "nora", {"role": "member"})


@pytest.mark.parametrize(
    ("username", "role", "said"),
    [
        ("nobody", "20", "There is no user of this name."),
        ("bob", "10", "bob is a member already."),
        ("", "20", "This field is required."),
        ("bob", "99", "Select a valid choice."),
    ],
)
def test_it_says_at_the_field_what_is_wrong(page, member, username, role, said):
    answer = page.post("/workspace/members", {"username": username, "role": role})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert role_of(member) is Role.MEMBER


def test_nobody_who_left_is_added(page):
    gone = person("gone", None, None)
    gone.is_active = False
    gone.save()
    assert page.post("/workspace/members", {"username": "gone", "role": "20"}).status_code == 422


def test_an_admin_changes_a_role(page, member):
    pk = Membership.objects.get(user=member).pk
    assert page.post(f"/workspace/members/{pk}", {"role": "30"}).status_code == 302
    assert role_of(member) is Role.ADMIN
    detail = AuditEvent.objects.get(action="member.role").detail
    assert detail == {"was": "member", "now": "admin"}


def test_removing_asks_first_and_ends_the_persons_tokens(page, member, api):
    client = api(member)
    pk = Membership.objects.get(user=member).pk
    assert client.get("/api/v1/workspace").status_code == 200
    asked = page.get(f"/workspace/members/{pk}/remove").content.decode()
    assert "Remove bob from lab?" in asked
    assert role_of(member)
    assert page.post(f"/workspace/members/{pk}/remove").status_code == 302
    assert role_of(member) is None
    assert client.get("/api/v1/workspace").status_code == 401
    assert AuditEvent.objects.get(action="member.remove").target == "bob"


def test_the_last_admin_stays(page, admin):
    pk = Membership.objects.get(user=admin).pk
    for path, body in (("", {"role": "20"}), ("/remove", {})):
        answer = page.post(f"/workspace/members/{pk}{path}", body)
        assert answer.status_code == 409
        assert "alice is the last admin" in answer.content.decode()
    assert role_of(admin) is Role.ADMIN


def test_an_admin_who_left_does_not_count(page, admin, workspace):
    gone = person("gone", workspace, Role.ADMIN)
    gone.is_active = False
    gone.save()
    pk = Membership.objects.get(user=admin).pk
    assert page.post(f"/workspace/members/{pk}", {"role": "10"}).status_code == 409


def test_one_of_two_admins_may_go(page, admin, workspace):
    person("anna", workspace, Role.ADMIN)
    pk = Membership.objects.get(user=admin).pk
    assert page.post(f"/workspace/members/{pk}", {"role": "10"}).status_code == 302
    assert role_of(admin) is Role.VIEWER


def test_members_of_another_workspace_are_not_there(page, stranger):
    pk = Membership.objects.get(user=stranger).pk
    assert page.post(f"/workspace/members/{pk}", {"role": "10"}).status_code == 404
    assert page.get(f"/workspace/members/{pk}/remove").status_code == 404
    assert Membership.objects.get(pk=pk).role == Role.ADMIN


def test_an_admin_says_where_data_come_from(page, workspace):
    body = {"import_buckets": "shared-data\n other.bucket \n", "prepare_here_gb": "0.5"}
    assert page.post("/workspace/settings", body).status_code == 302
    workspace.refresh_from_db()
    assert workspace.import_buckets == ["shared-data", "other.bucket"]
    assert workspace.prepare_here_bytes == 2**29
    shown = page.get("/workspace").content.decode()
    assert "shared-data\nother.bucket</textarea>" in shown
    assert 'value="0.5"' in shown
    actions = AuditEvent.objects.values_list("action", flat=True)
    assert set(actions) == {"workspace.import_buckets", "workspace.prepare_here_bytes"}


@pytest.mark.parametrize(
    ("buckets", "gigabytes", "said"),
    [
        ("Shouting", "5", "No bucket can be called Shouting"),
        ("lab-bucket", "5", "lab-bucket is the workspace&#x27;s own"),
        ("twice\ntwice", "5", "A bucket is listed twice."),
        ("fine", "20000", "Between 0 and 10240 GB."),
        ("fine", "-1", "greater than or equal to 0"),
        ("fine", "much", "Enter a number."),
        ("fine", "nan", "Enter a number."),
    ],
)
def test_wrong_settings_change_nothing(page, workspace, buckets, gigabytes, said):
    body = {"import_buckets": buckets, "prepare_here_gb": gigabytes}
    answer = page.post("/workspace/settings", body)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    workspace.refresh_from_db()
    assert (workspace.import_buckets, workspace.prepare_here_bytes) == ([], 5 * 2**30)


@pytest.mark.parametrize("name", ["abc", "a.b-c.9", "0-data", "x" * 63])
def test_it_knows_bucket_names(name):
    assert is_bucket_name(name)


@pytest.mark.parametrize(
    "name",
    ["ab", "x" * 64, "-abc", "abc-", "a..b", "a_b", "A-b", "1.2.3.4", "xn--abc", "abc-s3alias", ""],
)
def test_it_knows_what_is_none(name):
    assert not is_bucket_name(name)


def test_the_api_tells_and_changes(admin, api):
    client = api(admin)
    told = client.get("/api/v1/workspace").json()
    assert (told["slug"], told["bucket"], told["allow_scripts"]) == ("lab", "lab-bucket", False)
    assert told["members"] == [{"username": "alice", "role": "admin"}]
    wish = {"import_buckets": ["shared-data"], "prepare_here_bytes": 1000}
    answer = client.patch("/api/v1/workspace", wish, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json() == told | wish
    more = client.patch(
        "/api/v1/workspace", {"allow_scripts": True}, content_type="application/json"
    )
    assert more.json() == told | wish | {"allow_scripts": True}


def test_the_api_names_the_field(admin, api):
    wish = {"import_buckets": ["No"], "prepare_here_bytes": -1}
    answer = api(admin).patch("/api/v1/workspace", wish, content_type="application/json")
    assert answer.status_code == 422
    assert set(answer.json()["error"]["fields"]) == set(wish)


@pytest.mark.parametrize("scope", ["read", "write"])
def test_a_lesser_token_of_an_admin_changes_nothing(admin, api, scope):
    client = api(admin, scope=scope)
    wish = {"import_buckets": ["shared-data"]}
    answer = client.patch("/api/v1/workspace", wish, content_type="application/json")
    assert answer.status_code == 403
    assert Workspace.objects.get(slug="lab").import_buckets == []


def test_two_admins_cannot_take_each_others_role(admin, workspace):
    """One after the other, as the lock on the workspace orders them."""
    anna = person("anna", workspace, Role.ADMIN)
    of_alice, of_anna = (Membership.objects.get(user=user) for user in (admin, anna))
    alice_acts, anna_acts = access.actor(admin), access.actor(anna)
    workspaces.change_role(alice_acts, of_anna.pk, Role.MEMBER)
    with pytest.raises(workspaces.Conflict, match="last admin"):
        workspaces.change_role(anna_acts, of_alice.pk, Role.MEMBER)
