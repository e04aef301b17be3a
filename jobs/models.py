from typing import Self

from django.db import models
from django.utils import timezone

from core.models import Owned, OwnedQuerySet, Tracked, TrackedQuerySet
from datasets.models import DatasetQuerySet, Preparation


class ExperimentQuerySet(OwnedQuerySet["Experiment"]):
    pass


class Experiment(Owned):
    """A named group of runs."""

    notes = models.TextField(blank=True)  # Markdown, sanitised where it is shown
    tags = models.JSONField(default=list, blank=True)  # words
    archived_at = models.DateTimeField(null=True, editable=False)

    objects = ExperimentQuerySet.as_manager()

    class Meta(Owned.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="one_experiment_per_name")
        ]


class TuningJobQuerySet(TrackedQuerySet["TuningJob"]):
    def to_submit(self) -> Self:
        return self.filter(status=TuningJob.Status.REQUESTED)

    def to_halt(self) -> Self:
        return self.filter(status=TuningJob.Status.IN_PROGRESS, stop_requested_at__isnull=False)


class TuningJob(Tracked):
    """One SageMaker hyperparameter tuning job; AWS's status words verbatim, plus ours."""

    class Status(models.TextChoices):
        REQUESTED = "Requested"
        REJECTED = "Rejected"
        IN_PROGRESS = "InProgress"
        STOPPING = "Stopping"
        COMPLETED = "Completed"
        FAILED = "Failed"
        STOPPED = "Stopped"

    class Strategy(models.TextChoices):
        BAYESIAN = "Bayesian"
        RANDOM = "Random"
        GRID = "Grid"
        HYPERBAND = "Hyperband"

    TERMINAL = frozenset({Status.REJECTED, Status.COMPLETED, Status.FAILED, Status.STOPPED})
    LIVE = "tuning"
    PAGE = "jobs:tuning"

    experiment = models.ForeignKey(
        Experiment, on_delete=models.PROTECT, related_name="tuning_jobs", null=True
    )
    preparation = models.ForeignKey(
        Preparation, on_delete=models.PROTECT, related_name="tuning_jobs", null=True
    )
    algorithm = models.CharField(max_length=40, blank=True)
    image = models.CharField(max_length=255, blank=True)
    hyperparameters = models.JSONField(default=dict)  # the static ones: every value is text
    # [{name, kind: integer|continuous|categorical, low, high, scaling, values}], numbers as text
    ranges = models.JSONField(default=list)
    objective = models.CharField(max_length=255)
    direction = models.CharField(max_length=8, default="maximize")
    strategy = models.CharField(max_length=12, choices=Strategy, default=Strategy.BAYESIAN)
    early_stopping = models.BooleanField(default=False)
    seed = models.PositiveIntegerField(null=True)
    warm_start = models.JSONField(default=dict)  # {kind, parents: [AWS names]}
    max_jobs = models.PositiveIntegerField(default=9)
    max_parallel = models.PositiveSmallIntegerField(default=3)
    instance_type = models.CharField(max_length=40, blank=True)
    instance_count = models.PositiveSmallIntegerField(default=1)
    volume_gb = models.PositiveIntegerField(default=10)
    max_runtime_seconds = models.PositiveIntegerField(default=3600)  # of each trial
    use_spot = models.BooleanField(default=False)
    max_wait_seconds = models.PositiveIntegerField(null=True)
    environment = models.JSONField(default=dict)
    aws_tags = models.JSONField(default=dict)
    stop_requested_at = models.DateTimeField(null=True)
    aws_name = models.CharField(max_length=32, blank=True)
    arn = models.CharField(max_length=256, blank=True)
    counts = models.JSONField(default=dict)  # {Completed, InProgress, NonRetryableError, …}
    best_name = models.CharField(max_length=63, blank=True)  # the AWS name of the best trial
    best_value = models.FloatField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    aws_modified_at = models.DateTimeField(null=True)

    objects = TuningJobQuerySet.as_manager()

    @property
    def is_outside(self) -> bool:
        """Somebody launched it without this console, which then only shows it."""
        return _is_outside(self)

    @property
    def may_stop(self) -> bool:
        asked = self.stop_requested_at or self.status == self.Status.STOPPING
        return not self.is_finished and not asked

    class Meta(Tracked.Meta):
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["workspace", "-created_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "aws_name"],
                condition=~models.Q(aws_name=""),
                name="one_tuning_job_per_aws_name",
            )
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
        long = (
            *("transitions", "log_token", "failure_reason", "notes", "environment", "inputs"),
            *("hardware", "metric_definitions"),
        )
        near = ("workspace", "preparation__dataset", "experiment", "created_by")
        far = [f"preparation__dataset__{name}" for name in DatasetQuerySet.HEAVY]
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
    use_spot = models.BooleanField(default=False)
    max_wait_seconds = models.PositiveIntegerField(null=True)  # with spot: waiting and running
    environment = models.JSONField(default=dict)
    aws_tags = models.JSONField(default=dict)  # sent to AWS beside our own
    # {channel: {uri, content_type}}: what it reads, also without a preparation
    inputs = models.JSONField(default=dict)
    # A script's archive and the file in it that is started.
    source = models.CharField(max_length=1024, blank=True)
    entry_point = models.CharField(max_length=255, blank=True)
    # What is started in an image of one's own, instead of what it starts by itself: words.
    entrypoint = models.JSONField(default=list)
    arguments = models.JSONField(default=list)
    # How AWS finds metrics in the log of an image that is not its own: {name: regular expression}.
    metric_definitions = models.JSONField(default=dict)
    tuning_job = models.ForeignKey(
        TuningJob, on_delete=models.PROTECT, related_name="trials", null=True
    )
    cloned_from = models.CharField(max_length=10, blank=True, editable=False)  # a job's uid
    notes = models.TextField(blank=True)  # Markdown, sanitised where it is shown
    archived_at = models.DateTimeField(null=True, editable=False)
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
    headline_direction = models.CharField(max_length=8, blank=True)  # where its owner said it
    headline_value = models.FloatField(null=True)
    rounds_done = models.PositiveIntegerField(default=0)
    log_token = models.TextField(blank=True)
    log_lines = models.PositiveIntegerField(default=0)
    log_read_at = models.DateTimeField(null=True)
    log_complete = models.BooleanField(default=False)
    # What CloudWatch measured of the instances: {metric: [[ISO time, value], …]}.
    hardware = models.JSONField(default=dict)
    hardware_read_at = models.DateTimeField(null=True)
    drift = models.CharField(max_length=255, blank=True)  # how AWS disagrees with a finished row
    is_sample = models.BooleanField(default=False)

    objects = JobQuerySet.as_manager()

    @property
    def is_outside(self) -> bool:
        """Somebody launched it without this console, which then only shows it."""
        return _is_outside(self)

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
            # What a list counts and sorts without reading a row (`make bench ARGS=job_list`).
            *(
                models.Index(
                    fields=["workspace", *fields, f"{sign}id"],
                    condition=models.Q(deleted_at__isnull=True, archived_at__isnull=True),
                    name=f"listed_jobs_by_{name}",
                )
                for name, sign, *fields in (
                    ("created", "-", "-created_at"),
                    ("status", "-", "status", "-created_at"),
                    ("name", "", "name"),
                    ("metric", "", "headline_value"),
                    ("duration", "", "training_seconds"),
                )
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "aws_name"],
                condition=~models.Q(aws_name=""),
                name="one_job_per_aws_name",
            )
        ]


def _is_outside(job: TrainingJob | TuningJob) -> bool:
    """Our names end with the row's uid; trials of ours belong to whoever launched their tuning."""
    is_ours = job.created_by_id or job.preparation_id or job.aws_name.endswith(job.uid)
    return bool(job.aws_name) and not is_ours


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
    level = models.CharField(max_length=8, blank=True)  # error, warning, info; "" is unknown

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="one_line_per_number")
        ]

    def __str__(self) -> str:
        return self.message


class JobTag(models.Model):
    """A word that somebody put on a job."""

    job = models.ForeignKey(TrainingJob, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=60, db_index=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["job", "name"], name="one_tag_per_job")]

    def __str__(self) -> str:
        return self.name


class JobValue(models.Model):
    """A hyperparameter or a final metric of a job, kept so that lists can be filtered by it."""

    class Kind(models.TextChoices):
        PARAM = "param"
        METRIC = "metric"

    job = models.ForeignKey(TrainingJob, on_delete=models.CASCADE, related_name="values")
    kind = models.CharField(max_length=6, choices=Kind)
    name = models.CharField(max_length=255)
    text = models.CharField(max_length=255, blank=True)
    number = models.FloatField(null=True)  # None when the text is no number

    class Meta:
        # With the job at its end, so that a condition is answered by the index alone.
        indexes = [models.Index(fields=["kind", "name", "number", "job"])]
        constraints = [
            models.UniqueConstraint(fields=["job", "kind", "name"], name="one_value_per_name")
        ]

    def __str__(self) -> str:
        return f"{self.kind}.{self.name} = {self.text}"


class SavedViewQuerySet(OwnedQuerySet["SavedView"]):
    pass


class SavedView(Owned):
    """A list of jobs as somebody wants to see it again: its address's query, its columns."""

    query = models.CharField(max_length=2_000, blank=True)
    columns = models.JSONField(default=list)
    is_shared = models.BooleanField(default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta(Owned.Meta):
        ordering = ["name"]


class InstancePrice(models.Model):
    """What AWS's price list said of an instance type in a region, in US dollars an hour."""

    region = models.CharField(max_length=32)
    instance_type = models.CharField(max_length=40)
    purpose = models.CharField(max_length=12)  # training, hosting or processing
    usd_per_hour = models.FloatField()
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "instance_type", "purpose"], name="one_price_per_instance_type"
            )
        ]

    def __str__(self) -> str:
        return f"{self.instance_type} in {self.region}: {self.usd_per_hour} USD/h"
