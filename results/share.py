"""Give one finished result to people without an account, and take it back."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core import audit, digests
from core.access import Actor
from core.idempotency import once
from core.models import Role
from results import snapshot
from results.errors import NotCompleted, WrongTerms
from results.models import Evaluation, Share

LONGEST_DAYS = 365
SHORTEST_PASSWORD = 8
UNTITLED = "Model evaluation"


def create(
    who: Actor,
    evaluation: Evaluation,
    *,
    expires_in_days: int,
    password: str = "",
    title: str = "",
    key: str = "",
) -> tuple[Share, str]:
    """A share and its token, which is kept nowhere: show it now.

    With an idempotency `key` a repeated request gets the same share and token. NotCompleted for
    an evaluation without a result, WrongTerms for the rest.
    """
    who.need(Role.MEMBER)
    if evaluation.status != Evaluation.Status.COMPLETED:
        raise NotCompleted("There is no result to share yet.", "Wait until it is completed.")
    check_terms(expires_in_days, password)
    title = title.strip() or UNTITLED
    token = _token(who, evaluation, key)
    now = timezone.now()

    def make() -> Share:
        return Share.objects.create(
            workspace=evaluation.workspace,
            created_by=who.user,
            name=title[:120],
            evaluation=evaluation,
            digest=digests.digest(token),
            password=make_password(password) if password else "",
            expires_at=now + timedelta(days=expires_in_days),
            snapshot=snapshot.take(evaluation, title=title[:120], now=now),
        )

    secret = salted_hmac("results.share.password", password, algorithm="sha256").hexdigest()
    terms = f"{evaluation.uid} {expires_in_days} {secret} {title}"
    row, is_new = once(who, key, Share, make, content=terms)
    if is_new:
        audit.note(who, "share.create", row, evaluation=evaluation.uid, days=expires_in_days)
    return row, token


def check_terms(expires_in_days: int, password: str) -> None:
    if not 1 <= expires_in_days <= LONGEST_DAYS:
        raise WrongTerms(f"A link lives 1 to {LONGEST_DAYS} days.", field="expires_in_days")
    if password and len(password) < SHORTEST_PASSWORD:
        raise WrongTerms(
            f"A password has at least {SHORTEST_PASSWORD} characters.", field="password"
        )


def _token(who: Actor, evaluation: Evaluation, key: str) -> str:
    """256 bits: random, or for a repeatable request derived from its key and our secret."""
    if not key:
        return digests.new_secret()
    content = f"{who.workspace.pk}:{evaluation.uid}:{key}"
    return salted_hmac("results.share", content, algorithm="sha256").hexdigest()


def revoke(who: Actor, share: Share, *, now: datetime) -> None:
    """End the link at once, for good; repeatable."""
    who.need(Role.MEMBER)
    if Share.objects.filter(pk=share.pk, revoked_at__isnull=True).update(revoked_at=now):
        audit.note(who, "share.revoke", share)
