"""Theme, keyboard and screen reader: the frame that every page shares."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]
THEME = "document.documentElement.dataset.theme"
GROUND = "getComputedStyle(document.documentElement).backgroundColor"
FOCUSED = "(document.activeElement.name || document.activeElement.innerText || '').trim()"
OUTLINED = "getComputedStyle(document.activeElement).outlineStyle"


def open_menu(page):
    page.get_by_label("Account and workspace").click()


def test_the_theme_is_switched_and_kept_from_the_first_paint(me):
    me.open("/")
    light = me.page.evaluate(GROUND)
    open_menu(me.page)
    me.page.get_by_role("button", name="Switch light / dark").click()
    dark = me.page.evaluate(GROUND)
    assert dark != light
    me.page.add_init_script(
        "new MutationObserver((_, watch) => { if (document.body) {"
        f" window.first = {THEME}; watch.disconnect(); }} }})"
        ".observe(document, { childList: true, subtree: true })"
    )
    me.open("/jobs/")
    assert me.page.evaluate("window.first") == "dark"
    assert me.page.evaluate(GROUND) == dark


def test_the_keyboard_leads_through_the_page_and_is_seen(me, job):
    me.open("/jobs/")
    page = me.page
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    stops = []
    for _ in range(9):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
        assert page.evaluate(OUTLINED) != "none", stops
    words = ["Tuning jobs", "New job", "query", "Search", "Help", "status"]
    assert stops[1:7] == words  # before them, when the list was last true


def test_slash_searches_and_escape_closes_the_menu(me, job):
    me.open("/jobs/")
    page = me.page
    page.keyboard.press("/")
    search = page.get_by_label("Search jobs")
    expect(search).to_be_focused()
    page.keyboard.type("a/b")
    assert search.input_value() == "a/b"
    page.get_by_label("Account and workspace").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Settings")).to_be_visible()
    page.get_by_role("link", name="Settings").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Settings")).to_be_hidden()
    expect(page.get_by_label("Account and workspace")).to_be_focused()


def test_nothing_turns_for_people_who_asked_for_less_motion(signed_in, console, preparation):
    me = signed_in("admin", reduced_motion="reduce")
    made = console.job(preparation["id"], num_round=20, objective="binary:logistic")
    me.open(f"/jobs/{made['id']}")
    mark = "getComputedStyle(document.querySelector('.status'), '::before').animationDuration"
    assert float(me.page.evaluate(mark).removesuffix("s")) <= 0.001


@pytest.mark.timeout(240)  # eighteen pages, six times looked at
def test_every_other_page_is_accessible_at_every_width(me, preparation, job, endpoint, evaluation):
    pages = {
        "home": "/",
        "datasets": "/datasets/",
        "jobs": "/jobs/",
        "jobs-none-match": "/jobs/?q=nothing-like-it",
        "endpoints": "/endpoints/",
        "models": "/endpoints/models",
        "results": "/results/",
        "settings": "/settings",
        "workspace": "/workspace",
        "choose-algorithm": "/jobs/new",
        "choose-data": "/jobs/new?algorithm=xgboost",
        "job-elsewhere": f"/jobs/{job['id']}/elsewhere",
        "choose-model": "/endpoints/deploy",
        "evaluate": f"/results/evaluate?endpoint={endpoint['id']}",
        "delete-dataset": f"/datasets/{preparation['dataset']}/delete",
        "remove-job": f"/jobs/{job['id']}/delete",
        "not-found": "/nowhere",
        "password": "/accounts/password/set/",
    }
    for name, path in pages.items():
        me.open(path)
        me.photograph(name)
