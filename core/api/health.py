"""How true the console's copy of AWS is, for programs; /healthz says whether the console works."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from core import health_notes
from core.http import actor_of

router = Router(tags=["workspace"])


class Mirror(Schema):
    """`synced_at` is the last complete look at AWS, null before the first; `late` is over 30 s.

    `problem` says what is wrong in words, `detail` in AWS's own, `todo` what can be done.
    """

    kind: str
    synced_at: datetime | None
    age_seconds: float | None
    late: bool
    problem: str
    todo: str
    detail: str


class Health(Schema):
    workspace: str
    ok: bool
    mirrors: list[Mirror]


@router.get("/health", response=Health)
def get_health(request: HttpRequest) -> dict[str, Any]:
    """How fresh jobs, tuning jobs, endpoints and models are, and what keeps them from being."""
    workspace, now = actor_of(request).workspace, timezone.now()
    syncs = health_notes.syncs(workspace, now=now)
    return {
        "workspace": workspace.slug,
        "ok": not any(sync.is_late for sync in syncs),
        "mirrors": [
            {
                "kind": sync.kind,
                "synced_at": sync.at,
                "age_seconds": (now - sync.at).total_seconds() if sync.at else None,
                "late": sync.is_late,
                "problem": sync.words,
                "todo": sync.todo,
                "detail": sync.detail,
            }
            for sync in syncs
        ],
    }
