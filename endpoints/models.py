from typing import ClassVar

from django.db import models

from core.models import Tracked, TrackedQuerySet
from jobs.models import TrainingJob


class RegisteredModel(Tracked):
    """One SageMaker model: an image and an artifact that an endpoint can serve."""

    class Status(models.TextChoices):
        REQUESTED = "Requested"
        REJECTED = "Rejected"
        REGISTERED = "Registered"
        DELETED = "Deleted"

    TERMINAL = frozenset({Status.REJECTED, Status.DELETED})
    LIVE = "model"

    job = models.ForeignKey(TrainingJob, on_delete=models.PROTECT, related_name="models", null=True)
    aws_name = models.CharField(max_length=63, blank=True)
    arn = models.CharField(max_length=256, blank=True)
    image = models.CharField(max_length=255, blank=True)
    artifact = models.CharField(max_length=1024, blank=True)

    objects: ClassVar[models.Manager["RegisteredModel"]] = TrackedQuerySet[
        "RegisteredModel"
    ].as_manager()

    class Meta(Tracked.Meta):
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["job"],
                condition=~models.Q(status__in=["Rejected", "Deleted"]),
                name="one_live_model_per_job",
            )
        ]


class Endpoint(Tracked):
    """One SageMaker endpoint; AWS's status words verbatim, plus Requested, Rejected, Deleted."""

    class Status(models.TextChoices):
        REQUESTED = "Requested"
        REJECTED = "Rejected"
        CREATING = "Creating"
        IN_SERVICE = "InService"
        UPDATING = "Updating"
        SYSTEM_UPDATING = "SystemUpdating"
        ROLLING_BACK = "RollingBack"
        UPDATE_ROLLBACK_FAILED = "UpdateRollbackFailed"
        OUT_OF_SERVICE = "OutOfService"
        FAILED = "Failed"
        DELETING = "Deleting"
        DELETED = "Deleted"

    TERMINAL = frozenset({Status.REJECTED, Status.DELETED})
    LIVE = "endpoint"

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="endpoints", null=True
    )
    aws_name = models.CharField(max_length=63, blank=True)
    config_name = models.CharField(max_length=63, blank=True)
    arn = models.CharField(max_length=256, blank=True)
    instance_type = models.CharField(max_length=40, blank=True)
    instance_count = models.PositiveSmallIntegerField(default=1)
    variants = models.JSONField(default=list)
    hourly_cost = models.FloatField(null=True)  # US dollars; None when no price is known
    aws_created_at = models.DateTimeField(null=True)
    aws_modified_at = models.DateTimeField(null=True)
    delete_requested_at = models.DateTimeField(null=True)
    # What is left at AWS after a deletion step: a plan whose failed steps stay visible.
    leftovers = models.JSONField(default=list)
    # {at, window_days, invocations: {variant: sum}}: None until CloudWatch has answered in full
    traffic = models.JSONField(null=True)
    is_sample = models.BooleanField(default=False)

    objects: ClassVar[models.Manager["Endpoint"]] = TrackedQuerySet["Endpoint"].as_manager()

    class Meta(Tracked.Meta):
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["workspace", "status"])]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "aws_name"],
                condition=~models.Q(aws_name="") & ~models.Q(status__in=["Deleted", "Rejected"]),
                name="one_endpoint_per_aws_name",
            )
        ]
