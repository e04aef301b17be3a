"""What nobody needs any more: expired sessions, sign-in links and idempotency keys."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session

from core.models import IdempotencyKey, SignInLink

KEYS_LIVE = timedelta(days=7)


def clear_expired(now: datetime) -> None:
    Session.objects.filter(expire_date__lt=now).delete()
    SignInLink.objects.filter(expires_at__lt=now).delete()
    IdempotencyKey.objects.filter(created_at__lt=now - KEYS_LIVE).delete()
