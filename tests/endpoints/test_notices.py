"""Nothing goes before somebody was told; who cannot be told is said; a link keeps or puts off."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail

from core.models import AuditEvent
from endpoints import notice_links, notices, policies, protect
from endpoints.models import Endpoint, Notice
from tests.endpoints.conftest import fresh
from tests.endpoints.policy_lab import (  # noqa: F401  # fixtures among them
    asked,
    chief,
    lab_of_policies,
    states,
)

BROKEN = "tests.endpoints.mail_that_fails.Backend"


@pytest.fixture
def lab(lab_of_policies):  # noqa: F811  # that fixture
    return lab_of_policies


class Channel(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        """Not into the tests' output."""


@pytest.fixture
def channel(settings):
    """A chat's webhook on loopback: `channel.heard`, `channel.status`, `channel.url`."""
    settings.WEBHOOK_LOOPBACK = True
    with HTTPServer(("127.0.0.1", 0), Channel) as server:
        server.heard, server.status = [], 200
        server.url = f"http://127.0.0.1:{server.server_port}/services/wholly-secret"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def link(message):
    return message.body.partition("https://console.example.com/k/")[2].split()[0]


def test_a_channel_hears_what_slack_understands(lab, channel):
    policy = lab.policy(emails=[], webhook=channel.url)
    lab.idler("<!channel> & co")
    run = lab.run(policy)
    lab.sweep()
    (heard,) = channel.heard
    assert set(heard) == {"text"}
    assert "The endpoint &lt;!channel&gt; &amp; co idles" in heard["text"]
    assert "https://console.example.com/k/" in heard["text"]
    assert run.items.get().goes_at == lab.at + timedelta(days=4)
    told = json.dumps(list(AuditEvent.objects.values("detail", "target")))
    assert "secret" not in told
    assert json.dumps("http://127.0.0.1/…") in told


def test_it_is_tried_again_and_the_wait_begins_when_somebody_is_told(lab, channel):
    policy = lab.policy(emails=[], webhook=channel.url, wait_days=1)
    channel.status = 500
    item = lab.told(policy)
    notice = Notice.objects.get()
    assert (notice.sent_at, notice.problem) == (None, "127.0.0.1 answered 500.")
    assert (item.goes_at, item.state) == (None, "notified")
    lab.sweep()
    assert len(channel.heard) == 1
    channel.status = 200
    lab.later(minutes=2)
    lab.sweep()
    item.refresh_from_db()
    assert item.goes_at == lab.at + timedelta(days=1)
    lab.later(hours=23)
    lab.sweep()
    assert asked() == []
    lab.later(hours=1)
    lab.sweep()
    assert (asked(), len(channel.heard)) == (["ep"], 2)


def test_who_cannot_be_told_for_good_keeps_it_and_the_page_says_why(lab, settings):
    settings.EMAIL_BACKEND = BROKEN
    policy = lab.policy()
    item = lab.told(policy)
    for _ in range(notices.TRIES):
        lab.later(hours=2)
        lab.sweep()
    assert Notice.objects.get().attempts == notices.TRIES
    words = "nobody could be told. The mail server did not take it (ConnectionRefusedError)."
    assert states(item.cleanup) == {"ep": ("skipped", words)}
    lab.later(days=9)
    lab.sweep()
    assert asked() == []


def test_one_who_was_told_is_enough(lab, channel):
    policy = lab.policy(webhook=channel.url)
    channel.status = 404  # for good
    item = lab.told(policy)
    assert Notice.objects.get(channel="webhook").attempts == notices.TRIES
    lab.later(days=4)
    lab.sweep()
    assert (asked(), states(item.cleanup)["ep"][0]) == (["ep"], "deleting")


def test_a_server_without_mail_says_so_at_once(lab, settings):
    settings.HAS_MAIL = False
    item = lab.told(lab.policy())
    assert "no mail server (EMAIL_URL)" in states(item.cleanup)["ep"][1]
    assert mail.outbox == []


def test_a_console_that_does_not_know_its_address_sends_no_dead_link(lab, settings):
    settings.PUBLIC_URL = ""
    item = lab.told(lab.policy())
    assert (mail.outbox, item.goes_at, item.state) == ([], None, "notified")
    assert "PUBLIC_URL" in Notice.objects.get().problem


def test_two_workers_send_a_notice_once(lab):
    lab.idler()
    lab.run(lab.policy())
    first, second = (Notice.objects.get() for _ in range(2))
    assert notices._claimed(first, lab.at)
    assert not notices._claimed(second, lab.at)


def test_a_link_keeps_it_once(lab):
    item = lab.told(lab.policy())
    token = link(mail.outbox[0])
    seen, again = (notice_links.find(token, lab.at) for _ in range(2))
    assert seen.item == item
    assert notice_links.answer(seen, notice_links.KEEP, lab.at)
    assert not notice_links.answer(again, notice_links.SNOOZE, lab.at)
    assert notice_links.find(token, lab.at) is None
    row = fresh(item.endpoint)
    assert row.protected_until == lab.at + timedelta(days=90)
    assert row.protected_reason == "kept by the link sent to ops@example.com"
    assert row.snoozed_until is None
    words = "it was kept by the link sent to ops@example.com."
    assert states(item.cleanup) == {"ep": ("skipped", words)}
    actions = AuditEvent.objects.filter(actor=None).values_list("action", flat=True)
    assert {"notice.keep", "endpoint.protect", "notice.send"} <= set(actions)
    lab.later(days=9)
    lab.sweep()
    assert asked() == []


def test_a_link_puts_it_off(lab):
    item = lab.told(lab.policy())
    notice = notice_links.find(link(mail.outbox[0]), lab.at)
    assert notice_links.answer(notice, notice_links.SNOOZE, lab.at)
    row = fresh(item.endpoint)
    assert (row.snoozed_until, row.protected_until) == (lab.at + timedelta(days=14), None)
    assert states(item.cleanup)["ep"][0] == "skipped"


def test_a_longer_protection_stays(lab):
    item = lab.told(lab.policy())
    protect.protect(lab.who, item.endpoint, lab.at, reason="for good")
    notice = notice_links.find(link(mail.outbox[0]), lab.at)
    assert notice_links.answer(notice, notice_links.KEEP, lab.at)
    row = fresh(item.endpoint)
    assert (row.protected_until, row.protected_reason) == (protect.FOR_GOOD, "for good")


def test_a_keep_after_the_wait_still_calls_the_deletion_off(lab):
    item = lab.told(lab.policy())
    lab.later(days=4)
    lab.sweep()
    assert asked() == ["ep"]
    notice = notice_links.find(link(mail.outbox[0]), lab.at)
    assert notice_links.answer(notice, notice_links.KEEP, lab.at)
    assert protect.by_row(fresh(item.endpoint), lab.at)  # which the last look finds
    assert states(item.cleanup)["ep"][0] == "deleting"


def test_links_that_are_not_ours_or_over_find_nothing(lab, django_assert_num_queries):
    lab.told(lab.policy())
    token = link(mail.outbox[0])
    payload, _, signature = token.partition(".")
    with django_assert_num_queries(0):
        for wrong in ("", "x", payload, f"{payload}.{signature[:-1]}", f"x{token}", "é" * 300):
            assert notice_links.find(wrong, lab.at) is None
    foreign = notice_links.SIGNER.sign_object([1])
    assert notice_links.find(foreign, lab.at) is None
    other = Notice.objects.get()
    swapped = notice_links.SIGNER.sign_object([other.pk, other.item_id + 1])
    assert notice_links.find(swapped, lab.at) is None
    assert notice_links.find(token, lab.at + timedelta(days=10, hours=23))
    assert notice_links.find(token, lab.at + timedelta(days=11)) is None
    for status in ("Deleting", "Deleted"):
        Endpoint.objects.update(status=status)
        assert notice_links.find(token, lab.at) is None


def test_nobody_is_told_what_does_not_wait_any_more(lab):
    policy = lab.policy()
    lab.idler()
    lab.run(policy)
    policies.pause(lab.who, policy, lab.at)
    lab.sweep()
    assert mail.outbox == []
