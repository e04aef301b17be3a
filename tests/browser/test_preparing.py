"""What the algorithm will get: shown while one chooses, and what is impossible is said there."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def one_class(console):
    """A table in which a column never changes and another lacks many values."""
    rows = "".join(f"{n},same,{'' if n % 4 else 'x'},{'ab'[n % 2]}\n" for n in range(40))
    return console.dataset("One class only", b"size,always,gaps,kind\n" + rows.encode())


def open_form(me, dataset):
    me.open(f"/datasets/{dataset['id']}/prepare")
    return me.page.locator("#preview")


def test_the_preview_follows_what_is_typed(me, preparation):
    preview = open_form(me, {"id": preparation["dataset"]})
    expect(preview.get_by_role("row", name="All")).to_have_text(re.compile(r"All\s*398\s*114\s*57"))
    me.page.get_by_label("Training %").fill("80")
    me.page.get_by_label("Validation %").fill("0")
    me.page.get_by_label("Test %").fill("20")
    expect(preview.get_by_role("row", name="All")).to_contain_text("455")
    me.page.get_by_label("Stratify").uncheck()
    expect(preview.get_by_role("row", name="benign")).to_have_count(0)


def test_impossible_shares_are_said_at_once_and_at_their_field(me, preparation):
    preview = open_form(me, {"id": preparation["dataset"]})
    me.page.get_by_label("Training %").fill("90")
    expect(preview).to_contain_text("120")
    me.page.get_by_role("button", name="Prepare").click()
    field = me.page.get_by_label("Training %")
    assert field.input_value() == "90"
    marked = me.page.locator(".field", has=me.page.locator("[aria-invalid=true]"))
    assert "100" in marked.first.inner_text()
    me.photograph("prepare-refused")


def test_one_class_and_missing_values_are_said_at_the_target(me, one_class):
    open_form(me, one_class)
    for column, message in (("always", "Only one class"), ("gaps", "have no value here")):
        me.page.get_by_label("Column to predict").select_option(column)
        expect(me.page.locator("#preview")).to_contain_text(message)
        me.page.get_by_role("button", name="Prepare").click()
        expect(me.page.locator("#field-target .error")).to_contain_text(message)
        assert me.page.get_by_label("Column to predict").input_value() == column


def test_a_target_that_is_no_column_is_refused(me, one_class):
    open_form(me, one_class)
    me.page.get_by_label("Column to predict").evaluate(
        "select => { select.add(new Option('kinde')); select.value = 'kinde'; }"
    )
    me.page.get_by_role("button", name="Prepare").click()
    expect(me.page.locator("#field-target .error")).to_contain_text("Did you mean “kind”?")


def test_a_double_click_makes_one_preparation(me, console, one_class):
    open_form(me, one_class)
    me.page.get_by_label("Column to predict").select_option("kind")
    me.page.get_by_role("button", name="Prepare").dblclick()
    me.status("Ready")
    listed = console.call("GET", "/preparations")["items"]
    assert len([one for one in listed if one["dataset"] == one_class["id"]]) == 1
