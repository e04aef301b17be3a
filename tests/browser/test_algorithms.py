"""From a sample's dataset page to a finished job, by clicks alone, with two algorithms."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.flow]


def prepared(me, sample, algorithm, target=""):
    """From the button of a sample to the page of its channels."""
    page = me.page
    me.open("/datasets/upload")
    page.get_by_role("button", name=f"Use {sample}").click()
    me.status("Ready")
    page.get_by_role("link", name="Prepare for training").click()
    page.locator("label.pick", has_text=algorithm).click()
    page.get_by_label("Column to predict").select_option(target)
    page.get_by_role("button", name="Prepare", exact=True).click()
    me.status("Ready")
    page.get_by_role("link", name="Train on it").click()
    page.get_by_role("heading", name=f"Train {algorithm}").wait_for()


def trained(me, *, seconds=60):
    """From the filled form to Completed, without reloading; the metrics are drawn and listed."""
    page = me.page
    expect(page.get_by_text("checked and ok")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Launch the job").click()
    me.status("Completed", seconds=seconds)
    page.locator(".chart .main-svg").first.wait_for()
    expect(page.locator(".failure, [data-tone=bad]")).to_have_count(0)


def test_xgboost_tells_three_wines_apart(me):
    prepared(me, "Wine", "XGBoost", "cultivar")
    classes = me.page.locator("[name='hyperparameters.num_class']")
    assert classes.input_value() == "3"
    me.page.locator("[name='hyperparameters.num_round']").fill("20")
    trained(me)
    expect(me.page.locator(".chart").first).to_contain_text("mlogloss")


def test_k_means_finds_groups_without_a_target(me):
    prepared(me, "Diabetes", "K-Means")
    me.page.locator("[name='hyperparameters.k']").fill("4")
    trained(me)
    expect(me.page.locator("main")).to_contain_text("test:msd")
