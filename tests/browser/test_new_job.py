"""From the form to one job: what cannot work is said before anything is launched."""

import pytest
from playwright.sync_api import expect

from tests.tooling.processes import until

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def open_form(me, preparation):
    me.open(f"/jobs/new?preparation={preparation['id']}")


def value_of(page, name):
    return page.locator(f"[name='hyperparameters.{name}']")


def error_of(page, name):
    return page.locator(f"[id='field-hyperparameters.{name}'] .error")


def jobs_named(console, name):
    found = console.call("GET", "/jobs", params={"q": name})["items"]
    return [one for one in found if one["name"] == name]


def test_a_wrong_value_is_marked_when_the_field_is_left(me, preparation):
    open_form(me, preparation)
    page = me.page
    value_of(page, "eta").fill("7")
    value_of(page, "num_round").focus()
    expect(error_of(page, "eta")).not_to_be_empty()
    expect(value_of(page, "eta")).to_have_attribute("aria-invalid", "true")
    assert value_of(page, "num_round").evaluate("one => one === document.activeElement")
    value_of(page, "eta").fill("0.2")
    value_of(page, "num_round").focus()
    expect(error_of(page, "eta")).to_be_empty()


def test_it_is_checked_while_one_types_and_nothing_is_lost(me, preparation):
    open_form(me, preparation)
    page = me.page
    eta = value_of(page, "eta")
    below = value_of(page, "subsample")
    eta.click()
    eta.press_sequentially("7")
    expect(error_of(page, "eta")).to_contain_text("at most 1")
    place = below.bounding_box()["y"]
    eta.press("Home")
    eta.press_sequentially("0.")
    expect(error_of(page, "eta")).to_be_empty()
    assert eta.input_value() == "0.7"
    assert eta.evaluate("one => one === document.activeElement && one.selectionStart") == 2
    assert below.bounding_box()["y"] <= place
    page.get_by_text("Advanced hyperparameters").click()
    notes = page.locator("[id='id_hyperparameters.rate_drop_notes']")
    expect(notes).to_have_text("Not used now: only when booster is dart.")
    value_of(page, "booster").select_option("dart")
    expect(notes).to_have_text("Used: booster is dart.")


def test_what_is_not_asked_for_is_not_shown(me, preparation):
    open_form(me, preparation)
    page = me.page
    another = page.get_by_label("Another type")
    expect(another).to_be_hidden()
    page.locator("[name=instance_type]").select_option("other")
    expect(another).to_be_visible()
    expect(page.locator("[name=max_wait_seconds]")).to_be_hidden()
    page.locator("[name=use_spot]").check()
    expect(page.locator("[name=max_wait_seconds]")).to_be_visible()


def test_a_copy_shows_what_was_changed_while_one_types(me, console, preparation):
    wish = {"num_round": 5, "objective": "binary:logistic", "max_depth": 6}
    made = console.job(preparation["id"], **wish)
    me.open(f"/jobs/new?clone={made['id']}")
    value_of(me.page, "max_depth").fill("8")
    expect(me.page.locator("#changed")).to_contain_text("max_depth 6 → 8")
    me.page.get_by_role("button", name="Launch the job").click()
    expect(me.page.get_by_text("Copy of")).to_contain_text("changed:")
    expect(me.page.get_by_text("max_depth 6 → 8")).to_be_visible()


def test_the_price_follows_the_machine(me, preparation):
    open_form(me, preparation)
    price = me.page.locator("#estimate")
    before = price.inner_text()
    me.page.locator("[name=instance_count]").fill("2")
    me.page.locator("[name=instance_count]").blur()
    expect(price).not_to_have_text(before)


def test_a_refused_form_keeps_everything_that_was_typed(me, console, preparation):
    open_form(me, preparation)
    page = me.page
    typed = {"num_round": "", "eta": "7", "max_depth": "many", "subsample": "0.5"}
    for name, value in typed.items():
        value_of(page, name).fill(value)
    page.locator("[name=name]").fill("Refused")
    page.get_by_role("button", name="Launch the job").click()
    page.get_by_text("The job was not launched.").wait_for()
    for name, value in typed.items():
        assert value_of(page, name).input_value() == value
        assert (error_of(page, name).inner_text() != "") == (name != "subsample")
    assert page.locator("[name=name]").input_value() == "Refused"
    me.photograph("new-job-refused")
    assert jobs_named(console, "Refused") == []


def test_a_double_click_launches_one_job_and_going_back_no_second(me, console, preparation):
    open_form(me, preparation)
    page = me.page
    value_of(page, "num_round").fill("5")
    page.locator("[name=name]").fill("Clicked twice")
    page.get_by_role("button", name="Launch the job").dblclick()
    page.get_by_role("heading", name="Clicked twice").wait_for()
    launched = page.url
    page.go_back()
    button = page.get_by_role("button", name="Launch the job")
    expect(button).to_be_enabled()
    assert value_of(page, "num_round").input_value() == "5"
    assert page.locator("[name=name]").input_value() == "Clicked twice"
    button.click()  # the same form again: the same job
    page.get_by_role("heading", name="Clicked twice").wait_for()
    assert page.url == launched
    assert len(jobs_named(console, "Clicked twice")) == 1


def test_it_works_without_javascript(signed_in, console, preparation):
    me = signed_in("admin", java_script_enabled=False)
    open_form(me, preparation)
    value_of(me.page, "num_round").fill("0")
    me.page.locator("[name=name]").fill("Plain form")
    me.page.get_by_role("button", name="Launch the job").click()
    assert error_of(me.page, "num_round").inner_text()
    value_of(me.page, "num_round").fill("5")
    me.page.get_by_role("button", name="Launch the job").click()
    me.page.get_by_role("heading", name="Plain form").wait_for()
    (made,) = jobs_named(console, "Plain form")
    console.wait(f"/jobs/{made['id']}", "Completed")
    until(lambda: me.page.reload() and me.page.locator("#log-lines").inner_text(), 30, "a log")


def test_what_would_go_wrong_is_told_before_the_launch(me, preparation):
    open_form(me, preparation)
    panel = me.page.locator("#preflight")
    expect(panel).to_contain_text("checked and ok")
    instances = me.page.get_by_label("Instances", exact=True)
    instances.fill("2")
    instances.blur()
    expect(panel).to_contain_text("Every instance reads all rows")
    me.page.get_by_role("button", name="Check", exact=True).click()
    expect(panel).to_contain_text("Instances: warning")
