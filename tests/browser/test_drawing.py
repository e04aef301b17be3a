"""Somebody draws a digit on an endpoint's page, and picks a real one with the keyboard."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]
# A seven, as shares of the sheet.
SEVEN = [(0.33, 0.2), (0.66, 0.2), (0.6, 0.4), (0.52, 0.6), (0.45, 0.82)]


@pytest.fixture(scope="module")
def digits(console):
    made = console.call("POST", "/datasets/samples", json={"sample": "digits"})
    dataset = console.wait(f"/datasets/{made['id']}", "Ready")
    wish = {"objective": "multi:softprob", "num_class": 10, "num_round": 10}
    job = console.job(console.prepared(dataset["id"], "digit")["id"], **wish)
    console.wait(f"/jobs/{job['id']}", "Completed")
    return console.endpoint(job["id"])


def draw(page, places):
    sheet = page.locator("canvas.drawing").bounding_box()
    for n, (x, y) in enumerate(places):
        page.mouse.move(sheet["x"] + sheet["width"] * x, sheet["y"] + sheet["height"] * y, steps=5)
        if n == 0:
            page.mouse.down()
    page.mouse.up()


@pytest.mark.timeout(200)
def test_a_drawing_is_answered_and_a_real_row_is_picked(me, digits):
    me.open(f"/endpoints/{digits['id']}")
    page, answer = me.page, me.page.locator("#answer")
    page.get_by_role("button", name="Predict drawing").click()
    expect(answer).to_contain_text("Nothing was drawn.")
    draw(page, SEVEN)
    pixels = page.locator("[name=pixels]").input_value().split(",")
    assert len(pixels) == 64
    assert {"0", "16"} <= set(pixels)
    assert all(0 <= int(value) <= 16 for value in pixels)
    page.get_by_role("button", name="Predict drawing").click()
    expect(
        answer.get_by_role("list", name="Likeliest labels").get_by_role("listitem")
    ).to_have_count(3)
    expect(answer.locator(".big")).to_have_text("7")
    expect(page.locator("#history tbody tr")).to_have_count(1)

    page.get_by_role("button", name="Clear").click()
    assert page.locator("[name=pixels]").input_value() == ""
    pick = page.locator(".pick").first
    pick.scroll_into_view_if_needed()
    label = pick.inner_text().strip()
    pick.press("Enter")
    expect(answer).to_contain_text(f"In the data: {label}")
    page.locator("#way-lambda").click()
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    expect(page).to_have_url(f"{me.url}/endpoints/{digits['id']}?way=lambda")
    me.photograph("endpoint-drawing")
    me.open(f"/endpoints/{digits['id']}/history")
    expect(page.get_by_role("button", name="Ask again")).to_have_count(2)
    me.photograph("endpoint-history")
