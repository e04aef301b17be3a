from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from core import signin


def printed(**options):
    out = StringIO()
    call_command("sign_in_link", stdout=out, **options)
    return out.getvalue().strip()


def test_it_makes_the_first_administrator(db):
    link = printed(base_url="https://console.example.com/")
    assert link.startswith("https://console.example.com/sign-in/")
    assert signin.redeem(link.rsplit("/", 1)[1]) == User.objects.get(username="admin")


def test_it_signs_in_whom_it_is_told(db, viewer):
    link = printed(base_url="https://console.example.com", user=viewer.username)
    assert signin.redeem(link.rsplit("/", 1)[1]) == viewer


def test_it_refuses_an_unknown_user(db):
    with pytest.raises(CommandError, match="no user nobody"):
        printed(base_url="https://console.example.com", user="nobody")


def test_it_needs_to_know_where_the_console_is(db, settings):
    settings.RUNTIME = None
    with pytest.raises(CommandError, match="--base-url"):
        printed()
