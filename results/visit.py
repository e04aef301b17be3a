"""A stakeholder's visit to a share link: found by its token, unlocked by its password, counted."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.core.cache import cache
from django.db.models import F

from core.digests import digest
from core.errors import TooMany
from results.models import Share

CLIENT_TRIES, CLIENT_SECONDS = 5, 15 * 60
LINK_TRIES, LINK_SECONDS = 40, 60 * 60


def find(token: str, *, now: datetime) -> Share | None:
    """The share that `token` opens; None when it is unknown, expired or revoked."""
    return Share.objects.open(now).filter(digest=digest(token)).first()


def unlock(share: Share, password: str, *, client: str) -> bool:
    """Whether `password` is right. TooMany for a client, or a link, that was tried too often."""
    _take_turn(f"share:{share.pk}:{client}", CLIENT_TRIES, CLIENT_SECONDS)
    _take_turn(f"share:{share.pk}", LINK_TRIES, LINK_SECONDS)
    return check_password(password, share.password)


def _take_turn(name: str, tries: int, seconds: int) -> None:
    """Take one of `tries` slots that free themselves after `seconds`, before looking at a guess.

    Adding a key is atomic in every cache, counting is not: parallel guesses cannot slip through.
    """
    if not any(cache.add(f"{name}:{slot}", 1, seconds) for slot in range(tries)):
        raise TooMany("Too many tries.", f"Try again in {seconds // 60} minutes.")


def count(share: Share, *, now: datetime) -> None:
    Share.objects.filter(pk=share.pk).update(views=F("views") + 1, last_viewed_at=now)
