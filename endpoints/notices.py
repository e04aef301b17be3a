"""Telling people before an endpoint goes: by email to its owner, by webhook to a channel.

A notice is a row made with its item; a worker sends it, and a worker killed in between sends it
once more rather than never. The wait begins with the first notice that was sent: an item about
which nobody could be told has no time to go, and is skipped once all its notices are given up.
"""

from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string

from core import audit, failpoints, sender
from endpoints import cost, notice_links
from endpoints.models import CleanupItem, Endpoint, Notice, Policy

EMAIL, WEBHOOK = "email", "webhook"
TRIES = 8  # over two hours
LEASE = timedelta(minutes=2)  # longer than sending takes
LINK_LIVES = timedelta(days=7)  # beyond the wait


def recipients(policy: Policy, endpoint: Endpoint) -> list[tuple[str, str]]:
    """(channel, address) of each who is told; the webhook's address stays with the policy."""
    addresses = [_owner(endpoint), *policy.emails]
    found = [(EMAIL, address) for address in dict.fromkeys(addresses) if address]
    return [*found, (WEBHOOK, "")] if policy.webhook else found


def make(item: CleanupItem, policy: Policy, now: datetime) -> list[Notice]:
    """The notices of an item that is told now; not saved yet."""
    until = now + timedelta(days=policy.wait_days) + LINK_LIVES
    return [
        Notice(item=item, channel=channel, recipient=to, expires_at=until, next_try_at=now)
        for channel, to in recipients(policy, item.endpoint)
    ]


def send_due(now: datetime) -> None:
    due = Notice.objects.filter(
        sent_at=None,
        attempts__lt=TRIES,
        next_try_at__lte=now,
        item__state=CleanupItem.State.NOTIFIED,
    )
    near = ("item__endpoint__workspace", "item__cleanup__policy")
    for notice in due.select_related(*near).order_by("next_try_at", "pk"):
        if _claimed(notice, now):
            failpoints.reach("endpoints.notices.after_claim")
            _send(notice, now)


def is_given_up(notice: Notice, now: datetime) -> bool:
    """Not sent, and nobody tries any more; a worker may still be at its last try."""
    return notice.sent_at is None and notice.attempts >= TRIES and notice.next_try_at <= now


def text(notice: Notice, now: datetime) -> str:
    item = notice.item
    usd = item.hourly_usd
    context = {
        "name": _one_line(item.endpoint.name),
        "workspace": item.endpoint.workspace,
        "policy": item.cleanup.policy,
        "evidence": item.evidence,
        "monthly": None if usd is None else cost.monthly(usd),
        "goes_at": item.goes_at or now + _wait(notice),
        "link": notice_links.url(notice),
    }
    return render_to_string("endpoints/notice.txt", context).strip()


def _owner(endpoint: Endpoint) -> str:
    """The address of whoever made it, while they belong to its workspace."""
    owner = endpoint.created_by
    if owner is None or not owner.is_active:
        return ""
    belongs = endpoint.workspace.memberships.filter(user=owner).exists()
    return owner.email if belongs else ""


def _wait(notice: Notice) -> timedelta:
    policy = notice.item.cleanup.policy
    return timedelta(days=policy.wait_days if policy else 0)


def _claimed(notice: Notice, now: datetime) -> bool:
    rows = Notice.objects.filter(pk=notice.pk, sent_at=None, attempts=notice.attempts)
    claimed = rows.update(attempts=F("attempts") + 1, next_try_at=now + LEASE)
    notice.attempts += claimed
    return bool(claimed)


def _send(notice: Notice, now: datetime) -> None:
    try:
        _deliver(notice, now)
    except sender.NotSent as error:
        _failed(notice, error, now)
        return
    failpoints.reach("endpoints.notices.after_sending")
    _sent(notice, now)


def _deliver(notice: Notice, now: datetime) -> None:
    if not settings.PUBLIC_URL:
        raise sender.NotSent("The console does not know where it is found (PUBLIC_URL).")
    if notice.channel == EMAIL:
        _mail(notice, now)
    else:
        _call(notice, now)


def _mail(notice: Notice, now: datetime) -> None:
    if not settings.HAS_MAIL:
        raise sender.NotSent("The console has no mail server (EMAIL_URL).", is_final=True)
    # The same for every try, so that who gets it twice sees it once.
    headers = {
        "Message-ID": f"<notice-{notice.item.cleanup.uid}-{notice.pk}@mlconsole>",
        "Auto-Submitted": "auto-generated",
    }
    subject = f"The endpoint {_one_line(notice.item.endpoint.name)} idles and will be deleted"
    mail = EmailMessage(subject, text(notice, now), to=[notice.recipient], headers=headers)
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        raise sender.NotSent(
            f"The mail server did not take it ({type(error).__name__})."
        ) from error


def _call(notice: Notice, now: datetime) -> None:
    policy = notice.item.cleanup.policy
    if policy is None or not policy.webhook:
        raise sender.NotSent("The policy has no webhook any more.", is_final=True)
    # In Slack's markup these three begin what is not text: mentions, links, entities.
    words = text(notice, now).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    sender.post_json(policy.webhook, {"text": words})


def _one_line(name: str) -> str:
    return " ".join(name.split())


def _sent(notice: Notice, now: datetime) -> None:
    """The first of an item that is sent says when the item goes."""
    item = notice.item
    with transaction.atomic():
        if not Notice.objects.filter(pk=notice.pk, sent_at=None).update(sent_at=now, problem=""):
            return
        rows = CleanupItem.objects.filter(pk=item.pk, state=item.state, goes_at=None)
        rows.update(goes_at=now + _wait(notice))
        about = {"channel": notice.channel, "recipient": notice.recipient}
        audit.note(None, "notice.send", item.endpoint, run=item.cleanup.uid, **about)


def _failed(notice: Notice, error: sender.NotSent, now: datetime) -> None:
    minutes = min(2 ** (notice.attempts - 1), 60)
    is_last = error.is_final or notice.attempts >= TRIES
    Notice.objects.filter(pk=notice.pk, sent_at=None).update(
        problem=error.message[:300],
        attempts=TRIES if is_last else notice.attempts,
        next_try_at=now if is_last else now + timedelta(minutes=minutes),
    )
