"""A stakeholder's visit to a share link: found by its token, unlocked by its password, counted."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.core.cache import cache
from django.db.models import F

from core.digests import digest
from core.errors import TooMany
from results import snapshot
from results.models import Share

CLIENT_TRIES, CLIENT_SECONDS = 5, 15 * 60
LINK_TRIES, LINK_SECONDS = 40, 60 * 60
FILES, FILES_SECONDS = 60, 60 * 60  # of a link: making one takes a second


def find(token: str, *, now: datetime) -> Share | None:
    """The share that `token` opens; None when it is unknown, expired or revoked."""
    rows = Share.objects.open(now).select_related("report").defer("snapshot", "report__snapshot")
    return rows.filter(digest=digest(token)).first()


def shown(share: Share, *, now: datetime) -> snapshot.Snapshot:
    """What the link shows: the copy it was made with, or its report as it is now."""
    if share.is_live and share.report is not None:
        return snapshot.of_report(share.report, now=now)
    found: snapshot.Snapshot = share.snapshot
    return found


def unlock(share: Share, password: str, *, client: str) -> bool:
    """Whether `password` is right. TooMany for a client, or a link, that was tried too often."""
    _take_turn(f"share:{share.pk}:{client}", CLIENT_TRIES, CLIENT_SECONDS)
    _take_turn(f"share:{share.pk}", LINK_TRIES, LINK_SECONDS)
    return check_password(password, share.password)


def take_file(share: Share) -> None:
    """Count a download. TooMany when the link gave away too many within the hour."""
    _take_turn(f"share:{share.pk}:file", FILES, FILES_SECONDS)


def _take_turn(name: str, tries: int, seconds: int) -> None:
    """Take one of `tries` slots that free themselves after `seconds`, before looking at a guess.

    Adding a key is atomic in every cache, counting is not: parallel guesses cannot slip through.
    """
    if not any(cache.add(f"{name}:{slot}", 1, seconds) for slot in range(tries)):
        raise TooMany("Too many tries.", f"Try again in {seconds // 60} minutes.")


def count(share: Share, *, now: datetime) -> None:
    Share.objects.filter(pk=share.pk).update(views=F("views") + 1, last_viewed_at=now)
