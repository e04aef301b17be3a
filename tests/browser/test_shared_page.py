"""What a stakeholder with a link sees, and no longer sees, in a clean browser."""

import re

import pytest

from tests.browser.conftest import ARTIFACTS
from tests.browser.test_story import matrix

pytestmark = [pytest.mark.slow, pytest.mark.browser]
GONE = "There is nothing here"
EXPIRE = """
from django.utils import timezone
from results.models import Share
Share.objects.filter(uid="{uid}").update(expires_at=timezone.now())
"""


@pytest.fixture
def shared(console, evaluation):
    """`shared(password=…)` makes a link as the API answers it."""

    def share(**wish):
        body = {"evaluation": evaluation["id"], "expires_in_days": 7} | wish
        return console.call("POST", "/shares", json=body)

    return share


@pytest.fixture
def stakeholder(visitor):
    one = visitor()
    yield one
    assert one.complaints == []


def test_it_is_read_on_a_phone_and_on_paper_and_leads_nowhere(stakeholder, shared, evaluation):
    stakeholder.open(shared()["url"])
    page = stakeholder.page
    cells = [count for row in evaluation["confusion"] for count in row]
    assert matrix(page) == cells
    assert page.get_by_role("navigation", name="Main").count() == 0
    leads = page.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert all(href.startswith(("?", "#")) for href in leads)
    page.get_by_role("link", name="Row %").click()
    assert page.locator("table.matrix").inner_text().count("%") >= 4
    assert stakeholder.context.cookies() == []
    stakeholder.photograph("shared-clean")
    page.emulate_media(media="print")
    assert not page.get_by_role("link", name="Row %").is_visible()
    page.screenshot(path=ARTIFACTS / "shared-print.png", full_page=True)


def test_a_password_is_asked_for(stakeholder, shared, evaluation):
    stakeholder.open(shared(password="correct horse")["url"])
    page = stakeholder.page
    assert page.locator("table.matrix").count() == 0
    page.get_by_label("Password").fill("wrong horse")
    page.get_by_role("button", name="Show the result").click()
    assert page.get_by_role("alert").inner_text()
    stakeholder.photograph("shared-password")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Show the result").click()
    page.locator("table.matrix").wait_for()
    page.reload()
    assert sum(matrix(page)) == evaluation["rows"]


def test_a_link_ends_while_it_is_open(stakeholder, shared, console, me, evaluation):
    link = shared(title="To be revoked")
    stakeholder.open(link["url"])
    me.open(f"/results/{evaluation['id']}")
    me.page.get_by_role("button", name=re.compile("Revoke To be revoked")).click()
    me.page.get_by_text("no longer works").wait_for()
    assert stakeholder.page.reload().status == 404
    assert GONE in stakeholder.page.content()
    stakeholder.photograph("shared-gone")


def test_a_link_expires(stakeholder, shared, console):
    link = shared()
    console.up.manage("shell", "--no-imports", "-c", EXPIRE.format(uid=link["id"]))
    assert stakeholder.open(link["url"]).status == 404
    assert GONE in stakeholder.page.content()
