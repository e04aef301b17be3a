"""The page behind a notice's link: looking changes nothing, one button works, once, for one."""

import pytest
from django.core import mail
from django.test import Client

from endpoints.models import Endpoint, Notice
from tests.endpoints.conftest import fresh
from tests.endpoints.policy_lab import (  # noqa: F401  # fixtures among them
    chief,
    lab_of_policies,
    states,
)


@pytest.fixture
def lab(lab_of_policies):  # noqa: F811  # that fixture
    return lab_of_policies


@pytest.fixture
def item(lab):
    return lab.told(lab.policy(), name="demo endpoint", hourly_cost=3.0)


def path():
    return "/k/" + mail.outbox[0].body.partition("/k/")[2].split()[0]


def test_looking_changes_nothing(item):
    client = Client(enforce_csrf_checks=True)
    for method in ("get", "head", "get", "options", "put", "delete"):
        answer = getattr(client, method)(path())
        assert answer.status_code == (200 if method in ("get", "head") else 404)
    assert Notice.objects.get().used_at is None
    assert fresh(item.endpoint).protected_until is None
    assert client.cookies == {}


def test_it_tells_the_endpoints_name_and_no_more(item, workspace):
    page = Client().get(path()).content.decode()
    assert "Keep demo endpoint?" in page
    for secret in (workspace.slug, workspace.bucket, item.endpoint.uid, "nightly", "ops@", "$"):
        assert secret not in page
    assert "/endpoints/" not in page


@pytest.mark.parametrize(("choice", "word"), [("keep", "is kept"), ("snooze", "is put off")])
def test_a_button_works_once(item, choice, word):
    client, address = Client(enforce_csrf_checks=True), path()
    assert client.post(address, {"answer": "delete"}).status_code == 404
    done = client.post(address, {"answer": choice})
    assert (done.status_code, word in done.content.decode()) == (200, True)
    row = fresh(item.endpoint)
    assert bool(row.protected_until) == (choice == "keep")
    assert bool(row.snoozed_until) == (choice == "snooze")
    assert states(item.cleanup)["demo endpoint"][0] == "skipped"
    for again in (client.post(address, {"answer": "keep"}), client.get(address)):
        assert (again.status_code, "was used before" in again.content.decode()) == (404, True)
    assert fresh(item.endpoint).protected_until == row.protected_until


def test_used_expired_foreign_and_late_links_answer_one_page(lab, item):
    client, address = Client(), path()
    pages = {client.get(wrong).content for wrong in ("/k/", "/k/x", f"{address}x", "/k/a/b")}
    Notice.objects.update(expires_at=lab.at)
    pages |= {client.get(address).content, client.post(address, {"answer": "keep"}).content}
    Notice.objects.update(expires_at=lab.at.replace(year=lab.at.year + 1), used_at=lab.at)
    pages.add(client.get(address).content)
    Notice.objects.update(used_at=None)
    assert client.get(address).status_code == 200
    Endpoint.objects.update(status="Deleting")
    pages.add(client.get(address).content)
    assert len(pages) == 1


def test_answers_are_kept_by_nobody_and_point_nowhere(item):
    for address in (path(), "/k/wrong"):
        answer = Client().get(address)
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "script" not in answer["Content-Security-Policy"]
        assert "<script" not in answer.content.decode()
