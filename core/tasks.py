from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from core import cleanup, health_notes

CANARY = "canary"


@shared_task
def canary() -> None:
    """Proof that beat, broker, worker and database work together, for /healthz."""
    health_notes.beat(CANARY)


@worker_ready.connect
def _first_canary(**_kwargs: Any) -> None:
    """A worker that has just started need not wait for beat to prove itself."""
    canary.delay()


@shared_task
def clear_expired() -> None:
    cleanup.clear_expired(timezone.now())
