from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone

from core.models import Owned, OwnedQuerySet
from results.models.evaluations import Evaluation
from results.models.reports import Report


class ShareQuerySet(OwnedQuerySet["Share"]):
    def open(self, now: datetime) -> Self:
        """Those whose link works."""
        return self.present().filter(revoked_at=None, expires_at__gt=now)


class Share(Owned):
    """A link to one result, report or figure: keeps the token's digest and what it shows."""

    evaluation = models.ForeignKey(
        Evaluation, on_delete=models.PROTECT, related_name="shares", null=True
    )
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="shares", null=True)
    figure = models.CharField(max_length=32, blank=True)  # only this one of the result
    embed_origin = models.CharField(max_length=255, blank=True)  # the page that may frame it
    allow_download = models.BooleanField(default=False)
    is_live = models.BooleanField(default=False)  # a report as it is now, not as it was
    digest = models.CharField(max_length=64, unique=True)
    password = models.CharField(max_length=128, blank=True)  # Django's hash, or empty
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    views = models.PositiveIntegerField(default=0)
    last_viewed_at = models.DateTimeField(null=True)
    snapshot = models.JSONField(default=dict)

    objects = ShareQuerySet.as_manager()

    class Meta(Owned.Meta):
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(evaluation__isnull=False, report__isnull=True)
                | models.Q(evaluation__isnull=True, report__isnull=False),
                name="share_of_one_thing",
            )
        ]

    @property
    def status(self) -> str:
        if self.revoked_at:
            return "Revoked"
        return "Expired" if self.expires_at <= timezone.now() else "Active"
