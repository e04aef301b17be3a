"""What endpoints cost by hour: written once, from rows that are up to date, gaps left open."""

from datetime import UTC, datetime, timedelta

import pytest

from core import health_notes
from core.models import Workspace
from endpoints import burn
from endpoints.models import BurnPoint
from tests.endpoints.conftest import now

HOUR = datetime(2026, 3, 20, 11, tzinfo=UTC)
NOW = HOUR + timedelta(hours=1, minutes=4)
LONG_AGO = HOUR - timedelta(days=9)


@pytest.fixture
def looked(workspace):
    """`looked(moment)`: the mirror has brought the rows up to date then."""
    name = health_notes.mirror_name(workspace, "endpoints")

    def at(moment=NOW):
        health_notes.beat(name, now=moment)

    return at


def test_the_hour_that_is_over_is_written_once(looked, make_endpoint, workspace):
    make_endpoint(aws_created_at=LONG_AGO, hourly_cost=2.0)
    looked()
    assert burn.note(workspace, NOW)
    assert not burn.note(workspace, NOW + timedelta(minutes=5))
    (point,) = BurnPoint.objects.all()
    assert (point.hour, point.usd, point.running, point.unpriced) == (HOUR, 2.0, 1, 0)


def test_nothing_is_written_from_rows_that_are_old(looked, make_endpoint, workspace):
    make_endpoint(aws_created_at=LONG_AGO)
    assert not burn.note(workspace, NOW)
    looked(HOUR + timedelta(minutes=59))
    assert not burn.note(workspace, NOW)
    assert not BurnPoint.objects.exists()


@pytest.mark.parametrize(
    ("fields", "usd", "running"),
    [
        ({"aws_created_at": HOUR + timedelta(minutes=15)}, 1.5, 1),
        ({"aws_created_at": HOUR + timedelta(minutes=61)}, 0.0, 0),
        ({"status": "Deleted", "status_at": HOUR + timedelta(minutes=30)}, 1.0, 1),
        ({"status": "Deleted", "status_at": HOUR - timedelta(minutes=1)}, 0.0, 0),
        ({"status": "Deleted", "status_at": HOUR + timedelta(minutes=62)}, 2.0, 1),
        ({"status": "Creating"}, 0.0, 0),
        ({"status": "Failed"}, 0.0, 0),
        ({"status": "Updating"}, 2.0, 1),
        ({"aws_created_at": None}, 0.0, 0),
    ],
)
def test_a_part_of_the_hour_counts_as_that_part(make_endpoint, workspace, fields, usd, running):
    values = {"aws_created_at": LONG_AGO, "hourly_cost": 2.0} | fields
    make_endpoint(**values)
    found = burn.spent(workspace, HOUR)
    assert (found["usd"], found["running"]) == (usd, running)


def test_what_has_no_price_is_counted_and_not_priced(make_endpoint, workspace):
    make_endpoint("a", aws_created_at=LONG_AGO, hourly_cost=None)
    make_endpoint("b", aws_created_at=LONG_AGO, hourly_cost=1.0)
    assert burn.spent(workspace, HOUR) == {"usd": 1.0, "running": 2, "unpriced": 1}


def test_days_tell_how_many_of_their_hours_are_known(workspace):
    for hours in (0, 1, 20):
        hour = HOUR + timedelta(hours=hours)
        BurnPoint.objects.create(workspace=workspace, hour=hour, usd=1.5, running=1)
    found = burn.by_day(burn.history(workspace, HOUR + timedelta(days=1)))
    assert [(day.day.day, day.usd, day.hours) for day in found] == [(21, 1.5, 1), (20, 3.0, 2)]


def test_page_and_api_tell_the_history(make_endpoint, workspace, viewer, signed_in, api):
    make_endpoint(hourly_cost=2.0)
    hour = now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    BurnPoint.objects.create(workspace=workspace, hour=hour, usd=1.5, running=1)
    figure = signed_in(viewer).get("/endpoints/burn").json()
    assert figure["data"][0]["y"] == [1.5]
    told = api(viewer).get("/api/v1/burn").json()
    assert (told["hourly"], told["monthly"]) == (2.0, 1460.0)
    assert [point["usd"] for point in told["history"]] == [1.5]


def test_other_workspaces_are_not_told(workspace, member, api):
    other = Workspace.objects.create(name="other", slug="other", region="us-east-1")
    BurnPoint.objects.create(workspace=other, hour=now(), usd=1.5, running=1)
    assert api(member).get("/api/v1/burn").json()["history"] == []
