"""A job's page while it runs: everything grows by itself, in every tab, and Stop is honest."""

import re

import pytest
from playwright.sync_api import expect

from tests.tooling.processes import until

pytestmark = [pytest.mark.slow, pytest.mark.browser]
ROUND = re.compile(r"Round (\d+) of")


@pytest.fixture
def running(console, preparation):
    """A job that trains for minutes; stopped at the end."""
    wish = {"num_round": 100_000, "num_parallel_tree": 100, "objective": "binary:logistic"}
    made = console.job(preparation["id"], **wish)
    yield made
    if console.call("GET", f"/jobs/{made['id']}")["status"] in ("Requested", "InProgress"):
        console.call("POST", f"/jobs/{made['id']}/stop")
    console.wait(f"/jobs/{made['id']}", "Stopped", "Completed")


def lines(page):
    """The number of the last line in sight."""
    return page.evaluate(
        "Number(document.querySelector('.log-line:last-child a')?.textContent ?? 0)"
    )


def grows(measure):
    """Wait until `measure()` is more than it was."""
    before = measure()
    until(lambda: measure() > before, 20, f"more than {before}")


def drawn(page):
    """How many points the first chart shows."""
    return page.evaluate("document.querySelector('.chart')?.data?.[0].x.at(-1) ?? 0")


def rounds(page):
    found = ROUND.search(page.locator("#status").inner_text())
    return int(found[1]) if found else 0


def test_everything_grows_without_a_reload_and_in_both_tabs(me, running):
    me.open(f"/jobs/{running['id']}")
    page, second = me.page, me.tab()
    second.goto(me.url + "/jobs/")
    row = second.get_by_role("row", name=re.compile(re.escape(running["name"]))).first
    page.locator(".chart .main-svg").first.wait_for()
    for measure in (rounds, drawn, lines):
        grows(lambda measure=measure: measure(page))
    expect(row).to_contain_text(re.compile(r"round \d+ of 100000"))
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    assert "was asked to stop" in page.locator("#toasts").inner_text()
    me.status("Stopped")
    expect(row).to_contain_text("Stopped")
    expect(page.get_by_role("link", name="Remove")).to_be_visible()


def test_the_log_stands_still_for_a_reader_and_follows_again(me, running):
    me.open(f"/jobs/{running['id']}/log")
    page, box = me.page, me.page.locator("#log-lines")
    follow, total = page.get_by_role("button", name="Follow"), page.locator("#log-total")
    until(lambda: box.evaluate("box => box.scrollHeight > 3000"), 30, "the log scrolls")
    grows(lambda: lines(page))
    box.focus()
    page.keyboard.press("Home")
    expect(follow).to_have_attribute("aria-pressed", "false")
    grows(lambda: int(total.inner_text()))
    assert box.evaluate("box => box.scrollTop") == 0
    expect(page.locator("#L1")).to_be_visible()
    follow.focus()
    page.keyboard.press("Enter")
    expect(follow).to_have_attribute("aria-pressed", "true")
    grows(lambda: lines(page))
    assert box.evaluate("box => box.scrollHeight - box.scrollTop - box.clientHeight < 24")
    page.locator(".log-text").last.select_text()
    chosen = page.evaluate("getSelection().toString()")
    grows(lambda: int(total.inner_text()))
    assert page.evaluate("getSelection().toString()") == chosen != ""


def test_a_line_has_an_address(me, job):
    me.open(f"/jobs/{job['id']}/log")
    page = me.page
    page.locator("#L5 .log-number").click()
    expect(page.locator("#L5")).to_have_attribute("aria-current", "true")
    copy = page.get_by_role("button", name="Copy the link to line 5")
    address = copy.get_attribute("data-copy")
    assert page.url == address
    second = me.tab()
    second.goto(address)
    expect(second.locator("#L5")).to_have_attribute("aria-current", "true")
    expect(second.locator("#L5")).to_be_in_viewport()
    for place in ("log", "log?q=train", "files"):
        me.open(f"/jobs/{job['id']}/{place}")
        me.check_accessibility(place)


def test_the_log_is_searched_and_downloaded(me, job):
    me.open(f"/jobs/{job['id']}")
    page = me.page
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all").click()
    assert "[19]" in download.value.path().read_text()
    search = page.get_by_role("searchbox", name="Search the log")
    search.fill("[7]")
    search.press("Enter")
    page.get_by_text("1 line with “[7]”.").wait_for()
    match = page.locator(".log-line[aria-current]")
    expect(match).to_contain_text("[7]")
    match.locator(".log-number").click()
    expect(page.locator("#log-lines .log-line[aria-current]")).to_contain_text("[7]")
    page.get_by_role("link", name="Show the end").click()
    expect(page.locator("#log-lines")).to_contain_text("[19]")


def test_the_chart_can_be_read_as_a_table(me, job):
    me.open(f"/jobs/{job['id']}")
    summary = me.page.get_by_text("View as table")
    summary.focus()
    me.page.keyboard.press("Enter")
    table = me.page.locator("#points table")
    expect(table.get_by_role("row")).to_have_count(21)
