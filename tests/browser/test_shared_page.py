"""What a stakeholder with a link sees, and no longer sees, in a clean browser."""

import io
import re

import pytest
from pypdf import PdfReader

from tests.browser.conftest import ARTIFACTS
from tests.browser.test_story import matrix

pytestmark = [pytest.mark.slow, pytest.mark.browser]
GONE = "There is nothing here"
INTRANET = "https://intranet.example.com"
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
    paper = PdfReader(io.BytesIO(page.pdf(format="A4")))
    text = " ".join(one.extract_text() for one in paper.pages)
    assert "What it means" in text
    assert "Constant guess" in text
    assert len(paper.pages) <= 6


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
    stakeholder.page.get_by_role("link", name="Row %").click()
    assert stakeholder.page.get_by_role("heading", name=GONE).is_visible()
    assert "no longer available" in stakeholder.page.content()
    assert stakeholder.page.reload().status == 404
    stakeholder.photograph("shared-gone")


def test_a_link_expires(stakeholder, shared, console):
    link = shared()
    console.up.manage("shell", "--no-imports", "-c", EXPIRE.format(uid=link["id"]))
    assert stakeholder.open(link["url"]).status == 404
    assert GONE in stakeholder.page.content()


def framed(stakeholder, origin, address):
    """What a page of `origin` shows of `address` in a frame."""
    page = stakeholder.page
    # The console of a test is on this machine, where a page of the internet may not look.
    stakeholder.context.grant_permissions(["local-network-access"])
    html = f'<!doctype html><title>Intranet</title><iframe src="{address}" title="Figure"></iframe>'
    page.route(f"{origin}/*", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{origin}/board")
    page.wait_for_load_state("networkidle")
    return page.frames[1]


def test_a_figure_stands_in_the_one_page_that_may_have_it(visitor, shared, console):
    link = shared(figure="matrix", title="Framed", embed_origin=INTRANET)
    there = visitor()
    frame = framed(there, INTRANET, link["embed_url"])
    assert frame.locator("table.matrix").is_visible()
    assert there.context.cookies() == []
    assert there.complaints == []
    elsewhere = framed(visitor(), "https://elsewhere.example.com", link["embed_url"])
    assert elsewhere.locator("table.matrix").count() == 0
    console.call("DELETE", f"/shares/{link['id']}")
    frame.goto(link["embed_url"] + "?again=1")
    assert "no longer available" in frame.content()


def test_a_report_is_written_and_read_by_a_stranger(stakeholder, me, evaluation):
    me.open(f"/results/reports/new?evaluation={evaluation['id']}")
    page = me.page
    page.get_by_label("Title").fill("Is it malignant?")
    page.get_by_role("button", name="Begin the report").click()
    text = page.get_by_label("Text", exact=True)
    assert "cases" in text.input_value()
    text.fill("**In my own words**: it helps.")
    page.get_by_role("button", name="Move block 1 down").click()
    assert page.get_by_label("Text", exact=True).input_value().startswith("**In my own")
    page.get_by_label("Kind of the new block").select_option("curve")
    page.get_by_role("button", name="Add the block").click()
    me.photograph("report-editor")
    page.get_by_role("button", name="Save and read").click()
    assert page.locator(".prose strong").inner_text() == "In my own words"
    me.photograph("report")
    page.get_by_label("Readers may download it").check()
    page.get_by_role("button", name="Create a link").click()
    stakeholder.open(page.locator("#share .copy code").inner_text())
    reader = stakeholder.page
    assert reader.get_by_role("heading", name="Is it malignant?").is_visible()
    assert reader.locator("svg.plot").count() >= 1
    with reader.expect_download() as download:
        reader.get_by_role("link", name="web page").click()
    assert download.value.suggested_filename == "is-it-malignant.html"
    stakeholder.photograph("shared-report")
