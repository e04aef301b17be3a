"""Somebody gets an email that their endpoint will go, and keeps it from another computer."""

import email
import re
from email import policy as wire

import pytest
from playwright.sync_api import expect

from tests.tooling.processes import until

pytestmark = [pytest.mark.slow, pytest.mark.browser]
NAME = "kept by mail"
# Without grace what was made a moment ago may idle, once CloudWatch has told of no calls.
RUN_NOW = f"""
import time
from django.utils import timezone
from endpoints.models import Endpoint, Policy
deadline = time.monotonic() + 40
while Endpoint.objects.get(name="{NAME}").traffic is None:
    assert time.monotonic() < deadline
    time.sleep(0.2)
Policy.objects.filter(name="{NAME}").update(grace_days=0, next_run_at=timezone.now())
"""


@pytest.fixture
def idler(console, job):
    body = {"job": job["id"], "name": NAME, "instance_type": "ml.t2.medium"}
    made = console.call("POST", "/endpoints", json=body)
    return console.wait(f"/endpoints/{made['id']}", "InService")


def make_policy(me):
    """By the form, as an admin; a dry run first, then its name is typed."""
    page = me.page
    me.open("/endpoints/policies/new")
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("Only with this in its name").fill(NAME)
    page.get_by_label("Tell these addresses").fill("owner@example.com")
    me.photograph("policy-new")
    page.get_by_role("button", name="Make a dry run").click()
    page.get_by_role("button", name="What would it do now?").click()
    page.get_by_text("nothing would go").wait_for()  # it is too young
    page.get_by_role("link", name=NAME).first.click()
    page.get_by_role("link", name="Make it earnest").click()
    me.photograph("policy-earnest")
    page.get_by_label("Type the policy's name").fill(NAME)
    page.get_by_role("button", name="Make it earnest").click()
    page.get_by_text("It is earnest.").wait_for()
    me.photograph("policy")


def received(console):
    """The link of the first message that the console has written."""
    folder = console.up.data_dir.with_name("mail")
    until(lambda: any(folder.glob("*.log")), 40, "a message comes")
    (file,) = folder.glob("*.log")
    message = email.message_from_bytes(file.read_bytes(), policy=wire.default)
    assert message["To"] == "owner@example.com"
    body = message.get_body().get_content()
    return re.search(rf"{console.up.url}/k/\S+", body)[0]


@pytest.mark.timeout(240)
def test_a_link_from_an_email_keeps_it_once(console, idler, me, visitor):
    make_policy(me)
    console.up.manage("shell", "--no-imports", "-c", RUN_NOW)
    link = received(console)
    owner = visitor()
    owner.open(link)
    owner.page.get_by_role("heading", name=f"Keep {NAME}?").wait_for()
    owner.photograph("keep-link")
    owner.page.get_by_role("button", name="Keep it for 90 days").click()
    owner.page.get_by_role("heading", name=f"{NAME} is kept").wait_for()
    assert owner.context.cookies() == []
    assert owner.open(link).status == 404
    expect(owner.page.get_by_text("This link was used before")).to_be_visible()
    assert owner.complaints == []
    me.open(f"/endpoints/{idler['id']}#protect")
    expect(me.page.get_by_text("kept by the link sent to owner@example.com")).to_be_visible()
    me.open("/endpoints/policies")
    me.page.get_by_role("link", name=NAME).click()
    me.page.get_by_role("table").get_by_role("link").first.click()
    expect(me.page.get_by_text("answered “keep”")).to_be_visible()
    me.photograph("policy-run")
