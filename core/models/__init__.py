from core.models.audit import AuditEvent
from core.models.owned import Owned, OwnedQuerySet, Tracked, TrackedQuerySet, new_uid
from core.models.tokens import ApiToken, IdempotencyKey, SignInLink
from core.models.workspaces import Heartbeat, Membership, Role, Workspace

__all__ = [
    "ApiToken",
    "AuditEvent",
    "Heartbeat",
    "IdempotencyKey",
    "Membership",
    "Owned",
    "OwnedQuerySet",
    "Role",
    "SignInLink",
    "Tracked",
    "TrackedQuerySet",
    "Workspace",
    "new_uid",
]
