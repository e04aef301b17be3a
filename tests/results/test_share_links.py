"""A link shows one frozen result to whoever holds it, and nothing to anybody else."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core import digests
from core.errors import NotAllowed
from core.models import AuditEvent
from results import share
from results.errors import NotCompleted, WrongTerms
from results.models import Share

DAYS = 7


def created(who, subject, *, key="", **terms):
    return share.create(who, subject, share.Terms(**terms), key=key)


@pytest.fixture
def quick_hashes(settings):
    """For tests that guess often: a real hash takes half a second."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def link(actor, finished):
    row, token = created(actor, finished, expires_in_days=DAYS, title="Tumours")
    return row, f"/s/{token}"


@pytest.fixture
def locked(actor, finished):
    row, token = created(actor, finished, expires_in_days=DAYS, password="open sesame")
    return row, f"/s/{token}"


def test_it_shows_the_result_to_a_stranger(link):
    answer = Client().get(link[1])
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "<h1>Tumours</h1>" in html
    assert "Of 21 malignant cases it finds 20 and takes 1 for benign." in html
    assert '<meta property="og:title" content="Tumours">' in html


def test_only_a_digest_is_kept(link):
    row, path = link
    token = path.removeprefix("/s/")
    assert row.digest == digests.digest(token)
    assert token not in str(Share.objects.filter(pk=row.pk).values())
    assert len(token) >= 43  # 256 bits


def test_answers_are_kept_by_nobody_and_point_nowhere(link):
    answer = Client().get(link[1])
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not answer.cookies


def gone(answer):
    assert answer.status_code == 404
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    return answer.content


def test_everything_else_is_the_same_page(link, locked):
    row, path = link
    token = path.removeprefix("/s/")
    wrong = [
        "/s/",
        "/s/:key",
        "/s/:token",
        "/s/1",
        f"/s/{row.pk}",
        f"/s/{row.uid}",
        f"/s/{row.digest}",
        f"/s/{token[:-1]}",
        f"/s/{token}x",
        f"/s/{token}/",
        f"/s/{token}/predictions.csv",
        f"/s/{token.swapcase()}",
        "/s/..%2f..%2fetc%2fpasswd",
        "/s/%00",
    ]
    pages = {gone(Client().get(address)) for address in wrong}
    assert len(pages) == 1
    (page,) = pages
    for method in ("post", "delete", "put", "patch", "options"):
        assert gone(getattr(Client(enforce_csrf_checks=True), method)(path)) == page
    assert gone(Client(enforce_csrf_checks=True).delete(locked[1])) == page
    assert row.views == 0


def test_an_expired_link_is_the_same_page(link):
    row, path = link
    Share.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    assert gone(Client().get(path)) == gone(Client().get("/s/nothing"))


def test_a_revoked_link_is_the_same_page_at_once(link, actor):
    row, path = link
    reader = Client()
    assert reader.get(path).status_code == 200
    share.revoke(actor, row, now=timezone.now())
    assert gone(reader.get(path)) == gone(Client().get("/s/nothing"))
    assert AuditEvent.objects.filter(action="share.revoke").count() == 1
    share.revoke(actor, row, now=timezone.now())
    assert AuditEvent.objects.filter(action="share.revoke").count() == 1


def test_it_outlives_its_endpoint_and_later_changes(link, finished):
    finished.endpoint.status = "Deleted"
    finished.endpoint.save()
    finished.confusion = [[0, 0], [0, 0]]
    finished.deleted_at = timezone.now()
    finished.save()
    assert "it finds 20" in Client().get(link[1]).content.decode()


def test_it_tells_nothing_of_the_workspace(link, finished, workspace, member):
    reader = Client()
    for view in ("counts", "row", "column", "nonsense"):
        html = reader.get(link[1], {"view": view}).content.decode()
        rows = [finished, finished.endpoint, finished.preparation, finished.preparation.dataset]
        rows += [finished.endpoint.model, finished.endpoint.model.job, link[0]]
        secrets = [text for row in rows for text in (row.uid, row.name) if text != "Tumours"]
        secrets += [row.aws_name for row in rows if hasattr(row, "aws_name")]
        secrets += [workspace.slug, workspace.bucket, workspace.execution_role_arn, "s3://"]
        secrets += ["123456789012", member.username, link[0].digest, "diagnosis", "cancer"]
        visible = html.replace("/static/css/", "").replace("mlconsole", "")
        assert [text for text in secrets if re.search(rf"\b{re.escape(text)}\b", visible)] == []
        assert '<nav class="mainnav"' not in html
        assert "<script" not in html
        links = [part.split('"')[0] for part in html.split('href="')[1:]]
        assert all(href.startswith(("/static/", "?view=")) for href in links), links


def test_views_are_counted(link):
    row, path = link
    Client().get(path)
    Client().get(path)
    Client().head(path)
    row.refresh_from_db()
    assert row.views == 2
    assert timezone.now() - row.last_viewed_at < timedelta(minutes=1)


def test_a_password_stands_before_everything(locked):
    row, path = locked
    html = Client().get(path).content.decode()
    assert "malignant" not in html
    assert row.name not in html
    row.refresh_from_db()
    assert row.views == 0
    assert row.password.startswith("pbkdf2_sha256$")


def test_the_right_password_opens_this_link_only(locked, actor, finished):
    path = locked[1]
    _, other = created(actor, finished, expires_in_days=1, password="open sesame")
    reader = Client(enforce_csrf_checks=True)
    answer = reader.post(path, {"password": "open sesame"})
    assert answer.status_code == 302
    assert answer["Location"] == path
    cookie = answer.cookies["share"]
    assert cookie["path"] == path
    assert cookie["httponly"]
    assert "it finds 20" in reader.get(path).content.decode()
    reader.cookies["share"]["path"] = "/"
    assert "it finds 20" not in reader.get(f"/s/{other}").content.decode()
    assert "it finds 20" not in Client().get(path).content.decode()


def test_an_unlocked_reader_is_locked_out_by_revoking(locked, actor):
    row, path = locked
    reader = Client()
    reader.post(path, {"password": "open sesame"})
    share.revoke(actor, row, now=timezone.now())
    gone(reader.get(path))
    gone(reader.post(path, {"password": "open sesame"}))


def test_guessing_is_slow_and_spoofed_addresses_do_not_help(quick_hashes, locked):
    path = locked[1]
    codes = [
        Client(headers={"X-Forwarded-For": f"10.0.0.{n}"}).post(path, {"password": f"guess-{n}"})
        for n in range(8)
    ]
    assert [answer.status_code for answer in codes] == [403] * 5 + [429] * 3
    assert Client().post(path, {"password": "open sesame"}).status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post(path, {"password": "open sesame"}).status_code == 302


def test_many_clients_together_are_slowed_too(quick_hashes, locked):
    path = locked[1]
    codes = [
        Client(REMOTE_ADDR=f"192.0.2.{n // 4}").post(path, {"password": "wrong one"}).status_code
        for n in range(42)
    ]
    assert codes == [403] * 40 + [429] * 2


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"expires_in_days": 0}, "expires_in_days"),
        ({"expires_in_days": -1}, "expires_in_days"),
        ({"expires_in_days": 366}, "expires_in_days"),
        ({"expires_in_days": 1, "password": "short"}, "password"),
    ],
)
def test_it_refuses_bad_terms(actor, finished, terms, field):
    with pytest.raises(WrongTerms) as refusal:
        created(actor, finished, **terms)
    assert refusal.value.field == field


def test_it_refuses_what_has_no_result(actor, finished):
    finished.status = "Running"
    with pytest.raises(NotCompleted):
        created(actor, finished, expires_in_days=1)


def test_a_viewer_cannot_share(viewer, workspace, finished):
    from core import access

    with pytest.raises(NotAllowed):
        created(access.actor(viewer), finished, expires_in_days=1)


def test_a_repeated_request_gets_the_same_link(actor, finished):
    first = created(actor, finished, expires_in_days=1, key="click")
    second = created(actor, finished, expires_in_days=1, key="click")
    assert (first[0].pk, first[1]) == (second[0].pk, second[1])
    other = created(actor, finished, expires_in_days=1, key="another")
    assert other[1] != first[1]
    assert Share.objects.count() == 2
