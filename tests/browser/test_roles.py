"""A viewer sees and finds nothing to change; a stranger finds nothing at all."""

import re

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]
CHANGES = re.compile(
    r"upload|prepare|\btrain\b|launch|new job|clone|stop|remove|delete|"
    "deploy|evaluate|share|revoke|create a link",
    re.IGNORECASE,
)


@pytest.fixture
def paths(preparation, job, endpoint, evaluation):
    return [
        f"/datasets/{preparation['dataset']}",
        f"/datasets/preparations/{preparation['id']}",
        f"/jobs/{job['id']}",
        f"/endpoints/{endpoint['id']}",
        f"/results/{evaluation['id']}",
    ]


@pytest.fixture
def forced(preparation, job, endpoint):
    """Addresses of what a viewer may not do."""
    return [
        "/datasets/upload",
        f"/datasets/{preparation['dataset']}/prepare",
        f"/datasets/{preparation['dataset']}/delete",
        f"/datasets/preparations/{preparation['id']}/delete",
        f"/jobs/new?preparation={preparation['id']}",
        f"/jobs/{job['id']}/delete",
        "/endpoints/deploy",
        f"/endpoints/deploy?job={job['id']}",
        f"/endpoints/{endpoint['id']}/delete",
        f"/results/evaluate?endpoint={endpoint['id']}",
    ]


def offers(page):
    """The names of what looks like a button, in the page itself."""
    found = page.locator("main a.button, main button").all()
    return [one.inner_text() or one.get_attribute("aria-label") or "" for one in found]


def test_a_viewer_finds_nothing_to_change(signed_in, paths):
    viewer = signed_in("viewer")
    lists = ["/", "/datasets/", "/jobs/", "/endpoints/", "/endpoints/models", "/results/"]
    for path in (*lists, *paths):
        assert viewer.open(path).status == 200, path
        assert [name for name in offers(viewer.page) if CHANGES.search(name)] == [], path
    assert viewer.complaints == []


def test_a_viewer_who_forces_an_address_reads_what_it_needs(signed_in, forced):
    viewer = signed_in("viewer")
    for path in forced:
        assert viewer.open(path).status == 403, path
        assert "This needs the role member; yours is viewer." in viewer.page.content()
    viewer.photograph("not-allowed")


def test_a_stranger_finds_nothing(signed_in, paths, forced):
    stranger = signed_in("stranger")
    for path in (*paths, *(path for path in forced if re.search(r"[/=]\w{10}", path))):
        assert stranger.open(path).status == 404, path
    stranger.photograph("not-here")


def test_a_nobody_signs_in_first(visitor, paths):
    nobody = visitor()
    for path in paths:
        nobody.open(path)
        nobody.page.get_by_role("heading", name="Sign in").wait_for()
    nobody.photograph("sign-in")
