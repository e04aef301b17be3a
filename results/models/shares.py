from datetime import datetime
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils import timezone

from core.models import Owned, OwnedQuerySet
from results.models.evaluations import Evaluation
from results.models.reports import Report


class ShareQuerySet(OwnedQuerySet["Share"]):
    STATES = ("active", "expired", "revoked")

    def light(self) -> Self:
        """Without what only the page behind the link needs."""
        return self.defer("snapshot", "evaluation__confusion", "evaluation__outcome").defer(
            "report__blocks", "report__snapshot"
        )

    def in_state(self, state: str, now: datetime) -> Self:
        """Those that are active, expired or revoked; all of them for another word."""
        if state == "active":
            return self.open(now)
        if state == "expired":
            return self.filter(revoked_at=None, expires_at__lte=now)
        return self.exclude(revoked_at=None) if state == "revoked" else self

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

    @property
    def subject(self) -> Evaluation | Report:
        found = self.evaluation or self.report
        if found is None:
            raise ValueError("A share is of one thing.")  # the constraint above
        return found

    @property
    def subject_url(self) -> str:
        page = "results:report" if self.report_id else "results:detail"
        return reverse(page, args=[self.subject.uid])

    @property
    def what(self) -> str:
        """What it shows, in words."""
        if self.figure:
            return f"Figure ({self.figure})"
        return ("Live report" if self.is_live else "Report") if self.report_id else "Result"
