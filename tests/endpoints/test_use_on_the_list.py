"""The list tells how each endpoint is used, over days that the reader chooses."""

import re
from datetime import timedelta

import pytest

from endpoints.columns import Judging
from tests.endpoints.conftest import now

MONTHS_AGO = timedelta(days=90)


@pytest.fixture
def used(make_endpoint):
    """`used(name, {day: calls})`: an old endpoint with calls so many days ago."""

    def make(name, calls, **fields):
        by_day = [float(calls.get(day, 0)) for day in range(30)]
        told = {
            "at": now().isoformat(),
            "window_days": 30,
            "invocations": {"AllTraffic": sum(by_day)},
            "by_day": {"AllTraffic": by_day},
            "last_at": "",
        }
        since = now() - MONTHS_AGO
        values = {"aws_created_at": since, "aws_modified_at": since, "traffic": told}
        return make_endpoint(name, **(values | fields))

    return make


@pytest.fixture
def some(used, make_endpoint):
    used("nightly", dict.fromkeys(range(30), 1000))
    used("monthly", {20: 4})
    used("forgotten", {}, hourly_cost=1.0)
    used("new", {}, aws_created_at=now() - timedelta(days=1))
    make_endpoint("unread", aws_created_at=now() - MONTHS_AGO)


def names(answer):
    return re.findall(
        r'<th scope="row"><a href="/endpoints/[^"]+">([^<]+)</a>', answer.content.decode()
    )


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("?verdict=idle", {"forgotten", "monthly"}),
        ("?verdict=idle&days=30", {"forgotten"}),
        ("?verdict=quiet&days=30", {"monthly"}),
        ("?verdict=busy", {"nightly"}),
        ("?verdict=unknown", {"unread"}),
        ("?verdict=too+young", {"new"}),
        ("?verdict=idle&grace=0", {"forgotten", "monthly", "new"}),
        ("?verdict=idle&q=forg", {"forgotten"}),
        ("?verdict=nonsense", {"nightly", "monthly", "forgotten", "new", "unread"}),
    ],
)
def test_verdicts_are_filtered_alike_on_page_and_api(some, viewer, signed_in, api, address, found):
    assert set(names(signed_in(viewer).get(f"/endpoints/{address}"))) == found
    if "nonsense" not in address:
        told = api(viewer).get(f"/api/v1/endpoints{address}").json()
        assert {item["name"] for item in told["items"]} == found
        assert told["total"] == len(found)


def test_it_tells_what_idleness_costs_and_draws_the_calls(some, viewer, signed_in):
    page = signed_in(viewer).get("/endpoints/").content.decode()
    assert "2 idle" in page
    assert "$813.95" in page  # (1 + 0.115) dollars an hour for 730 hours
    assert 'aria-label="Calls in each of 14 days, at most 1,000"' in page
    assert "M13 16v-16h.8v16z" in page
    assert "not counted" in page


def test_links_keep_the_choice(some, viewer, signed_in):
    page = signed_in(viewer).get("/endpoints/?days=7&grace=1&verdict=idle").content.decode()
    assert "days=7" in page
    assert "grace=1" in page
    assert 'value="idle" selected' in page


def test_no_more_questions_for_more_endpoints(
    used, viewer, signed_in, django_assert_max_num_queries
):
    client = signed_in(viewer)
    client.get("/endpoints/")
    for number in range(40):
        used(f"ep{number}", {0: number})
    with django_assert_max_num_queries(14):
        client.get("/endpoints/")


@pytest.mark.parametrize(
    ("given", "days", "grace"),
    [
        ({}, 14, 3),
        ({"days": "7", "grace": "0"}, 7, 0),
        ({"days": "0", "grace": "-1"}, 1, 3),
        ({"days": "99", "grace": "9999"}, 30, 365),
        ({"days": "٣", "grace": "1e3"}, 3, 3),
        ({"days": "9" * 5000}, 14, 3),
    ],
)
def test_a_choice_that_makes_no_sense_does_no_harm(given, days, grace):
    found = Judging.of(given)
    assert (found.days, found.grace) == (days, grace)
