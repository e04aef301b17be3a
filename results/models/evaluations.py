from typing import Any, Self

from django.db import models

from core.models import Tracked, TrackedQuerySet
from datasets.models import DatasetQuerySet, Preparation
from endpoints.models import BatchPrediction, Endpoint, RegisteredModel
from results import exports


class EvaluationQuerySet(TrackedQuerySet["Evaluation"]):
    HEAVY = ("confusion", "outcome")

    def light(self) -> Self:
        """Without what only the page of one result needs."""
        return self.defer(*self.HEAVY)

    def with_lineage(self) -> Self:
        near = (
            *("workspace", "batch", "preparation__dataset"),
            *("endpoint__model__job__preparation", "model__job__preparation"),
        )
        heavy = [f"preparation__dataset__{name}" for name in DatasetQuerySet.HEAVY]
        return self.select_related(*near).defer(*heavy)


class Evaluation(Tracked):
    """Labelled rows that a model answered, and how its answers compare with the truth.

    The rows are a split of `preparation`, or a file of their own with the same columns; they go
    through `endpoint`, or through a transform job of `model`.
    """

    class Status(models.TextChoices):
        REQUESTED = "Requested"
        RUNNING = "Running"
        COMPLETED = "Completed"
        FAILED = "Failed"
        STOPPED = "Stopped"

    TERMINAL = frozenset({Status.COMPLETED, Status.FAILED, Status.STOPPED})
    LIVE = "evaluation"
    PAGE = "results:detail"

    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, related_name="evaluations", null=True
    )
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="evaluations", null=True
    )
    batch = models.OneToOneField(
        BatchPrediction, on_delete=models.PROTECT, related_name="evaluation", null=True
    )
    preparation = models.ForeignKey(
        Preparation, on_delete=models.PROTECT, related_name="evaluations"
    )
    split = models.CharField(max_length=12, default="test", blank=True)  # "" for a file
    source = models.CharField(max_length=1024, blank=True)  # the file's key in the bucket
    source_name = models.CharField(max_length=255, blank=True)
    group = models.CharField(max_length=10, blank=True)  # of those asked for at once
    rows = models.PositiveIntegerField(null=True)
    rows_done = models.PositiveIntegerField(default=0)
    labels = models.JSONField(default=list)
    metrics = models.JSONField(default=dict)
    confusion = models.JSONField(default=list)  # [actual][predicted] counts, in the labels' order
    outcome = models.JSONField(default=dict)  # all that a result is drawn from: `results.outcome`
    # Of two classes: where a score counts as the second one, and what mistakes cost.
    threshold = models.FloatField(null=True)
    cost_false_positive = models.FloatField(null=True)
    cost_false_negative = models.FloatField(null=True)
    predictions_key = models.CharField(max_length=512, blank=True)
    seconds = models.FloatField(null=True)
    is_sample = models.BooleanField(default=False)

    objects = EvaluationQuerySet.as_manager()

    class Meta(Tracked.Meta):
        ordering = ["-created_at", "-pk"]

    @property
    def subject(self) -> Endpoint | RegisteredModel:
        """What was asked."""
        found = self.endpoint or self.model
        assert found is not None  # noqa: S101  # `evaluate.request` has one of them
        return found

    @property
    def total(self) -> int | None:
        """Rows in all; None until those of a file were counted."""
        return self.rows if self.rows is not None or not self.batch else self.batch.rows_total

    @property
    def done(self) -> int:
        """Rows that were answered so far."""
        return self.rows_done or (self.batch.rows_done if self.batch else 0)

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def accuracy(self) -> float | None:
        found: float | None = self.metrics.get("accuracy")
        return found

    @property
    def rmse(self) -> float | None:
        found: float | None = self.metrics.get("rmse")
        return found

    @property
    def figures(self) -> dict[str, str]:
        """Those that it can be exported as, with their titles."""
        return exports.figures(self.result)

    @property
    def result(self) -> dict[str, Any]:
        """All that is drawn of it, and nothing that may not be shown."""
        return {
            "task": self.outcome.get("task") or self.preparation.task,
            "labels": self.labels,
            "rows": self.rows,
            "confusion": self.confusion,
            "metrics": self.metrics,
            "outcome": self.outcome,
            "threshold": self.threshold,
            "costs": {
                "false_positive": self.cost_false_positive,
                "false_negative": self.cost_false_negative,
            },
        }
