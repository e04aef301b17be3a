"""API tokens: hashed, scoped, expiring, revocable."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core import access, tokens
from core.errors import NotFound
from core.models import ApiToken, AuditEvent, Membership, Role


@pytest.fixture
def made(member, workspace):
    return tokens.create(member, workspace, name="notebook")


def test_only_the_digest_is_kept(made):
    token, secret = made
    assert secret.startswith("mlc_")
    assert len(secret) > 40
    assert all(secret not in str(value) for value in vars(token).values())
    assert tokens.actor_for(secret).user == token.user


@pytest.mark.parametrize(
    ("scope", "role"), [("read", Role.VIEWER), ("write", Role.MEMBER), ("admin", Role.MEMBER)]
)
def test_a_token_may_no_more_than_its_scope_and_its_owner(member, workspace, scope, role):
    _, secret = tokens.create(member, workspace, name="x", scope=scope)
    assert tokens.actor_for(secret).role == role


@pytest.mark.parametrize("guess", ["", "mlc_", "mlc_0", "0", "mlc_" + "A" * 43])
def test_a_guess_is_nobody(made, guess):
    assert tokens.actor_for(guess) is None


def test_an_expired_token_is_nobody(member, workspace):
    soon = timezone.now() + timedelta(minutes=1)
    _, secret = tokens.create(member, workspace, name="x", expires_at=soon)
    assert tokens.actor_for(secret)
    assert tokens.actor_for(secret, now=soon) is None


def test_a_revoked_token_is_nobody_at_once(made, member):
    token, secret = made
    tokens.revoke(access.actor(member), token.pk)
    assert tokens.actor_for(secret) is None
    assert AuditEvent.objects.get().action == "token.revoke"


def test_it_refuses_to_revoke_a_colleagues_token(made, viewer, admin):
    token, secret = made
    with pytest.raises(NotFound):
        tokens.revoke(access.actor(viewer), token.pk)
    assert tokens.actor_for(secret)
    tokens.revoke(access.actor(admin), token.pk)
    assert tokens.actor_for(secret) is None


@pytest.mark.parametrize("ending", ["membership", "account"])
def test_a_token_ends_with_its_owners_membership_and_account(made, member, ending):
    _, secret = made
    if ending == "membership":
        Membership.objects.filter(user=member).delete()
    else:
        type(member).objects.update(is_active=False)
    assert tokens.actor_for(secret) is None


def test_the_command_prints_only_the_token(member, workspace):
    out = StringIO()
    call_command("create_token", user="bob", workspace="lab", stdout=out)
    assert tokens.actor_for(out.getvalue().strip()).user == member
    assert ApiToken.objects.count() == 1


def test_the_command_names_what_is_missing(member, workspace, stranger):
    with pytest.raises(CommandError, match="no workspace 'nowhere'"):
        call_command("create_token", user="bob", workspace="nowhere")
    with pytest.raises(CommandError, match="not a member"):
        call_command("create_token", user="mallory", workspace="lab")
