"""Runs beside each other in a browser: what differs, figures as they come into view, notes."""

import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]
# Three finished runs of an experiment with curves, as a mirror would have left them.
RUNS = """
import json, math
from core.models import Workspace
from jobs.models import Experiment, MetricPoint, TrainingJob
local = Workspace.objects.get(slug="local")
experiment, _ = Experiment.objects.get_or_create(workspace=local, name="Depth and speed")
jobs = []
for number in (1, 2, 3):
    last = math.exp(-number)
    jobs.append(TrainingJob.objects.create(
        workspace=local, experiment=experiment, name=f"depth {number}", status="Completed",
        algorithm="xgboost", instance_type="ml.m5.large", log_complete=True,
        hyperparameters={
            "max_depth": str(number), "eta": "0.3", "booster": "dart" if number > 2 else "gbtree"},
        headline_metric="validation:logloss", headline_value=last, training_seconds=60,
        metrics={"validation:logloss": last, "train:logloss": last / 2}))
    MetricPoint.objects.bulk_create(
        MetricPoint(job=jobs[-1], name=name, step=step, value=math.exp(-number * step / 49))
        for name in ("validation:logloss", "train:logloss") for step in range(50))
print(json.dumps([experiment.uid, *(job.uid for job in jobs)]))
"""


@pytest.fixture(scope="module")
def made(console):
    """The uid of the experiment, then those of its runs."""
    shell = console.up.manage("shell", "--no-imports", "-c", RUNS)
    return json.loads(shell.splitlines()[-1])


def test_an_experiment_leads_to_a_comparison_that_its_address_holds(me, made):
    experiment, *uids = made
    page = me.page
    me.open(f"/jobs/experiments/{experiment}")
    me.photograph("experiment")
    page.get_by_label("Compare depth 1").check()
    page.get_by_label("Compare depth 3").check()
    page.get_by_role("button", name="Compare selected").click()
    expect(page.get_by_role("heading", name="Compare 2 runs")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^max_depth"))).to_contain_text("3")
    expect(page.get_by_role("row", name=re.compile("^eta"))).to_have_count(0)
    page.get_by_text("Add runs", exact=True).click()
    page.get_by_role("searchbox").fill("depth 2")
    page.get_by_role("link", name="Add depth 2").click()
    page.wait_for_url(re.compile(",".join((uids[2], uids[0], uids[1]))))
    page.get_by_role("link", name="Take depth 1 as the baseline").click()
    expect(page.get_by_text("better").first).to_be_visible()
    page.locator(".chart .main-svg").first.wait_for()
    me.photograph("compare")
    page.get_by_role("link", name="Remove depth 3", exact=True).click()
    expect(page.get_by_role("heading", name="Compare 2 runs")).to_be_visible()


def test_figures_come_into_view_as_curves_dots_and_tables(me, made):
    asked = []
    me.page.on("request", lambda one: asked.append(one.url))
    me.open(f"/jobs/compare?runs={','.join(made[1:])}")
    page, card = me.page, me.page.get_by_role("group", name="train:logloss by round")
    card.scroll_into_view_if_needed()
    card.locator(".chart .main-svg").first.wait_for()
    assert card.locator(".chart").evaluate("one => one.data.map((line) => line.name)") == [
        "1 depth 1",
        "2 depth 2",
        "3 depth 3",
    ]
    card.get_by_text("View as table").click()
    expect(card.get_by_role("row")).to_have_count(51)
    page.get_by_label("Across").select_option("booster")
    page.wait_for_url(re.compile("x=param.booster"))
    dots = page.locator("#scatter .chart")
    dots.scroll_into_view_if_needed()
    dots.locator(".main-svg").first.wait_for()
    dots.locator(".point").nth(1).click(force=True)
    page.wait_for_url(re.compile(f"/jobs/{made[2]}$"))
    assert sum("/compare/curves" in url for url in asked) == 2


def test_notes_are_written_and_a_second_writer_loses_nothing(me, made):
    page, second = me.page, me.tab()
    me.open(f"/jobs/experiments/{made[0]}/notes")
    second.goto(f"{me.url}/jobs/experiments/{made[0]}/notes")
    page.get_by_label("Notes").fill("# Depth\n\n**deeper** is slower\n\n<script>alert(1)</script>")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".prose strong")).to_have_text("deeper")
    expect(page.get_by_role("heading", name="Depth", exact=True)).to_be_visible()
    second.get_by_label("Notes").fill("mine")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("alert")).to_contain_text("Somebody changed the notes")
    expect(second.locator("pre")).to_contain_text("**deeper** is slower")
    expect(second.get_by_label("What you wrote")).to_have_value("mine")
