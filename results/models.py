from datetime import datetime
from typing import Any, Self

from django.db import models
from django.utils import timezone

from core.models import Owned, OwnedQuerySet, Tracked, TrackedQuerySet
from datasets.models import DatasetQuerySet, Preparation
from endpoints.models import Endpoint


class EvaluationQuerySet(TrackedQuerySet["Evaluation"]):
    def with_lineage(self) -> Self:
        near = ("workspace", "preparation__dataset", "endpoint__model__job__preparation")
        heavy = [f"preparation__dataset__{name}" for name in DatasetQuerySet.HEAVY]
        return self.select_related(*near).defer(*heavy)


class Evaluation(Tracked):
    """A split sent through an endpoint, and how its answers compare with the labels."""

    class Status(models.TextChoices):
        REQUESTED = "Requested"
        RUNNING = "Running"
        COMPLETED = "Completed"
        FAILED = "Failed"

    TERMINAL = frozenset({Status.COMPLETED, Status.FAILED})
    LIVE = "evaluation"
    PAGE = "results:detail"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="evaluations")
    preparation = models.ForeignKey(
        Preparation, on_delete=models.PROTECT, related_name="evaluations"
    )
    split = models.CharField(max_length=12, default="test")
    rows = models.PositiveIntegerField(null=True)
    rows_done = models.PositiveIntegerField(default=0)
    labels = models.JSONField(default=list)
    metrics = models.JSONField(default=dict)
    confusion = models.JSONField(default=list)  # [actual][predicted] counts, in the labels' order
    predictions_key = models.CharField(max_length=512, blank=True)
    seconds = models.FloatField(null=True)
    is_sample = models.BooleanField(default=False)

    objects = EvaluationQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ["-created_at", "-pk"]

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.rows_done / self.rows) if self.rows else 0.0

    @property
    def accuracy(self) -> float | None:
        found: float | None = self.metrics.get("accuracy")
        return found

    @property
    def rmse(self) -> float | None:
        found: float | None = self.metrics.get("rmse")
        return found

    @property
    def result(self) -> dict[str, Any]:
        """What a report is made of."""
        return {"labels": self.labels, "confusion": self.confusion, "metrics": self.metrics}


class ShareQuerySet(OwnedQuerySet["Share"]):
    def open(self, now: datetime) -> Self:
        """Those whose link works."""
        return self.present().filter(revoked_at=None, expires_at__gt=now)


class Share(Owned):
    """A link to one frozen result: keeps the token's digest and a snapshot, never the rows."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="shares")
    digest = models.CharField(max_length=64, unique=True)
    password = models.CharField(max_length=128, blank=True)  # Django's hash, or empty
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    views = models.PositiveIntegerField(default=0)
    last_viewed_at = models.DateTimeField(null=True)
    snapshot = models.JSONField()

    objects = ShareQuerySet.as_manager()

    class Meta(Owned.Meta):
        ordering = ["-created_at", "-pk"]

    @property
    def status(self) -> str:
        if self.revoked_at:
            return "Revoked"
        return "Expired" if self.expires_at <= timezone.now() else "Active"


class SampleQuerySet(TrackedQuerySet["Sample"]):
    def standing(self) -> Self:
        """Not removed yet."""
        return self.exclude(status=Sample.Status.REMOVED)


class Sample(Tracked):
    """That a workspace was given the sample experiment: once, and not again after its removal.

    The stages are rows of their own (`is_sample`), so a crash leaves nothing unknown.
    """

    class Status(models.TextChoices):
        BUILDING = "Building"
        READY = "Ready"
        FAILED = "Failed"
        REMOVING = "Removing"
        REMOVED = "Removed"

    TERMINAL = frozenset({Status.REMOVED})
    RESTING = frozenset({Status.READY, Status.FAILED})
    LIVE = "sample"

    objects = SampleQuerySet.as_manager()

    class Meta(Tracked.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="one_sample_per_workspace")
        ]
