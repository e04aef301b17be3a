"""Large files from the page: how far they are, and what a cut costs: only what was missing."""

import hashlib
import os
import re
import signal
import uuid

import pytest

from tests.browser.conftest import held, process
from tests.browser.test_uploading import choose, is_listed, send

pytestmark = [pytest.mark.slow, pytest.mark.browser]
PART = 8 * 2**20
PARTS = 5
STORED = """
import hashlib
from aws import s3
from datasets.models import Dataset
row = Dataset.objects.select_related("workspace").get(uid="{uid}")
digest = hashlib.sha256()
with s3.open_object(row.workspace.account, row.workspace.bucket, row.key) as stream:
    while chunk := stream.read(2**20):
        digest.update(chunk)
print(digest.hexdigest())
"""
# A workspace of Amazon's kind, whose S3 is this console's localaws.
AMAZON = """
from django.contrib.auth.models import User
from django.test import Client
from aws import s3
from core.models import Membership, Role, Workspace

local = Workspace.objects.get(kind="local", slug="local")
workspace, _ = Workspace.objects.get_or_create(
    slug="amazon", name="Amazon", kind="aws", bucket="amazon-bucket",
    execution_role_arn=local.execution_role_arn,
)
s3.ensure_bucket(workspace.account, workspace.bucket)
user, _ = User.objects.get_or_create(username="cloudy")
Membership.objects.get_or_create(user=user, workspace=workspace, role=Role.ADMIN)
client = Client()
client.force_login(user)
print(client.cookies["sessionid"].value)
"""


@pytest.fixture
def big(tmp_path):
    """A file of 40 MB in few rows, five parts; no test goes on with what another has begun."""
    path = tmp_path / "big.csv"
    own = uuid.uuid4().hex.encode()
    path.write_bytes(b"text,n\n" + (own + b"x" * 989 + b",1\n") * 40_959)
    return path


def throttled(one, megabytes):
    """Let the page send so many MB a second; the session that holds it so, until detached."""
    session = one.context.new_cdp_session(one.page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1}
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": megabytes * 2**20})
    return session


def counted(one):
    """The parts that were sent whole from now on, by number."""
    numbers = []

    def hear(response):
        if response.request.method == "PUT" and response.ok:
            address = response.url
            found = re.search(r"/parts/(\d+)|partNumber=(\d+)", address)
            numbers.append(int(found[1] or found[2]))

    one.page.on("response", hear)
    return numbers


def until(one, ready, what):
    for _ in range(600):
        if ready():
            return
        one.page.wait_for_timeout(100)
    pytest.fail(f"waited 60 s: {what}")


def arrived(one, console, big, title):
    """The dataset's page shows it whole, and S3 has the file's bytes."""
    one.page.wait_for_url(re.compile(r"/datasets/[0-9a-z]{10}$"), timeout=60_000)
    one.page.get_by_role("heading", name=title).wait_for()
    one.status("Ready")
    uid = one.page.url.rsplit("/", 1)[1]
    stored = console.up.manage("shell", "--no-imports", "-c", STORED.format(uid=uid))
    assert stored.split()[-1] == hashlib.sha256(big.read_bytes()).hexdigest()


def test_it_shows_how_far_the_upload_is_and_lets_it_be_cancelled(me, console, big):
    choose(me, big, title="Cancelled")
    throttled(me, 6)
    send(me)
    text = me.page.locator("[data-upload-text]")
    text.get_by_text("/s, ").wait_for()
    assert re.fullmatch(r"[\d.]+ MB of 40.0 MB, [\d.]+ .?B/s, \d+ s left", text.inner_text())
    assert 0 < me.page.locator("progress").evaluate("bar => bar.value") < 100
    with held(console, "uvicorn"):
        text.get_by_text("Nothing has moved for").wait_for()
    me.page.get_by_role("button", name="Cancel").click()
    me.page.get_by_text("Cancelled.").wait_for()
    assert me.page.get_by_role("button", name="Upload", exact=True).is_enabled()
    assert not is_listed(me, "Cancelled")


def test_a_reload_goes_on_with_what_is_missing(me, console, big):
    warned = []
    me.page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    choose(me, big, title="Resumed")
    session, first = throttled(me, 6), counted(me)
    send(me)
    until(me, lambda: len(first) >= 2, "two of five parts")
    session.detach()
    me.page.reload()
    assert warned == ["beforeunload"]
    begun = set(first)

    listed = me.page.get_by_role("region", name="Cut off, and ready to go on")
    assert re.search(r"big.csv \d\d % of 40.0 MB there", listed.inner_text())
    me.photograph("upload-unfinished")
    second = counted(me)
    me.page.locator("input[type=file]").set_input_files(big)
    assert "goes on where it was cut off" in me.page.locator("[data-upload-file]").inner_text()
    send(me)
    arrived(me, console, big, "Resumed")
    assert len(begun) >= 2
    assert not begun & set(second), "what was there is not sent again"
    assert len(second) == len(set(second)) <= PARTS - len(begun)


def test_a_killed_console_costs_nothing_that_was_sent(me, console, big):
    choose(me, big, title="Killed")
    throttled(me, 6)
    sent = counted(me)
    send(me)
    until(me, lambda: len(sent) >= 2, "two of five parts")
    os.kill(process(console, "uvicorn"), signal.SIGKILL)
    me.page.get_by_text("Trying again in").first.wait_for()
    console.up.wait_ready()
    arrived(me, console, big, "Killed")
    assert sorted(sent) == [1, 2, 3, 4, 5]


def test_a_lost_connection_is_waited_for(me, console, big):
    choose(me, big, title="Offline")
    throttled(me, 6)
    sent = counted(me)
    send(me)
    until(me, lambda: sent, "a part")
    me.context.set_offline(True)
    me.page.get_by_text("The connection is lost.").first.wait_for()
    me.context.set_offline(False)
    arrived(me, console, big, "Offline")
    assert sorted(set(sent)) == [1, 2, 3, 4, 5]


def test_it_can_be_paused(me, console, big):
    choose(me, big, title="Paused")
    line = throttled(me, 4)
    sent = counted(me)
    send(me)
    me.page.locator("[data-upload-text]").get_by_text("/s, ").wait_for()
    me.page.get_by_role("button", name="Pause").click()  # the first three parts are on their way
    me.page.locator("[data-upload-text]").get_by_text("Paused at").wait_for()
    before = list(sent)
    me.page.wait_for_timeout(1_500)
    assert sent == before
    line.detach()
    me.page.get_by_role("button", name="Go on").click()
    arrived(me, console, big, "Paused")


def test_two_tabs_send_one_file(me, console, big):
    choose(me, big, title="Twice")
    throttled(me, 8)
    other = me.tab()
    other.goto(me.url + "/datasets/upload")
    other.locator("input[type=file]").set_input_files(big)
    send(me)
    me.page.locator("[data-upload-text]").get_by_text("/s, ").wait_for()
    other.get_by_role("button", name="Upload", exact=True).click()
    arrived(me, console, big, "Twice")
    other.wait_for_url(me.page.url, timeout=60_000)


def test_it_says_that_the_session_ended(signed_in, console, big):
    me = signed_in("admin")
    choose(me, big, title="Signed out")
    throttled(me, 8)
    sent = counted(me)
    send(me)
    until(me, lambda: sent, "a part")
    me.context.clear_cookies()
    me.page.get_by_text("You are no longer signed in.").wait_for()


@pytest.fixture
def cloudy(visitor, console):
    """Somebody whose workspace is of Amazon's kind."""
    one = visitor()
    session = console.up.manage("shell", "--no-imports", "-c", AMAZON).split()[-1]
    one.context.add_cookies([{"name": "sessionid", "value": session, "url": console.up.url}])
    return one


def test_parts_go_straight_to_amazon(cloudy, console, big):
    sent = []
    cloudy.page.on("request", lambda one: one.method == "PUT" and sent.append(one.url))
    choose(cloudy, big, title="Straight")
    send(cloudy)
    arrived(cloudy, console, big, "Straight")
    assert len(sent) == PARTS
    assert all(address.startswith(console.up.runtime["aws_endpoint_url"]) for address in sent)
    assert cloudy.complaints == []


def test_the_console_carries_what_cannot_go_straight(cloudy, console, big):
    s3 = console.up.runtime["aws_endpoint_url"]
    cloudy.page.route(f"{s3}/**", lambda route: route.abort())
    sent = counted(cloudy)
    choose(cloudy, big, title="Carried")
    send(cloudy)
    arrived(cloudy, console, big, "Carried")
    assert sorted(sent) == [1, 2, 3, 4, 5]
