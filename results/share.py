"""Give one result, report or figure to people without an account, and take it back."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core import audit, digests
from core.access import Actor
from core.idempotency import once
from core.models import Role
from results import snapshot
from results.blocks import figures_of
from results.errors import Ended, NotCompleted, WrongTerms
from results.models import Evaluation, Report, Share

LONGEST_DAYS = 365
SHORTEST_PASSWORD = 8
TITLE = 120
UNTITLED = "Model evaluation"
# One page may frame an embedded figure: a scheme that nobody on the way can change, no wildcard.
ORIGIN = re.compile(r"https://[a-z0-9]([a-z0-9.-]{0,240}[a-z0-9])?(:[1-9][0-9]{0,4})?")


@dataclass(frozen=True)
class Terms:
    """What the owner of a link chose. `figure` is empty for the whole result."""

    expires_in_days: int
    password: str = ""
    title: str = ""
    figure: str = ""
    embed_origin: str = ""
    allow_download: bool = False
    is_live: bool = False


@dataclass(frozen=True)
class Change:
    """What is None stays; `expires_in_days` counts from now."""

    title: str | None = None
    expires_in_days: int | None = None
    allow_download: bool | None = None


def create(
    who: Actor, subject: Evaluation | Report, terms: Terms, *, key: str = ""
) -> tuple[Share, str]:
    """A share and its token, which is kept nowhere: show it now.

    With an idempotency `key` a repeated request gets the same share and token. NotCompleted for
    an evaluation without a result, WrongTerms for the rest.
    """
    who.need(Role.MEMBER)
    if isinstance(subject, Evaluation) and subject.status != Evaluation.Status.COMPLETED:
        raise NotCompleted("There is no result to share yet.", "Wait until it is completed.")
    title = terms.title.strip()[:TITLE] or (UNTITLED if isinstance(subject, Evaluation) else "")
    terms = replace(terms, title=title or subject.name, embed_origin=_origin(terms.embed_origin))
    check_terms(subject, terms)
    token = _token(who, subject, key)

    def make() -> Share:
        return _made(who, subject, terms, token)

    row, is_new = once(who, key, Share, make, content=_content(subject, terms))
    if is_new:
        kind = type(subject).__name__.lower()
        about: dict[str, Any] = {kind: subject.uid, "days": terms.expires_in_days}
        audit.note(who, "share.create", row, **about)
    return row, token


def _made(who: Actor, subject: Evaluation | Report, terms: Terms, token: str) -> Share:
    now = timezone.now()
    return Share.objects.create(
        workspace=subject.workspace,
        created_by=who.user,
        name=terms.title,
        evaluation=subject if isinstance(subject, Evaluation) else None,
        report=subject if isinstance(subject, Report) else None,
        figure=terms.figure,
        embed_origin=terms.embed_origin,
        allow_download=terms.allow_download,
        is_live=terms.is_live,
        digest=digests.digest(token),
        password=make_password(terms.password) if terms.password else "",
        expires_at=now + timedelta(days=terms.expires_in_days),
        snapshot=_copied(subject, terms, now),
    )


def _copied(subject: Evaluation | Report, terms: Terms, now: datetime) -> snapshot.Snapshot:
    """What the link shows for good; nothing for one that shows a report as it is."""
    if isinstance(subject, Report):
        return {} if terms.is_live else snapshot.of_report(subject, now=now)
    if terms.figure:
        return snapshot.of_figure(subject, terms.figure, now=now)
    return snapshot.of_evaluation(subject, now=now)


def _content(subject: Evaluation | Report, terms: Terms) -> str:
    """What makes a request the same request; of the password only what tells it from others."""
    salt = "results.share.password"
    secret = salted_hmac(salt, terms.password, algorithm="sha256").hexdigest()
    return f"{subject.uid} {replace(terms, password=secret)}"


def check_terms(subject: Evaluation | Report, terms: Terms) -> None:
    _check_days(terms.expires_in_days)
    if terms.password and len(terms.password) < SHORTEST_PASSWORD:
        raise WrongTerms(
            f"A password has at least {SHORTEST_PASSWORD} characters.", field="password"
        )
    if terms.is_live and not isinstance(subject, Report):
        raise WrongTerms("Only a report can be shown as it changes.", field="is_live")
    if terms.is_live and isinstance(subject, Report) and subject.frozen_at:
        raise WrongTerms("A frozen report does not change.", field="is_live")
    if terms.figure and (
        isinstance(subject, Report) or terms.figure not in figures_of(subject.result)
    ):
        raise WrongTerms("There is no such figure.", field="figure")
    if terms.embed_origin and not terms.figure:
        raise WrongTerms("Choose the one figure that another page may show.", field="figure")
    if terms.embed_origin and terms.password:
        raise WrongTerms("A page that shows a figure cannot ask for a password.", field="password")


def _check_days(days: int) -> None:
    if not 1 <= days <= LONGEST_DAYS:
        raise WrongTerms(f"A link lives 1 to {LONGEST_DAYS} days.", field="expires_in_days")


def _origin(text: str) -> str:
    """`https://host[:port]`, small letters; WrongTerms for anything more, less or other."""
    origin = text.strip().lower().removesuffix("/")
    if origin and not (ORIGIN.fullmatch(origin) and ".." not in origin):
        raise WrongTerms(
            "An origin is https://, a host, and nothing after it.", field="embed_origin"
        )
    return origin


def _token(who: Actor, subject: Evaluation | Report, key: str) -> str:
    """256 bits: random, or for a repeatable request derived from its key and our secret."""
    if not key:
        return digests.new_secret()
    content = f"{who.workspace.pk}:{subject.uid}:{key}"
    return salted_hmac("results.share", content, algorithm="sha256").hexdigest()


def change(who: Actor, share: Share, wish: Change, *, now: datetime) -> None:
    """Change the terms of a link that works; Ended for one that does not, WrongTerms.

    What it shows, its password and who may frame it stay: those are another link.
    """
    who.need(Role.MEMBER)
    changes: dict[str, object] = {}
    if wish.title is not None:
        changes["name"] = wish.title.strip()[:TITLE] or share.name
    if wish.expires_in_days is not None:
        _check_days(wish.expires_in_days)
        changes["expires_at"] = now + timedelta(days=wish.expires_in_days)
    if wish.allow_download is not None:
        changes["allow_download"] = wish.allow_download
    if not changes:
        return
    with transaction.atomic():
        if not Share.objects.open(now).filter(pk=share.pk).update(**changes):
            raise Ended
        share.refresh_from_db(fields=[*changes, "name"])
        audit.note(who, "share.change", share, fields=sorted(changes))


def revoke(who: Actor, share: Share, *, now: datetime) -> None:
    """End the link at once, for good; repeatable."""
    who.need(Role.MEMBER)
    if Share.objects.filter(pk=share.pk, revoked_at__isnull=True).update(revoked_at=now):
        audit.note(who, "share.revoke", share)
