"""One door: strangers find nothing, viewers look, members change."""

import pytest

from core import access
from core.errors import NotAllowed, NotFound
from core.models import Membership, Role, Workspace
from datasets.models import Dataset


@pytest.fixture
def dataset(workspace):
    return Dataset.objects.create(workspace=workspace, name="cards", status="Ready")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER])
def test_it_hands_the_object_to_a_member(dataset, member, role):
    assert access.fetch(Dataset.objects.all(), access.actor(member), dataset.uid, role=role)


def test_it_lets_a_viewer_see_and_not_change(dataset, viewer):
    who = access.actor(viewer)
    assert access.fetch(Dataset.objects.all(), who, dataset.uid) == dataset
    with pytest.raises(NotAllowed, match="member"):
        access.fetch(Dataset.objects.all(), who, dataset.uid, role=Role.MEMBER)


def test_not_yours_looks_like_not_there(dataset, stranger):
    who = access.actor(stranger)
    with pytest.raises(NotFound) as theirs:
        access.fetch(Dataset.objects.all(), who, dataset.uid)
    with pytest.raises(NotFound) as missing:
        access.fetch(Dataset.objects.all(), who, "0000000000")
    assert theirs.value.message == missing.value.message


def test_a_deleted_object_is_not_there(dataset, member):
    Dataset.objects.update(deleted_at="2026-01-01T00:00:00Z")
    with pytest.raises(NotFound):
        access.fetch(Dataset.objects.all(), access.actor(member), dataset.uid)


def test_a_member_of_two_workspaces_opens_a_link_of_either(dataset, stranger, workspace):
    Membership.objects.create(workspace=workspace, user=stranger, role=Role.VIEWER)
    who = access.actor(stranger, slug="elsewhere")
    assert who.role == Role.ADMIN
    assert access.fetch(Dataset.objects.all(), who, dataset.uid) == dataset
    with pytest.raises(NotAllowed):
        access.fetch(Dataset.objects.all(), who, dataset.uid, role=Role.MEMBER)
    assert access.in_workspace_of(who, dataset).role == Role.VIEWER


def test_somebody_without_a_workspace_is_told_so(db, django_user_model):
    lonely = django_user_model.objects.create_user("lonely")
    with pytest.raises(NotFound, match="not a member"):
        access.actor(lonely)
    assert Workspace.objects.count() == 0
