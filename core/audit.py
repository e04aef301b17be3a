"""Writing down what people and policies did."""

from typing import Any

from core.access import Actor
from core.models import AuditEvent, Owned


def note(
    who: Actor | None, action: str, row: Owned, *, phase: str = "outcome", **detail: Any
) -> None:
    """Append an event about `row`; `who` is None when the console itself acts."""
    AuditEvent.objects.create(
        workspace=row.workspace,
        actor=who.user if who else None,
        action=action,
        target=f"{type(row).__name__} {row.uid} {row.name}"[:200],
        phase=phase,
        detail=detail,
    )


def event(who: Actor, action: str, target: str, **detail: Any) -> None:
    """Append an event about something that is not an object of a workspace (a token, a member)."""
    AuditEvent.objects.create(
        workspace=who.workspace, actor=who.user, action=action, target=target[:200], detail=detail
    )
