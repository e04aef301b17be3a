"""What a link may show, to whom, as what, for how long: reports, figures, frames and files."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core.errors import Conflict, NotAllowed
from core.models import AuditEvent
from results import reports, share
from results.errors import WrongTerms
from results.models import Share

ORIGIN = "https://intranet.example.com"


@pytest.fixture
def report(actor, finished):
    return reports.create(actor, title="Inner title", evaluations=[finished.uid])


def link(who, subject, **terms):
    row, token = share.create(who, subject, share.Terms(**{"expires_in_days": 7} | terms))
    return row, f"/s/{token}"


def read(path):
    return Client().get(path).content.decode()


def text(words):
    return [{"kind": "text", "text": words}]


def test_a_shared_report_is_what_it_was(actor, report):
    _, path = link(actor, report, title="For the board")
    reports.save(actor, report, title="Later", wishes=text("Later"), revision=1)
    page = read(path)
    assert "<h1>For the board</h1>" in page
    assert "It is right in 55 of 57 cases" in page
    assert "Later" not in page
    assert "Inner title" not in page


def test_a_live_link_follows_the_report_until_it_is_deleted(actor, report):
    row, path = link(actor, report, is_live=True)
    reports.save(actor, report, title="Later", wishes=text("Later words"), revision=1)
    assert "Later words" in read(path)
    reports.delete(actor, report, now=timezone.now())
    assert Client().get(path).status_code == 404
    row.refresh_from_db()
    assert row.status == "Revoked"


def test_a_live_link_to_a_frozen_report_does_not_make_sense(actor, report):
    reports.freeze(actor, report, revision=1, now=timezone.now())
    with pytest.raises(WrongTerms) as refusal:
        link(actor, report, is_live=True)
    assert refusal.value.field == "is_live"


def test_one_figure_is_shown_and_nothing_more(actor, finished):
    _, path = link(actor, finished, figure="matrix", title="The matrix")
    page = read(path)
    assert 'class="matrix"' in page
    assert "Constant guess" not in page
    assert "XGBoost" not in page


def test_only_the_one_page_may_frame_a_figure(actor, finished):
    row, path = link(actor, finished, figure="matrix", embed_origin=f"{ORIGIN}/")
    assert row.embed_origin == ORIGIN
    answer = Client().get(f"{path}/embed")
    policy = answer["Content-Security-Policy"]
    assert f"frame-ancestors {ORIGIN}" == policy.split("; ")[-1]
    assert "script" not in policy
    assert "X-Frame-Options" not in answer
    assert not answer.cookies
    assert "<script" not in answer.content.decode()
    for elsewhere in (path, f"{path}/embed/"):
        assert "frame-ancestors 'none'" in Client().get(elsewhere)["Content-Security-Policy"]


def test_an_embedded_figure_asks_again_and_is_counted_once(actor, finished):
    row, path = link(actor, finished, figure="matrix", embed_origin=ORIGIN)
    first = Client().get(f"{path}/embed")
    assert first["Refresh"] == "300; url=?again=1"
    Client().get(f"{path}/embed?again=1")
    row.refresh_from_db()
    assert row.views == 1
    share.revoke(actor, row, now=timezone.now())
    gone = Client().get(f"{path}/embed?again=1")
    assert gone.status_code == 404
    assert "no longer available" in gone.content.decode()


def test_without_an_origin_nothing_is_embedded(actor, finished):
    for terms in ({}, {"figure": "matrix"}):
        _, path = link(actor, finished, **terms)
        assert Client().get(f"{path}/embed").status_code == 404


@pytest.mark.parametrize(
    "origin",
    [
        "http://intranet.example.com",
        "https://*.example.com",
        "https://intranet.example.com/page",
        "https://intranet.example.com; script-src *",
        "https://a.example https://b.example",
        "https://user@intranet.example.com",
        "https://a..b",
        "javascript:alert(1)",
        "*",
        "https://",
    ],
)
def test_an_origin_is_https_a_host_and_nothing_else(actor, finished, origin):
    with pytest.raises(WrongTerms) as refusal:
        link(actor, finished, figure="matrix", embed_origin=origin)
    assert refusal.value.field == "embed_origin"
    assert not Share.objects.exists()


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"figure": "nonsense"}, "figure"),
        ({"figure": "roc"}, "figure"),  # this result has no scores
        ({"embed_origin": ORIGIN}, "figure"),
        ({"is_live": True}, "is_live"),
        ({"figure": "matrix", "embed_origin": ORIGIN, "password": "long enough"}, "password"),
    ],
)
def test_terms_that_contradict_each_other_are_refused(actor, finished, terms, field):
    with pytest.raises(WrongTerms) as refusal:
        link(actor, finished, **terms)
    assert refusal.value.field == field


def test_files_only_where_they_are_allowed(actor, finished, report):
    for subject in (finished, report):
        _, path = link(actor, subject)
        assert Client().get(f"{path}/file/json").status_code == 404
        assert "/file/" not in read(path)
        _, path = link(actor, subject, allow_download=True, title="Tumours & co")
        assert f'href="{path}/file/csv"' in read(path)
        answer = Client().get(f"{path}/file/json")
        assert json.loads(answer.content)["title"] == "Tumours & co"
        assert answer["Content-Disposition"] == 'attachment; filename="tumours-co.json"'
        assert answer["Cache-Control"] == "no-store"
        assert b"malignant" in Client().get(f"{path}/file/csv").content
        assert Client().get(f"{path}/file/exe").status_code == 404
        assert Client().post(f"{path}/file/json").status_code == 404


def test_a_password_stands_before_files_too(actor, finished):
    _, path = link(actor, finished, allow_download=True, password="open sesame")
    reader = Client()
    assert reader.get(f"{path}/file/json")["Location"] == path
    reader.post(path, {"password": "open sesame"})
    assert reader.get(f"{path}/file/json").status_code == 200


def test_files_are_not_taken_by_the_thousand(actor, finished, monkeypatch):
    monkeypatch.setattr("results.visit.FILES", 3)
    _, path = link(actor, finished, allow_download=True)
    codes = [Client().get(f"{path}/file/json").status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]


def test_a_preview_shows_the_title_only_and_nothing_of_a_locked_page(actor, finished):
    _, path = link(actor, finished, title="For all")
    assert '<meta property="og:title" content="For all">' in read(path)
    _, path = link(actor, finished, title="For few", password="open sesame")
    page = read(path)
    assert '<meta property="og:title" content="Shared result">' in page
    assert "For few" not in page


def test_terms_change_while_a_link_works(actor, viewer, finished):
    row, path = link(actor, finished)
    now = timezone.now()
    share.change(actor, row, share.Change("New", 30, allow_download=True), now=now)
    row.refresh_from_db()
    assert row.expires_at == now + timedelta(days=30)
    assert "<h1>New</h1>" in read(path)
    assert "/file/csv" in read(path)
    share.change(actor, row, share.Change(allow_download=False), now=now)
    assert Client().get(f"{path}/file/json").status_code == 404
    assert AuditEvent.objects.filter(action="share.change").count() == 2
    with pytest.raises(WrongTerms):
        share.change(actor, row, share.Change(expires_in_days=400), now=now)
    from core import access

    with pytest.raises(NotAllowed):
        share.change(access.actor(viewer), row, share.Change(title="x"), now=now)


def test_a_link_that_ended_stays_ended(actor, finished):
    row, path = link(actor, finished)
    late = timezone.now() + timedelta(days=8)
    with pytest.raises(Conflict):
        share.change(actor, row, share.Change(expires_in_days=30), now=late)
    share.revoke(actor, row, now=timezone.now())
    with pytest.raises(Conflict):
        share.change(actor, row, share.Change(expires_in_days=30), now=timezone.now())
    assert Client().get(path).status_code == 404


def test_all_links_of_the_workspace_are_on_one_page(actor, member, signed_in, finished, report):
    first, _ = link(actor, finished, title="Alpha")
    link(actor, report, title="Beta", is_live=True)
    share.revoke(actor, first, now=timezone.now())
    browser = signed_in(member)
    page = browser.get("/results/shares").content.decode()
    assert page.index("Beta") < page.index("Alpha")
    assert "Live report" in page
    assert "Alpha" not in browser.get("/results/shares?state=active").content.decode()
    assert "Beta" not in browser.get("/results/shares?state=revoked").content.decode()
    assert "Beta" in browser.get("/results/shares?q=inner").content.decode()


def test_the_terms_have_a_page_and_an_operation(actor, member, signed_in, api, finished):
    row, _ = link(actor, finished)
    browser, at = signed_in(member), f"/results/shares/{row.uid}"
    assert browser.get(at).status_code == 200
    wrong = browser.post(at, {"title": "T", "expires_in_days": "1000"})
    assert wrong.status_code == 422
    browser.post(at, {"title": "T", "expires_in_days": "", "allow_download": "on"})
    client, at = api(member), f"/api/v1/shares/{row.uid}"
    found = client.get(at).json()
    assert (found["title"], found["allow_download"], found["state"]) == ("T", True, "active")
    changed = client.patch(at, {"title": "U"}, "application/json").json()
    assert (changed["title"], changed["allow_download"]) == ("U", True)


def test_the_api_shares_reports_and_figures(api, member, finished, report):
    client, json_type = api(member), "application/json"
    for wish in ({}, {"evaluation": finished.uid, "report": report.uid}):
        assert client.post("/api/v1/shares", wish, json_type).status_code == 400
    made = client.post("/api/v1/shares", {"report": report.uid}, json_type).json()
    assert "55 of 57" in read(made["url"].partition("testserver")[2])
    wish = {"evaluation": finished.uid, "figure": "matrix", "embed_origin": ORIGIN}
    made = client.post("/api/v1/shares", wish, json_type).json()
    assert made["embed_url"] == made["url"] + "/embed"
    assert Client().get(made["embed_url"].partition("testserver")[2]).status_code == 200
