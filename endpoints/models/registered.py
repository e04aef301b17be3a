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

    job = models.ForeignKey(
        TrainingJob, on_delete=models.PROTECT, related_name="registered_models", null=True
    )
    aws_name = models.CharField(max_length=63, blank=True)
    arn = models.CharField(max_length=256, blank=True)
    image = models.CharField(max_length=255, blank=True)
    artifact = models.CharField(max_length=1024, blank=True)

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
