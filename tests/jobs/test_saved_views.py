"""Lists to see again: saved, shared, renamed, gone."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from core.models import Membership, Role
from jobs.models import SavedView

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]
API = "/api/v1/job-views"
ASKED = {"query": "metric.auc > 0.9", "sort": "-metric.auc", "column": ["status", "metric.auc"]}


@pytest.fixture
def colleague(workspace):
    user = User.objects.create_user("carol")
    Membership.objects.create(workspace=workspace, user=user, role=Role.MEMBER)
    return user


@pytest.fixture
def view(signed_in, member):
    signed_in(member).post(reverse("jobs:view_save"), ASKED | {"name": " Best  ones "})
    return SavedView.objects.get()


def test_it_opens_what_was_saved(signed_in, member, view):
    client = signed_in(member)
    answer = client.get(reverse("jobs:view", args=[view.uid]), follow=True)
    assert answer.context["wish"].query == "metric.auc > 0.9"
    assert answer.context["listing"].sort == "-metric.auc"
    assert [column.key for column in answer.context["columns"]] == ["status", "metric.auc"]
    here = answer.content.decode().partition(reverse("jobs:view", args=[view.uid]))[2]
    assert "Best ones" in here.partition("</a>")[0]
    assert "aria-current" in here.partition(">")[0]


def test_the_same_name_replaces(signed_in, member, view):
    wish = {"name": "Best ones", "query": "status = Failed", "shared": "1"}
    signed_in(member).post(reverse("jobs:view_save"), wish)
    view.refresh_from_db()
    assert (view.query, view.is_shared) == ("query=status+%3D+Failed", True)
    assert SavedView.objects.count() == 1


def test_it_is_private_until_it_is_shared(signed_in, member, colleague, stranger, view):
    other, url = signed_in(colleague), reverse("jobs:view", args=[view.uid])
    assert "Best ones" not in other.get(reverse("jobs:list")).content.decode()
    assert other.get(url).status_code == 404
    edit = reverse("jobs:view_edit", args=[view.uid])
    signed_in(member).post(edit, {"name": "Ours", "shared": "1"})
    assert "Ours" in other.get(reverse("jobs:list")).content.decode()
    assert other.get(url).status_code == 302
    assert other.post(edit, {"name": "Mine now"}).status_code == 403
    assert signed_in(stranger).get(url).status_code == 404
    view.refresh_from_db()
    assert view.name == "Ours"


def test_a_deleted_one_is_gone(signed_in, member, view):
    client, url = signed_in(member), reverse("jobs:view", args=[view.uid])
    edit = reverse("jobs:view_edit", args=[view.uid])
    assert client.post(edit, {"action": "delete"}).status_code == 302
    assert client.get(url).status_code == 404
    assert client.post(edit, {"action": "delete"}).status_code == 404
    assert "Best ones" not in client.get(reverse("jobs:list")).content.decode()


def test_an_admin_may_delete_a_shared_one(signed_in, admin, member, view):
    edit = reverse("jobs:view_edit", args=[view.uid])
    signed_in(member).post(edit, {"name": "Ours", "shared": "1"})
    assert signed_in(admin).post(edit, {"action": "delete"}).status_code == 302


def test_a_name_is_needed(signed_in, member, view):
    edit = reverse("jobs:view_edit", args=[view.uid])
    answer = signed_in(member).post(edit, {"name": "  "})
    assert answer.status_code == 422
    assert "Give the view a name." in answer.content.decode()


def test_the_api_does_the_same(api, member, colleague, viewer):
    client = api(member)
    body = {"name": "Failed", "query": "query=status=Failed", "columns": ["tags", "nonsense"]}
    made = client.post(API, body, content_type="application/json")
    assert made.status_code == 201
    uid = made.json()["id"]
    assert made.json()["columns"] == ["tags"]
    assert made.json()["url"] == "/jobs/?query=status%3DFailed&column=tags"
    assert [one["id"] for one in client.get(API).json()] == [uid]
    assert api(colleague).get(f"{API}/{uid}").status_code == 404
    change = {"name": "Broken", "shared": True}
    client.patch(f"{API}/{uid}", change, content_type="application/json")
    assert api(viewer).get(f"{API}/{uid}").json()["name"] == "Broken"
    assert api(viewer).delete(f"{API}/{uid}").status_code == 403
    assert client.delete(f"{API}/{uid}").status_code == 202
    assert client.get(f"{API}/{uid}").status_code == 404


def test_it_keeps_no_query_that_cannot_be_understood(api, member):
    body = {"name": "Wrong", "query": "query=status%20%3D"}
    answer = api(member).post(API, body, content_type="application/json")
    assert answer.status_code == 422
    assert "Column 9" in answer.json()["error"]["fields"]["query"][0]


@pytest.mark.parametrize("query", ["a\0", "\ud800", "query=%00", "x" * 2_001])
def test_it_keeps_only_what_the_database_takes(api, member, query):
    body = {"name": "x\ud800", "query": query, "columns": ["param.\0"]}
    assert api(member).post(API, body, content_type="application/json").status_code == 422
    body = {"name": "x\ud800", "columns": ["param.\0"]}
    made = api(member).post(API, body, content_type="application/json").json()
    assert (made["name"], made["columns"]) == ("x", [])
