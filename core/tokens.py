"""API tokens: made once, shown once, looked up by digest."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from core import audit
from core.access import Actor
from core.digests import digest, new_secret
from core.errors import NotFound, UserError
from core.models import ApiToken, Membership, Role, Workspace

PREFIX = "mlc_"
NOTE_USE_EVERY = timedelta(minutes=1)


def create(
    user: User,
    workspace: Workspace,
    *,
    name: str,
    scope: str = ApiToken.Scope.WRITE,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is not kept; the user must be a member of `workspace`."""
    if not Membership.objects.filter(user=user, workspace=workspace).exists():
        raise UserError(f"{user.username} is not a member of {workspace.slug}.")
    secret = new_secret(PREFIX)
    token = ApiToken.objects.create(
        user=user,
        workspace=workspace,
        name=name,
        scope=scope,
        expires_at=expires_at,
        digest=digest(secret),
        hint=secret[:8],
    )
    return token, secret


def actor_for(secret: str, *, now: datetime | None = None) -> Actor | None:
    """Who carries `secret`, or None when it is unknown, revoked, expired or its user is gone."""
    now = now or timezone.now()
    token = (
        ApiToken.objects.select_related("user", "workspace").filter(digest=digest(secret)).first()
    )
    if token is None or token.revoked_at or not token.user.is_active:
        return None
    if token.expires_at and token.expires_at <= now:
        return None
    membership = Membership.objects.filter(user=token.user, workspace=token.workspace).first()
    if membership is None:
        return None
    if token.last_used_at is None or now - token.last_used_at > NOTE_USE_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return Actor(
        user=token.user,
        workspace=token.workspace,
        role=min_role(membership, token),
        limit=token.highest_role,
        token_bound=True,
    )


def min_role(membership: Membership, token: ApiToken) -> Role:
    return Role(min(membership.role, token.highest_role))


def revoke(who: Actor, pk: int) -> None:
    """Revoke one of the actor's own tokens, or anyone's in the workspace for its admins."""
    tokens = ApiToken.objects.filter(workspace=who.workspace, revoked_at=None, pk=pk)
    if not who.may(Role.ADMIN):
        tokens = tokens.filter(user=who.user)
    if not tokens.update(revoked_at=timezone.now()):
        raise NotFound
    audit.event(who, "token.revoke", f"ApiToken {pk}")
