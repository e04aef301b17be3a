"""The newcomer's story in a real browser, with screenshots of every page kept."""

import re

import pytest

from tests.flow.test_story import breast_cancer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.flow,
    pytest.mark.timeout(400),  # every page, six times looked at
]


def test_from_a_csv_to_a_shared_confusion_matrix(admin_visitor, visitor):
    me, page = admin_visitor, admin_visitor.page
    me.photograph("home-empty")

    upload(me)
    me.photograph("dataset")
    prepare(me)
    me.photograph("preparation")

    train(me)
    me.photograph("job")
    endpoint = deploy(me)
    me.photograph("endpoint")
    evaluate(me)
    me.photograph("evaluation")
    shown = matrix(page)
    assert sum(shown) == 57

    link = share(me)
    stakeholder = visitor()
    stakeholder.open(link)
    assert matrix(stakeholder.page) == shown
    assert stakeholder.page.locator("nav[aria-label='Main']").count() == 0
    stakeholder.photograph("shared")

    delete(me, endpoint)
    stakeholder.page.reload()
    assert matrix(stakeholder.page) == shown
    assert me.complaints == stakeholder.complaints == []


def upload(me):
    page = me.page
    page.get_by_role("link", name="Upload a dataset").click()
    me.photograph("upload")
    page.get_by_label("Name").fill("Biopsies")
    page.locator("input[type=file]").set_input_files(
        {"name": "biopsies.csv", "mimeType": "text/csv", "buffer": breast_cancer()}
    )
    page.get_by_role("button", name="Upload", exact=True).click()
    me.status("Ready")
    page.get_by_role("heading", name="Biopsies").wait_for()


def prepare(me):
    page = me.page
    page.get_by_role("link", name="Prepare for training").click()
    page.get_by_label("Column to predict").select_option("diagnosis")
    me.photograph("prepare")
    page.get_by_role("button", name="Prepare").click()
    me.status("Ready")
    page.get_by_role("link", name="Train on it").wait_for()


def train(me):
    page = me.page
    page.get_by_role("link", name="Train on it").click()
    page.get_by_label("num_round", exact=True).fill("50")
    me.photograph("new-job")
    page.get_by_role("button", name="Launch the job").click()
    me.status("Completed")
    page.locator(".chart .main-svg").first.wait_for()


def deploy(me):
    page = me.page
    page.get_by_role("link", name="Deploy").click()
    me.photograph("deploy")
    page.get_by_role("button", name="Deploy").click()
    me.status("InService")
    page.get_by_role("button", name="Predict").first.click()
    page.locator("#answer .meter").first.wait_for()
    return page.url


def evaluate(me):
    page = me.page
    page.get_by_role("link", name="Evaluate").click()
    page.get_by_role("button", name="Evaluate").click()
    me.status("Completed")
    page.locator("table.matrix").wait_for()


def share(me):
    page = me.page
    page.get_by_label("Title").fill("Can we trust the screening?")
    page.get_by_role("button", name="Create a link").click()
    link = page.locator("#share .copy code").first.inner_text()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/s/[\w-]{43,64}", link)
    return link


def delete(me, endpoint):
    page = me.page
    page.goto(endpoint)
    name = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="Delete").click()
    me.photograph("delete-endpoint")
    if page.get_by_role("textbox").count():
        page.get_by_role("textbox").fill(name)
    page.get_by_role("button", name="Delete the endpoint").click()
    me.status("Deleted")
    me.photograph("endpoint-deleted")


def matrix(page):
    cells = page.locator("table.matrix tbody td[class^=shade]").all_inner_texts()
    return [int(re.match(r"[\d,]+", text)[0].replace(",", "")) for text in cells]
