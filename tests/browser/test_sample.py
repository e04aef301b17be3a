"""The sample experiment on a newcomer's home page: it builds itself, and goes when told."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]
START = """
from core.models import Workspace
from results.models import Sample
# Both workspaces look at one account, whose jobs would keep `sample.start` from beginning.
Sample.objects.create(workspace=Workspace.objects.get(slug="new"), name="sample", status="Building")
"""


@pytest.mark.timeout(240)
def test_it_is_watched_from_the_home_page_and_removed(signed_in, console):
    newcomer = signed_in("newcomer")
    page = newcomer.page
    for path in ("/", "/datasets/", "/jobs/", "/jobs/new", "/endpoints/", "/results/"):
        newcomer.open(path)
        newcomer.photograph("empty-" + (path.strip("/").replace("/", "-") or "home"))
    newcomer.open("/")
    console.up.manage("shell", "--no-imports", "-c", START)
    page.reload()
    card = page.get_by_role("region", name="Sample experiment")
    expect(card.get_by_role("listitem").nth(3)).to_contain_text("not yet")
    expect(card.get_by_role("link")).to_have_count(7, timeout=90_000)
    expect(card).to_contain_text("% right, see the confusion matrix", timeout=90_000)
    newcomer.photograph("home-sample")
    card.get_by_role("link", name="Split it").click()
    page.get_by_role("heading", name="Predict diagnosis").wait_for()
    newcomer.open("/")
    card.get_by_role("link", name="Remove the sample").click()
    page.get_by_role("heading", name="Remove the sample experiment?").wait_for()
    expect(page.get_by_role("link", name="Cancel")).to_be_focused()
    newcomer.photograph("remove-sample")
    page.get_by_role("button", name="Remove the sample").click()
    expect(card).to_contain_text("Being removed")
    expect(card).to_have_count(0, timeout=90_000)
    assert newcomer.complaints == []
