"""The link in a notice: whoever was told keeps the endpoint, or puts its end off, once.

It is signed, so nobody can guess one and a wrong one costs no query; it ends, and it works once:
of two clicks the first wins. It may nothing but keep this one endpoint.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction

from core import audit
from endpoints import cleanup, protect
from endpoints.models import CleanupItem, Endpoint, Notice

KEEP, SNOOZE = "keep", "snooze"
DAYS = {KEEP: 90, SNOOZE: 14}
LONGEST = 200  # characters of a token
# Payload and signature around a dot: nothing in it that mail programs break an address at.
SIGNER = Signer(salt="endpoints.notice", sep=".")
GONE = (Endpoint.Status.DELETING, Endpoint.Status.DELETED)


def url(notice: Notice) -> str:
    token = SIGNER.sign_object([notice.pk, notice.item_id])
    return f"{settings.PUBLIC_URL}/k/{token}"


def find(token: str, now: datetime) -> Notice | None:
    """The notice whose link this is; None when it is forged, used or over, or comes too late."""
    try:
        pk, item = SIGNER.unsign_object(token[: LONGEST + 1])
    except (BadSignature, ValueError):
        return None
    rows = Notice.objects.filter(pk=pk, item=item, used_at=None, expires_at__gt=now)
    near = ("item__endpoint__workspace", "item__cleanup__policy")
    return rows.exclude(item__endpoint__status__in=GONE).select_related(*near).first()


def answer(notice: Notice, choice: str, now: datetime) -> bool:
    """`KEEP` it (nobody may delete it for 90 days) or `SNOOZE` it (nobody proposes it for 14).

    False when the link was used meanwhile; Conflict when the endpoint is gone meanwhile.
    """
    item = notice.item
    until = now + timedelta(days=DAYS[choice])
    with transaction.atomic():
        rows = Notice.objects.filter(pk=notice.pk, used_at=None, expires_at__gt=now)
        if not rows.update(used_at=now, answer=choice):
            return False
        by = f"by the link sent to {notice.recipient or 'the channel of its policy'}"
        # The item first, as a worker does that takes it further: they never wait in a ring.
        if item.state == CleanupItem.State.NOTIFIED:
            done = "kept" if choice == KEEP else "put off"
            cleanup.move(item, CleanupItem.State.SKIPPED, f"it was {done} {by}.", now)
        if choice == KEEP:
            protect.keep(item.endpoint, until, reason=f"kept {by}")
        else:
            protect.put_off(item.endpoint, until)
        about = {"channel": notice.channel, "recipient": notice.recipient}
        audit.note(None, f"notice.{choice}", item.endpoint, run=item.cleanup.uid, **about)
    return True
