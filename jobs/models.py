from typing import Self

from django.db import models
from django.utils import timezone

from core.models import Owned, OwnedQuerySet, Tracked, TrackedQuerySet
from datasets.models import Preparation


class ExperimentQuerySet(OwnedQuerySet["Experiment"]):
    pass


class Experiment(Owned):
    """A named group of runs."""

    objects = ExperimentQuerySet.as_manager()

    class Meta(Owned.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="one_experiment_per_name")
        ]


class JobQuerySet(TrackedQuerySet["TrainingJob"]):
    def at_aws(self) -> Self:
        """Those that AWS has taken; before that only the submitting step may touch a row."""
        return self.exclude(aws_name="").exclude(status=TrainingJob.Status.REQUESTED)

    def to_submit(self) -> Self:
        return self.filter(status=TrainingJob.Status.REQUESTED)

    def to_halt(self) -> Self:
        return self.filter(status=TrainingJob.Status.IN_PROGRESS, stop_requested_at__isnull=False)

    def listed(self) -> Self:
        """What a list shows, without the long texts."""
        long = ("transitions", "log_token", "failure_reason")
        near = ("workspace", "preparation__dataset", "experiment", "created_by")
        far = ("preparation__dataset__columns", "preparation__dataset__preview")
        return self.select_related(*near).defer(*long, *far)


class TrainingJob(Tracked):
    """One SageMaker training job; AWS's status words verbatim, plus Requested and Rejected."""

    class Status(models.TextChoices):
        REQUESTED = "Requested"
        REJECTED = "Rejected"
        IN_PROGRESS = "InProgress"
        STOPPING = "Stopping"
        COMPLETED = "Completed"
        FAILED = "Failed"
        STOPPED = "Stopped"

    TERMINAL = frozenset({Status.REJECTED, Status.COMPLETED, Status.FAILED, Status.STOPPED})
    LIVE = "job"
    PAGE = "jobs:detail"

    experiment = models.ForeignKey(
        Experiment, on_delete=models.PROTECT, related_name="jobs", null=True
    )
    # Jobs that others launched in the account have no preparation.
    preparation = models.ForeignKey(
        Preparation, on_delete=models.PROTECT, related_name="jobs", null=True
    )
    algorithm = models.CharField(max_length=40, blank=True)
    image = models.CharField(max_length=255, blank=True)
    hyperparameters = models.JSONField(default=dict)  # as sent: every value is text
    instance_type = models.CharField(max_length=40, blank=True)
    instance_count = models.PositiveSmallIntegerField(default=1)
    volume_gb = models.PositiveIntegerField(default=10)
    max_runtime_seconds = models.PositiveIntegerField(default=3600)
    stop_requested_at = models.DateTimeField(null=True)
    # Set just before the first create call: from then on the job may exist at AWS.
    aws_name = models.CharField(max_length=63, blank=True)
    arn = models.CharField(max_length=256, blank=True)
    secondary_status = models.CharField(max_length=40, blank=True)
    transitions = models.JSONField(default=list)  # [{status, start, end, message}], ISO times
    metrics = models.JSONField(default=dict)  # {name: final value}
    artifact = models.CharField(max_length=1024, blank=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    training_seconds = models.PositiveIntegerField(null=True)
    billable_seconds = models.PositiveIntegerField(null=True)
    aws_modified_at = models.DateTimeField(null=True)
    # The metric that tells how the run went, and its best value so far.
    headline_metric = models.CharField(max_length=255, blank=True)
    headline_value = models.FloatField(null=True)
    rounds_done = models.PositiveIntegerField(default=0)
    log_token = models.TextField(blank=True)
    log_lines = models.PositiveIntegerField(default=0)
    log_read_at = models.DateTimeField(null=True)
    log_complete = models.BooleanField(default=False)
    is_sample = models.BooleanField(default=False)

    objects = JobQuerySet.as_manager()

    @property
    def may_stop(self) -> bool:
        asked = self.stop_requested_at or self.status == self.Status.STOPPING
        return not self.is_finished and not asked

    @property
    def seconds(self) -> float | None:
        """How long it trained, so far while it does; None before."""
        if self.training_seconds is not None:
            return self.training_seconds
        if self.started_at is None:
            return None
        return ((self.ended_at or timezone.now()) - self.started_at).total_seconds()

    class Meta(Tracked.Meta):
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["workspace", "-created_at"]),
            models.Index(fields=["workspace", "status"]),
            models.Index(fields=["status", "next_check_at"]),
            models.Index(
                fields=["log_read_at"], condition=models.Q(log_complete=False), name="unread_logs"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "aws_name"],
                condition=~models.Q(aws_name=""),
                name="one_job_per_aws_name",
            )
        ]


class MetricPoint(models.Model):
    """One value of one metric at one step (boosting round, epoch), read from the job's log."""

    job = models.ForeignKey(TrainingJob, on_delete=models.CASCADE, related_name="points")
    name = models.CharField(max_length=255)
    step = models.PositiveIntegerField()
    value = models.FloatField()

    class Meta:
        ordering = ["name", "step"]
        constraints = [
            models.UniqueConstraint(fields=["job", "name", "step"], name="one_value_per_step")
        ]

    def __str__(self) -> str:
        return f"{self.name}[{self.step}] = {self.value}"


class LogLine(models.Model):
    """Line `number` (from 1) of a job's log, as CloudWatch Logs holds it."""

    job = models.ForeignKey(TrainingJob, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    message = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="one_line_per_number")
        ]

    def __str__(self) -> str:
        return self.message

    @property
    def text(self) -> str:
        """The line as it was printed: CloudWatch holds its tabs as "#011"."""
        return self.message.replace("#011", "\t")
