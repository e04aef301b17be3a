"""Whoever looks at an endpoint sees its calls as charts, without asking for them."""

import pytest
from playwright.sync_api import expect


@pytest.mark.timeout(200)
def test_charts_come_while_somebody_looks(me, console, endpoint):
    row = ",".join(["1.0"] * 30)
    for _ in range(3):
        console.call("POST", f"/endpoints/{endpoint['id']}/predict", json={"csv": row})
    me.open(f"/endpoints/{endpoint['id']}?window=1h")
    page = me.page
    calls = page.get_by_role("group", name="Calls")
    # Localaws counts within seconds; a second look comes a minute after the first.
    calls.wait_for(timeout=120_000)
    calls.scroll_into_view_if_needed()
    calls.locator(".bars").first.wait_for(state="attached")
    calls.get_by_text("As a table").click()
    expect(calls.get_by_role("row").nth(1)).to_contain_text("AllTraffic")
    page.get_by_role("link", name="14 days").click()
    expect(page.get_by_role("link", name="14 days")).to_have_attribute("aria-current", "true")
    expect(page.get_by_text("a point every 1 h")).to_be_visible()
    me.photograph("endpoint-charts")
    me.open("/endpoints/?verdict=too+young")
    expect(page.locator(".spark").first).to_be_visible()
    me.photograph("endpoints-by-use")
