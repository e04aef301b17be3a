"""AWS, Valkey or a worker go away under open pages: no error page, and everything recovers."""

import os
import re
import signal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import held, process
from tests.tooling.processes import until

pytestmark = [pytest.mark.slow, pytest.mark.browser]
TROUBLE = "AWS does not answer. What you see is as of"
LISTS = ("/", "/datasets/", "/jobs/", "/endpoints/", "/results/")


def recovered(me):
    """Reload until the banner is gone."""
    until(lambda: me.page.reload() and TROUBLE not in me.page.content(), 60, "AWS answers again")


@pytest.mark.timeout(240)
def test_pages_stand_while_aws_does_not_answer_and_recover(me, console, job, evaluation, endpoint):
    pages = [f"/jobs/{job['id']}", f"/endpoints/{endpoint['id']}", f"/results/{evaluation['id']}"]
    with held(console, "-m localaws"):
        me.open("/jobs/")
        until(lambda: me.page.reload() and TROUBLE in me.page.content(), 90, "the banner")
        for path in (*LISTS, *pages):
            assert me.open(path).status == 200, path
            assert TROUBLE in me.page.get_by_role("status").first.inner_text(), path
        me.photograph("aws-away")
    recovered(me)


@pytest.mark.timeout(240)
def test_without_valkey_pages_poll_and_a_submitted_job_runs_later(me, console, preparation):
    me.open(f"/jobs/new?preparation={preparation['id']}")
    me.page.locator("[name='hyperparameters.num_round']").fill("5")
    me.page.get_by_label("Name").fill("Without Valkey")
    with held(console, "valkey-server"):
        me.page.get_by_role("button", name="Launch the job").click()
        me.page.get_by_role("heading", name="Without Valkey").wait_for()
        assert me.open("/").status == 200
        me.page.go_back()
    me.status("Completed", seconds=90)
    found = console.call("GET", "/jobs", params={"q": "Without Valkey"})["items"]
    assert [one["status"] for one in found] == ["Completed"]


@pytest.mark.timeout(240)
def test_a_page_whose_stream_is_down_polls(me, console, preparation):
    me.page.route(re.compile("/events"), lambda route: route.abort())
    made = console.job(preparation["id"], num_round=5, objective="binary:logistic")
    me.open(f"/jobs/{made['id']}")
    me.status("Completed")


@pytest.mark.timeout(240)
def test_a_killed_worker_does_not_spoil_the_page_of_a_job(me, console, preparation):
    wish = {"num_round": 300, "num_parallel_tree": 20, "objective": "binary:logistic"}
    made = console.job(preparation["id"], **wish)
    me.open(f"/jobs/{made['id']}")
    expect(me.page.locator("#status")).to_contain_text(re.compile(r"Round \d+ of 300"))
    os.kill(process(console, "--queues celery"), signal.SIGKILL)
    me.status("Completed", seconds=90)
    expect(me.page.locator("#log-lines")).to_contain_text("[299]")
    expect(me.page.get_by_role("link", name="Deploy")).to_be_visible()
    console.up.wait_ready()
