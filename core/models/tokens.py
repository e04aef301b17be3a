"""Credentials kept only as digests, and the keys that make a POST repeatable."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.models.workspaces import Role, Workspace


class ApiToken(models.Model):
    """A bearer token: SHA-256 at rest (256 random bits need no slow hash), scoped and expiring."""

    class Scope(models.TextChoices):
        READ = "read", "read"
        WRITE = "write", "read and write"
        ADMIN = "admin", "everything its owner may"

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="tokens")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens"
    )
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.WRITE)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @property
    def highest_role(self) -> Role:
        return {"read": Role.VIEWER, "write": Role.MEMBER, "admin": Role.ADMIN}[self.scope]


class SignInLink(models.Model):
    """A one-time sign-in link, hashed at rest, as `manage.py up` prints on a first start."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link for {self.user}"


class IdempotencyKey(models.Model):
    """One accepted POST: the same key in the same workspace answers with the same object."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=128)
    kind = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    uid = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "key"], name="one_object_per_key")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
