"""A real Chromium in front of a real console; every page is checked for errors it logs."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.flow.conftest import console  # noqa: F401 (the fixture)

ARTIFACTS = Path(os.environ.get("ARTIFACTS_DIR", "artifacts/screenshots"))
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDTHS = {"wide": (1440, 900), "tablet": (768, 1024), "phone": (390, 844)}


@pytest.fixture(scope="session")
def browser(chromium):
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


class Visitor:
    """Somebody at a page: keeps what the browser complains about, takes screenshots."""

    def __init__(self, browser, url):
        self.url = url
        self.context = browser.new_context(viewport={"width": 1440, "height": 900})
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.complaints = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message):
        # A fetch that a navigation cuts off is logged as an error of the network, not of the page.
        if message.type in ("error", "warning") and "net::ERR" not in message.text:
            self.complaints.append(message.text)

    def open(self, path):
        self.page.goto(path if path.startswith("http") else self.url + path)

    def status(self, word, *, seconds=60):
        """Wait, without reloading, until the page shows this status."""
        self.page.locator(".status", has_text=word).first.wait_for(timeout=seconds * 1000)

    def photograph(self, name):
        """Keep the page at three widths, light and dark; it must never scroll sideways."""
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_load_state()
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            for label, (width, height) in WIDTHS.items():
                self.page.set_viewport_size({"width": width, "height": height})
                too_wide = self.page.evaluate(
                    "document.documentElement.scrollWidth > document.documentElement.clientWidth"
                )
                assert not too_wide, f"{name} scrolls sideways at {width} px"
                self.page.screenshot(path=ARTIFACTS / f"{name}-{label}-{scheme}.png")
            self.check_accessibility(f"{name}, {scheme}")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1440, "height": 900})

    def check_accessibility(self, name):
        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
        found = Axe().run(self.page, options=rules)
        assert found.violations_count == 0, f"{name}\n{found.generate_report()}"


@pytest.fixture
def visitor(browser, console):  # noqa: F811 (the fixture)
    """A visitor who is nobody yet; leaving the test closes their browser."""
    made = []

    def visit():
        made.append(Visitor(browser, console.up.url))
        return made[-1]

    yield visit
    for one in made:
        one.context.close()


@pytest.fixture
def admin_visitor(visitor, console):  # noqa: F811 (the fixture)
    """A visitor who came through the sign-in link of `manage.py up`."""
    one = visitor()
    one.open(console.up.manage("sign_in_link", "--base-url", console.up.url).strip())
    one.page.get_by_role("button", name="Sign in").click()
    one.page.get_by_role("heading", name="Home").wait_for()
    return one
