"""Signing in: a one-time link on a first start, a password afterwards."""

from datetime import timedelta

from django.utils import timezone

from core import first_run, signin
from core.models import Membership, Role, SignInLink, Workspace


def test_an_empty_database_gets_an_admin_and_a_workspace_once(db):
    first = first_run.ensure()
    assert first == first_run.ensure()
    user, workspace = first
    assert (user.username, workspace.slug) == ("admin", "local")
    assert not user.has_usable_password()
    assert Membership.objects.get(user=user, workspace=workspace).role == Role.ADMIN
    assert Workspace.objects.count() == 1


def test_the_link_signs_in_once(client, member):
    link = signin.issue_link(member, "http://127.0.0.1:8000/")
    path = link.removeprefix("http://127.0.0.1:8000")
    assert client.get(path).status_code == 200
    assert "_auth_user_id" not in client.session
    assert client.post(f"{path}/go").status_code == 302
    assert client.session["_auth_user_id"] == str(member.pk)
    client.logout()
    refused = client.post(f"{path}/go")
    assert refused.status_code == 400
    assert "used or has expired" in refused.content.decode()


def test_an_expired_link_and_a_guess_are_refused(member):
    secret = signin.issue_link(member, "http://x").rsplit("/", 1)[1]
    assert secret not in SignInLink.objects.get().digest
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert signin.redeem(secret) is None
    assert signin.redeem("") is None


def test_a_new_link_ends_the_earlier_one(member):
    earlier = signin.issue_link(member, "http://x").rsplit("/", 1)[1]
    signin.issue_link(member, "http://x")
    assert signin.redeem(earlier) is None


def test_nobody_signs_themselves_up(client, db):
    assert "closed" in client.get("/accounts/signup/").content.decode().lower()


def test_a_stranger_is_sent_to_sign_in_and_comes_back(client, member):
    member.set_password("bob-secret-pass")
    member.save()
    answer = client.get("/settings")
    assert answer.status_code == 302
    assert answer.url == "/accounts/login/?next=/settings"
    answer = client.post(answer.url, {"login": "bob", "password": "bob-secret-pass"})
    assert answer.url == "/settings"


def test_a_first_password_is_set_in_the_settings(client, member):
    client.force_login(member)
    assert "Set a password" in client.get("/settings").content.decode()
    page = client.get("/accounts/password/set/")
    assert "Set a password" in page.content.decode()
    new = "correct-horse-battery"
    client.post("/accounts/password/set/", {"password1": new, "password2": new})
    assert "Change your password" in client.get("/settings").content.decode()
    assert client.get("/accounts/password/change/").status_code == 200
