"""The share links' row of the matrix role × route: a link is for whoever has it, and no account
adds to it or takes from it."""

import pytest
from django.test import Client

from core import access
from results import reports, share

ORIGIN = "https://intranet.example.com"


@pytest.fixture
def links(actor, finished):
    """The path of a link of each kind, by what it is of."""
    report = reports.create(actor, title="Told", evaluations=[finished.uid])
    wishes = {
        "result": (finished, {}),
        "report": (report, {}),
        "live report": (report, {"is_live": True}),
        "figure": (finished, {"figure": "matrix", "embed_origin": ORIGIN}),
        "locked": (finished, {"password": "open sesame"}),
    }
    found = {}
    for name, (subject, terms) in wishes.items():
        wish = share.Terms(expires_in_days=1, allow_download=True, **terms)
        found[name] = f"/s/{share.create(actor, subject, wish)[1]}"
    return found


@pytest.fixture
def people(signed_in, viewer, member, admin, stranger):
    return [Client(), *map(signed_in, (viewer, member, admin, stranger))]


ROUTES = ("", "/embed", "/file/json", "/file/csv", "/file/nothing", "/edit", "/")


def seen(client, path):
    answer = client.get(path)
    return answer.status_code, answer.content, answer.get("Location", "")


def test_everybody_sees_the_same(links, people):
    for name, link in links.items():
        for route in ROUTES:
            found = {seen(client, link + route) for client in people}
            assert len(found) == 1, (name, route)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("result", (200, 404, 200, 200, 404, 404, 404)),
        ("report", (200, 404, 200, 200, 404, 404, 404)),
        ("live report", (200, 404, 200, 200, 404, 404, 404)),
        ("figure", (200, 200, 200, 200, 404, 404, 404)),
        ("locked", (200, 404, 302, 302, 302, 404, 404)),
    ],
)
def test_each_route_of_each_link(links, name, codes):
    assert tuple(Client().get(links[name] + route).status_code for route in ROUTES) == codes


def test_nothing_can_be_written_through_a_link(links, people):
    for name, link in links.items():
        for route in ("", "/embed", "/file/json"):
            for method in ("post", "put", "patch", "delete"):
                if (name, route, method) == ("locked", "", "post"):
                    continue
                codes = {getattr(client, method)(link + route).status_code for client in people}
                assert codes == {404}, (name, route, method)


def test_a_session_neither_opens_nor_changes_a_locked_page(links, people):
    for client in people:
        answer = client.get(links["locked"])
        assert b'type="password"' in answer.content
        assert not answer.cookies


def test_a_link_of_one_thing_opens_no_other(links, actor, finished):
    _, token = share.create(actor, finished, share.Terms(expires_in_days=1))
    assert Client().get(f"/s/{token}/file/json").status_code == 404  # not allowed by this one
    assert access.actor(actor.user).workspace == finished.workspace
    for address in (f"/results/{finished.uid}", f"/api/v1/evaluations/{finished.uid}"):
        reader = Client(headers={"Authorization": f"Bearer {token}"})
        reader.get(links["result"])
        assert reader.get(address).status_code in (302, 401)
