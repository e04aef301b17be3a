"""The cast: an admin, a member, a viewer and a stranger, in a workspace of their own."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from bench.console import Console, starting
from core import access, tokens
from core.models import Membership, Role, Workspace


@pytest.fixture
def workspace(db) -> Workspace:
    return Workspace.objects.create(
        slug="lab",
        name="Lab",
        kind=Workspace.Kind.LOCAL,
        execution_role_arn="arn:aws:iam::123456789012:role/mlconsole-execution",
        bucket="lab-bucket",
    )


def person(name: str, workspace: Workspace | None, role: Role | None) -> User:
    user = User.objects.create_user(name)  # no password: hashing one costs 0.3 s
    if workspace is not None and role is not None:
        Membership.objects.create(workspace=workspace, user=user, role=role)
    return user


@pytest.fixture
def admin(workspace) -> User:
    return person("alice", workspace, Role.ADMIN)


@pytest.fixture
def member(workspace) -> User:
    return person("bob", workspace, Role.MEMBER)


@pytest.fixture
def viewer(workspace) -> User:
    return person("vera", workspace, Role.VIEWER)


@pytest.fixture
def stranger(db) -> User:
    elsewhere = Workspace.objects.create(
        slug="elsewhere", name="Elsewhere", kind="local", execution_role_arn="x", bucket="other"
    )
    return person("mallory", elsewhere, Role.ADMIN)


@pytest.fixture
def actor(member, workspace) -> access.Actor:
    return access.actor(member, slug=workspace.slug)


@pytest.fixture
def signed_in():
    """`signed_in(user)` is a browser in which `user` has signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def api():
    """`api(user)` is an API client with a token of `user`'s first workspace."""

    def client_of(user: User, *, scope: str = "admin") -> Client:
        workspace = Workspace.objects.get(memberships__user=user)
        _, secret = tokens.create(user, workspace, name="test", scope=scope)
        return Client(headers={"Authorization": f"Bearer {secret}"})

    return client_of


@pytest.fixture(scope="session")
def console(tmp_path_factory) -> Iterator[Console]:
    """One real console: Valkey, localaws, web, workers and beat as users start them."""
    with starting(tmp_path_factory.mktemp("console") / "var") as running:
        yield running
