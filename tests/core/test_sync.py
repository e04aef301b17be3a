"""How fresh the copy of AWS is: on pages and in the API, with the trouble in words."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core import health_notes
from core.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def beat(workspace):
    def beat(kind="jobs", *, problem="", ago=0):
        name = health_notes.mirror_name(workspace, kind)
        health_notes.beat(name, now=timezone.now() - timedelta(seconds=ago))
        if problem:
            health_notes.beat(name, problem=problem)

    return beat


def sync(workspace, kind="jobs"):
    [found] = health_notes.syncs(workspace, [kind])
    return found


def test_it_is_not_late_before_the_first_look(workspace):
    assert (sync(workspace).at, sync(workspace).is_late) == (None, False)


def test_it_is_well_while_it_is_fresh(workspace, beat):
    beat(ago=12)
    assert not sync(workspace).is_late


@pytest.mark.parametrize(
    ("problem", "ago", "words", "todo"),
    [
        ("", 60, "Nobody has looked at AWS lately", "/healthz"),
        ("Denied: not authorized to perform", 3, "refuses our credentials", "docs/aws.md"),
        ("Unavailable: nobody there", 3, "AWS does not answer", "keeps trying"),
        ("Throttled: Rate exceeded", 60, "slow down", "asks less often"),
        ("Unknown: ?", 3, "does not understand", "log"),
    ],
)
def test_it_says_what_is_wrong_and_what_to_do(workspace, beat, problem, ago, words, todo):
    beat(problem=problem, ago=ago)
    found = sync(workspace)
    assert found.is_late
    assert words in found.words
    assert todo in found.todo


def test_a_short_pause_is_no_trouble(workspace, beat):
    beat(problem="Throttled: Rate exceeded", ago=3)
    assert not sync(workspace).is_late
    assert health_notes.aws_trouble(workspace) is None


def test_pages_say_how_fresh_they_are_and_ask_again(signed_in, viewer, beat):
    beat(ago=12)
    beat("tuning", problem="Denied: no", ago=40)
    browser = signed_in(viewer)
    jobs = browser.get(reverse("jobs:list")).content.decode()
    assert "Last synced with AWS" in jobs
    assert reverse("synced", args=["jobs"]) in jobs
    again = browser.get(reverse("synced", args=["jobs"])).content.decode()
    assert re.search(r"[12]\d s ago", again)  # on a slow machine a bit more than 12
    tuning = browser.get(reverse("jobs:tuning_list")).content.decode()
    assert "AWS refuses our credentials" in tuning
    assert 'data-tone="warn"' in browser.get(reverse("synced", args=["tuning"])).content.decode()
    assert browser.get(reverse("synced", args=["nonsense"])).status_code == 404
    assert "Last synced" in browser.get(reverse("home")).content.decode()


def test_the_api_says_it_too(api, viewer, workspace, beat):
    beat(ago=12)
    beat("tuning", problem="Unavailable: nobody there", ago=40)
    answer = api(viewer).get("/api/v1/health").json()
    assert (answer["workspace"], answer["ok"]) == (workspace.slug, False)
    jobs, tuning, endpoints, models = answer["mirrors"]
    assert (jobs["kind"], jobs["late"], jobs["problem"]) == ("jobs", False, "")
    assert 12 <= jobs["age_seconds"] < 30
    assert (tuning["late"], tuning["detail"]) == (True, "nobody there")
    assert endpoints["synced_at"] is None
    assert models["kind"] == "models"


@pytest.mark.parametrize(
    ("notes", "kind"),
    [
        ({"jobs": ("", 3), "tuning": ("", 5)}, None),
        ({"jobs": ("", 90), "tuning": ("", 60)}, "jobs"),
        ({"jobs": ("Unavailable: ?", 40), "tuning": ("Unavailable: ?", 50)}, "tuning"),
        # While workers wait for an AWS that is away, nobody has looked at models for longer still.
        ({"jobs": ("Unavailable: nobody there", 35), "models": ("", 80)}, "jobs"),
    ],
)
def test_the_banner_tells_what_aws_said_before_mere_silence(workspace, beat, notes, kind):
    for name, (problem, ago) in notes.items():
        beat(name, problem=problem, ago=ago)
    found = health_notes.aws_trouble(workspace)
    assert (found.kind if found else None) == kind


def test_it_knows_nothing_of_other_workspaces(workspace, stranger):
    other = stranger.memberships.get().workspace
    health_notes.beat(health_notes.mirror_name(other, "jobs"), problem="Denied: no")
    assert sync(workspace).at is None
    assert Heartbeat.objects.exists()
