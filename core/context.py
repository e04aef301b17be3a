"""What every page's frame needs."""

from typing import Any

from django.http import HttpRequest

from core.health_notes import syncs, worst
from core.models import Membership


def console(request: HttpRequest) -> dict[str, Any]:
    """`actor`, their workspaces, and what is wrong with AWS right now (from the mirror's notes)."""
    who = getattr(request, "actor", None)
    if who is None or request.path.startswith("/s/"):
        return {}
    memberships = Membership.objects.filter(user=who.user).select_related("workspace")
    synced = syncs(who.workspace)
    return {
        "actor": who,
        "workspace": who.workspace,
        "memberships": memberships,
        "syncs": {sync.kind: sync for sync in synced},
        "aws_trouble": worst(synced),
    }
