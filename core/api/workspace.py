"""The current workspace over the API; a token names it."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from core import workspaces
from core.http import actor_of
from core.models import Membership, Role, Workspace
from core.nudge import nudge
from core.tasks import apply_workspace

router = Router(tags=["workspace"])


class Member(Schema):
    username: str
    role: str


class WorkspaceDetail(Schema):
    """`allow_scripts` stays false at Amazon, where every script has a container of its own."""

    slug: str
    name: str
    kind: str
    region: str
    bucket: str
    execution_role_arn: str
    allow_scripts: bool
    import_buckets: list[str]
    prepare_here_bytes: int
    members: list[Member]


class WorkspaceChange(Schema):
    """What is left out stays as it is."""

    allow_scripts: bool = False
    import_buckets: list[str] = []
    prepare_here_bytes: int = 0


@router.get("/workspace", response=WorkspaceDetail)
def get_workspace(request: HttpRequest) -> dict[str, Any]:
    """The workspace that the token is for, or that the browser is in."""
    return _detail(actor_of(request).workspace)


@router.patch("/workspace", response=WorkspaceDetail)
def change_workspace(request: HttpRequest, body: WorkspaceChange) -> dict[str, Any]:
    """Change what its admins decide; needs the role admin."""
    workspace = workspaces.change(actor_of(request), body.dict(exclude_unset=True))
    nudge(apply_workspace, workspace.pk)
    return _detail(workspace)


def _detail(workspace: Workspace) -> dict[str, Any]:
    members = Membership.objects.filter(workspace=workspace).select_related("user")
    names = [name for name in WorkspaceDetail.model_fields if name != "members"]
    return {name: getattr(workspace, name) for name in names} | {
        "members": [
            {"username": member.user.username, "role": Role(member.role).label}
            for member in members.order_by("-role", "user__username")
        ]
    }
