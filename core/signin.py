"""One-time sign-in links: for the first start on a laptop, where there is no password yet."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from core.digests import digest, new_secret
from core.models import SignInLink

LIFETIME = timedelta(hours=1)


def issue_link(user: User, base_url: str) -> str:
    """An address that signs `user` in once within an hour; earlier unused links end."""
    SignInLink.objects.filter(user=user, used_at=None).delete()
    secret = new_secret()
    SignInLink.objects.create(
        user=user, digest=digest(secret), expires_at=timezone.now() + LIFETIME
    )
    return f"{base_url.rstrip('/')}/sign-in/{secret}"


def redeem(secret: str) -> User | None:
    """The user of an unused, unexpired link, which is used up by this; else None."""
    now = timezone.now()
    link = SignInLink.objects.filter(digest=digest(secret), used_at=None, expires_at__gt=now)
    found = link.select_related("user").first()
    if found is None or not found.user.is_active:
        return None
    return found.user if link.update(used_at=now) else None
