from celery import shared_task
from django.utils import timezone

from core import cleanup, health_notes

CANARY = "canary"


@shared_task
def canary() -> None:
    """Proof that beat, broker, worker and database work together, for /healthz."""
    health_notes.beat(CANARY)


@shared_task
def clear_expired() -> None:
    cleanup.clear_expired(timezone.now())
