"""One door to each object: fetched with the role that the action needs, or not there at all."""

from dataclasses import dataclass, replace
from typing import TypeVar

from django.contrib.auth.models import User
from django.db.models import QuerySet

from core.errors import NotAllowed, NotFound
from core.models import Membership, Owned, Role, Workspace

OwnedT = TypeVar("OwnedT", bound=Owned)


@dataclass(frozen=True)
class Actor:
    """Who asks: a user in a workspace with a role; `token_bound` actors cannot leave it."""

    user: User
    workspace: Workspace
    role: Role
    limit: Role = Role.ADMIN
    token_bound: bool = False

    def may(self, role: Role) -> bool:
        return self.role >= role

    def need(self, role: Role) -> None:
        """Raise NotAllowed unless the actor has `role` in the current workspace."""
        if not self.may(role):
            raise NotAllowed(
                f"This needs the role {role.label}; yours is {self.role.label}.",
                f"Ask an admin of the workspace {self.workspace.slug}.",
            )


def actor(user: User, *, slug: str = "", limit: Role = Role.ADMIN) -> Actor:
    """The actor for `user` in the workspace `slug` (or their first one); NotFound without one."""
    memberships = Membership.objects.filter(user=user).select_related("workspace")
    found = memberships.filter(workspace__slug=slug).first() if slug else None
    found = found or memberships.order_by("workspace__slug").first()
    if found is None:
        raise NotFound("You are not a member of any workspace yet.")
    role = Role(min(found.role, limit))
    return Actor(user=user, workspace=found.workspace, role=role, limit=limit)


def in_workspace_of(who: Actor, row: Owned) -> Actor:
    """`who` as they are in `row`'s workspace; NotFound when they are a stranger there."""
    if row.workspace_id == who.workspace.pk:
        return who
    membership = (
        None
        if who.token_bound
        else Membership.objects.filter(user=who.user, workspace=row.workspace).first()
    )
    if membership is None:
        raise NotFound
    role = Role(min(membership.role, who.limit))
    return replace(who, workspace=row.workspace, role=role)


def fetch(rows: QuerySet[OwnedT], who: Actor, uid: str, *, role: Role = Role.VIEWER) -> OwnedT:
    """The row `uid`; NotFound for those who may not see it, NotAllowed for those below `role`."""
    row = rows.select_related("workspace").filter(uid=uid, deleted_at__isnull=True).first()
    if row is None:
        raise NotFound
    in_workspace_of(who, row).need(role)
    return row
