"""The list of jobs while it changes: what is ticked, focused and scrolled to stays."""

import uuid

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]
# Enough for two pages, beside whatever the console has; nothing is at AWS.
FILL = """
from core.models import Workspace
from jobs.models import TrainingJob
TrainingJob.objects.bulk_create(
    TrainingJob(workspace=Workspace.objects.get(slug="local"), status="Completed",
                algorithm="knn", name=f"{mark}-{{n:02}}")
    for n in range(60)
)
"""
ARRIVE = """
from core import live
from core.models import Workspace
from jobs.models import TrainingJob
live.publish(TrainingJob.objects.create(
    workspace=Workspace.objects.get(slug="local"), status="Completed", name="{mark}-new"))
"""


@pytest.fixture
def mark(console):
    made = f"tick-{uuid.uuid4().hex[:6]}"
    shell(console, FILL.format(mark=made))
    yield made
    gone = f"TrainingJob.objects.filter(name__startswith='{made}').delete()"
    shell(console, f"from jobs.models import TrainingJob\n{gone}")


def shell(console, code):
    console.up.manage("shell", "--no-imports", "-c", code)


def test_ticks_outlive_new_rows_and_pages(me, console, mark):
    me.page.set_viewport_size({"width": 390, "height": 844})
    me.open(f"/jobs/?query={mark}&sort=-created")
    page, table = me.page, me.page.locator("#scroll-jobs")
    expect(page.get_by_text("All 60 that match")).to_be_visible()
    second, last = (page.get_by_label(f"Tick {mark}-{n}") for n in ("58", "10"))
    second.check()
    last.check()  # the last of the page: the new row pushes it off
    second.focus()
    table.evaluate("box => box.scrollLeft = 90")
    shell(console, ARRIVE.format(mark=mark))
    expect(page.locator("tbody tr").first).to_contain_text(f"{mark}-new")
    expect(second).to_be_checked()
    expect(second).to_be_focused()
    assert table.evaluate("box => box.scrollLeft") == 90
    expect(page.locator(".chosen")).to_contain_text("1 ticked on other pages")
    page.get_by_role("button", name="Next").click()
    expect(last).to_be_checked()
    page.get_by_role("button", name="Tag", exact=True).click()
    expect(page.get_by_role("heading", name="Tag 2 jobs?")).to_be_visible()
    page.keyboard.type("kept")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="2 tagged kept")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_label("Search jobs")).to_have_value(mark)
