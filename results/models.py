from typing import ClassVar

from django.db import models

from core.models import Owned, OwnedQuerySet, Tracked, TrackedQuerySet
from datasets.models import Preparation
from endpoints.models import Endpoint


class Evaluation(Tracked):
    """A split sent through an endpoint, and how its answers compare with the labels."""

    class Status(models.TextChoices):
        REQUESTED = "Requested"
        RUNNING = "Running"
        COMPLETED = "Completed"
        FAILED = "Failed"

    TERMINAL = frozenset({Status.COMPLETED, Status.FAILED})
    LIVE = "evaluation"

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

    objects: ClassVar[models.Manager["Evaluation"]] = TrackedQuerySet["Evaluation"].as_manager()

    class Meta(Tracked.Meta):
        ordering = ["-created_at", "-pk"]


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

    objects: ClassVar[models.Manager["Share"]] = OwnedQuerySet["Share"].as_manager()

    class Meta(Owned.Meta):
        ordering = ["-created_at", "-pk"]
