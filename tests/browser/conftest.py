"""A real Chromium in front of a real console; every page is checked for errors it logs."""

import contextlib
import json
import os
import signal
from pathlib import Path

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.flow.test_story import breast_cancer
from tests.tooling.processes import command_of

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
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
DARK = ["color-contrast"]  # nothing else depends on the colours
# The cast of the console's database, each with the cookie of a session.
CAST = """
import json
from django.contrib.auth.models import User
from django.test import Client
from core.models import Membership, Role, Workspace

def workspace(slug):
    more = {"name": slug.title(), "kind": "local", "execution_role_arn": local.execution_role_arn}
    return Workspace.objects.create(slug=slug, bucket=f"{slug}-bucket", **more)

def session(user):
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value

local = Workspace.objects.get(slug="local")
cast = {"admin": session(User.objects.get(username="admin"))}
for name, place, role in (
    ("viewer", local, Role.VIEWER),
    ("stranger", workspace("elsewhere"), Role.ADMIN),
    ("newcomer", workspace("new"), Role.ADMIN),
):
    user = User.objects.create_user(name)
    Membership.objects.create(user=user, workspace=place, role=role)
    cast[name] = session(user)
print(json.dumps(cast))
"""


def process(console, words):
    """The process below `up` whose command holds `words`: the oldest, and not its guard."""
    commands = {pid: command_of(pid) for pid in console.up.family()}
    found = [pid for pid, one in commands.items() if words in one and "guard.py" not in one]
    return min(found, key=lambda pid: psutil.Process(pid).create_time())  # numbers come round again


@contextlib.contextmanager
def held(console, words):
    """Hold a process below `up` as if its machine had stalled; it goes on at the end."""
    pid = process(console, words)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@pytest.fixture(scope="session")
def browser(chromium):
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


class Visitor:
    """Somebody at a page: keeps what the browser complains about, takes screenshots."""

    def __init__(self, browser, url, **options):
        self.url = url
        size = {"viewport": {"width": 1440, "height": 900}}
        self.context = browser.new_context(**size | options)
        self.complaints = []
        self.page = self.tab()

    def tab(self):
        """Another tab of the same browser."""
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _hear(self, message):
        # A refused request, or one that a navigation cuts off, is logged as an error of the
        # network, not of the page.
        network = ("net::ERR", "the server responded with a status of 4")
        if message.type in ("error", "warning") and not any(n in message.text for n in network):
            self.complaints.append(message.text)

    def open(self, path):
        return self.page.goto(path if path.startswith("http") else self.url + path)

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
                if label == "wide" or (label, scheme) == ("phone", "light"):
                    rules = RULES if scheme == "light" else DARK
                    self.check_accessibility(f"{name}, {label}, {scheme}", rules)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1440, "height": 900})

    def check_accessibility(self, name, rules=RULES):
        """Without `resultTypes` what passed is told as well, which takes as long again."""
        options = {"runOnly": rules, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=options)
        assert found.violations_count == 0, f"{name}\n{found.generate_report()}"


@pytest.fixture
def visitor(browser, console):
    """A visitor who is nobody yet; leaving the test closes their browser."""
    made = []

    def visit(**options):
        made.append(Visitor(browser, console.up.url, **options))
        return made[-1]

    yield visit
    for one in made:
        one.context.close()


@pytest.fixture
def admin_visitor(visitor, console):
    """A visitor who came through the sign-in link of `manage.py up`."""
    one = visitor()
    one.open(console.up.manage("sign_in_link", "--base-url", console.up.url).strip())
    one.page.get_by_role("button", name="Sign in").click()
    one.page.get_by_role("heading", name="Home").wait_for()
    return one


@pytest.fixture(scope="session")
def cast(console):
    """Session cookies by name: admin and viewer of `local`, a stranger, a newcomer to `new`."""
    return json.loads(console.up.manage("shell", "--no-imports", "-c", CAST).splitlines()[-1])


@pytest.fixture
def signed_in(visitor, cast, console):
    """`signed_in("viewer")` is a visitor with that person's session."""

    def sign_in(name, **options):
        one = visitor(**options)
        cookie = {"name": "sessionid", "value": cast[name], "url": console.up.url}
        one.context.add_cookies([cookie])
        return one

    return sign_in


@pytest.fixture
def me(signed_in):
    """The admin, signed in; whatever their pages complained about fails the test."""
    one = signed_in("admin")
    yield one
    assert one.complaints == []


@pytest.fixture(scope="session")
def preparation(console):
    """The breast-cancer data, prepared: {"id", "dataset", …} as the API answers it."""
    dataset = console.dataset("Biopsies for browsing", breast_cancer())
    return console.prepared(dataset["id"], "diagnosis")


@pytest.fixture(scope="session")
def job(console, preparation):
    """A job that has completed."""
    made = console.job(preparation["id"], num_round=20, objective="binary:logistic")
    return console.wait(f"/jobs/{made['id']}", "Completed")


@pytest.fixture(scope="session")
def endpoint(console, job):
    return console.endpoint(job["id"])


@pytest.fixture(scope="session")
def evaluation(console, endpoint, preparation):
    body = {"endpoint": endpoint["id"], "preparation": preparation["id"], "split": "test"}
    made = console.call("POST", "/evaluations", json=body)
    return console.wait(f"/evaluations/{made['id']}", "Completed")
