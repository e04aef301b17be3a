from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from core import cleanup, health_notes, workspaces
from core.models import Workspace

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
def apply_workspace(pk: int) -> None:
    workspaces.apply(Workspace.objects.get(pk=pk))


@shared_task
def apply_workspaces() -> None:
    """Again and again: a call may be lost, and a new localaws knows no tags."""
    for workspace in Workspace.objects.filter(kind=Workspace.Kind.LOCAL):
        if not workspaces.apply(workspace):
            break  # they all live in one localaws: other work needs the workers


@shared_task
def clear_expired() -> None:
    cleanup.clear_expired(timezone.now())
