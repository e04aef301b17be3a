"""Who did what, on what evidence: rows are added and never changed (the database refuses too)."""

from typing import NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.models.workspaces import Workspace

APPEND_ONLY = "Audit events are append-only."


class AuditEvent(models.Model):
    class Phase(models.TextChoices):
        INTENT = "intent", "intent"
        OUTCOME = "outcome", "outcome"

    at = models.DateTimeField(default=timezone.now, db_index=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", null=True)
    # Rows cannot change, so a user with a history is deactivated, never deleted.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200)
    phase = models.CharField(max_length=8, choices=Phase, default=Phase.OUTCOME)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise TypeError(APPEND_ONLY)
        super().save(force_insert=True)

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError(APPEND_ONLY)
