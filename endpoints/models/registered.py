from typing import Self

from django.db import models

from core.models import Tracked, TrackedQuerySet
from jobs.models import TrainingJob


class ModelQuerySet(TrackedQuerySet["RegisteredModel"]):
    def registered(self) -> Self:
        return self.filter(status=RegisteredModel.Status.REGISTERED)


class RegisteredModel(Tracked):
    """One SageMaker model: an image and an artifact that an endpoint can serve."""

    class Status(models.TextChoices):
        REQUESTED = "Requested"
        REJECTED = "Rejected"
        REGISTERED = "Registered"
        DELETED = "Deleted"

    TERMINAL = frozenset({Status.REJECTED, Status.DELETED})
    LIVE = "model"
    PAGE = "endpoints:model"

    class Origin(models.TextChoices):
        JOB = "job"
        IMPORTED = "imported"  # somebody's archive, uploaded or in S3
        OUTSIDE = "outside"  # found in the account

    origin = models.CharField(max_length=8, choices=Origin, default=Origin.JOB)
    job = models.ForeignKey(
        TrainingJob, on_delete=models.PROTECT, related_name="registered_models", null=True
    )
    aws_name = models.CharField(max_length=63, blank=True)
    arn = models.CharField(max_length=256, blank=True)
    image = models.CharField(max_length=255, blank=True)
    artifact = models.CharField(max_length=1024, blank=True)
    framework = models.CharField(max_length=40, blank=True)  # of an imported one: "xgboost 1.7-1"
    environment = models.JSONField(default=dict)  # of its container
    size = models.BigIntegerField(null=True)  # bytes of the archive
    # What stands in an imported archive: {members: [[name, bytes]], count, findings: [text]}.
    inspection = models.JSONField(default=dict)
    aws_created_at = models.DateTimeField(null=True)

    objects = ModelQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["job"],
                condition=~models.Q(status__in=["Rejected", "Deleted"]),
                name="one_live_model_per_job",
            )
        ]
