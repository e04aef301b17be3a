from typing import Self

from django.db import models
from django.urls import reverse
from django.utils import timezone

from core.models import Owned, OwnedQuerySet


class ReportQuerySet(OwnedQuerySet["Report"]):
    def light(self) -> Self:
        """Without what only the page of one report needs."""
        return self.defer("blocks", "snapshot")


class Report(Owned):
    """What its author tells about results: blocks in order, live until they are frozen."""

    # [{id, kind, ...}]: what a block of each kind holds: `results.blocks`.
    blocks = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=1)  # two editors do not overwrite each other
    updated_at = models.DateTimeField(default=timezone.now)
    frozen_at = models.DateTimeField(null=True)
    snapshot = models.JSONField(default=dict)  # what the blocks showed when it was frozen

    objects = ReportQuerySet.as_manager()

    class Meta(Owned.Meta):
        ordering = ["-updated_at", "-pk"]

    def get_absolute_url(self) -> str:
        return reverse("results:report", args=[self.uid])
