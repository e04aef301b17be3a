from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.models import Tracked, TrackedQuerySet
from datasets.models import Preparation
from endpoints.models.endpoints import Endpoint
from endpoints.models.registered import RegisteredModel


class Prediction(models.Model):
    """One question to an endpoint and its answer, as they went over the wire, cut when long."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="predictions")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    request = models.TextField(blank=True)
    content_type = models.CharField(max_length=100)
    response = models.TextField(blank=True)
    accept = models.CharField(max_length=100, blank=True)
    variant = models.CharField(max_length=63, blank=True)
    status = models.PositiveSmallIntegerField(default=200)  # of HTTP
    latency_ms = models.FloatField(null=True)

    KEPT = 20_000  # characters of a request and of a response; longer ones say how long they were

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["endpoint", "-at"])]

    def __str__(self) -> str:
        return f"{self.endpoint_id} at {self.at}"

    @property
    def is_repeatable(self) -> bool:
        """Whether the request is here as it was: not cut, and text."""
        return len(self.request) <= self.KEPT and "\N{REPLACEMENT CHARACTER}" not in self.request

    @property
    def has_failed(self) -> bool:
        return self.status != 200


class BatchQuerySet(TrackedQuerySet["BatchPrediction"]):
    def listed(self) -> Self:
        near = ("workspace", "endpoint__workspace", "model__job", "preparation__dataset")
        return self.select_related(*near).defer("preparation__dataset__insights")


class BatchPrediction(Tracked):
    """A file in, predictions out: through an endpoint, or by a batch transform job of a model."""

    class Status(models.TextChoices):
        REQUESTED = "Requested"
        RUNNING = "Running"
        STOPPING = "Stopping"
        COMPLETED = "Completed"
        FAILED = "Failed"
        STOPPED = "Stopped"

    class Way(models.TextChoices):
        ENDPOINT = "endpoint"
        TRANSFORM = "transform"

    TERMINAL = frozenset({Status.COMPLETED, Status.FAILED, Status.STOPPED})
    LIVE = "batch"
    PAGE = "endpoints:batch"

    way = models.CharField(max_length=9, choices=Way)
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, related_name="batches", null=True
    )
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="batches", null=True
    )
    # The rows are a split of a preparation, or a file of their own.
    preparation = models.ForeignKey(
        Preparation, on_delete=models.PROTECT, related_name="batches", null=True
    )
    split = models.CharField(max_length=12, blank=True)
    source = models.CharField(max_length=1024, blank=True)  # its key in the bucket
    source_name = models.CharField(max_length=255, blank=True)  # of the uploaded file
    content_type = models.CharField(max_length=100, blank=True)
    has_truth = models.BooleanField(default=False)  # its rows carry what is true
    is_listed = models.BooleanField(default=True)  # an evaluation's is not
    rows_total = models.PositiveIntegerField(null=True)
    rows_done = models.PositiveIntegerField(default=0)
    done_parts = models.JSONField(default=list)  # [[first row, rows, key]]: what a restart keeps
    concurrency = models.PositiveSmallIntegerField(default=8)
    instance_type = models.CharField(max_length=40, blank=True)
    instance_count = models.PositiveSmallIntegerField(default=1)
    aws_name = models.CharField(max_length=63, blank=True)
    output = models.CharField(max_length=1024, blank=True)  # the predictions' key, once complete
    stop_requested_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["workspace", "-created_at"])]
