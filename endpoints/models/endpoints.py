from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone

from core.models import Tracked, TrackedQuerySet
from endpoints.models.registered import RegisteredModel


class EndpointQuerySet(TrackedQuerySet["Endpoint"]):
    def current(self) -> Self:
        """Without those that are gone; half-built ones stay until what they left is cleaned."""
        return self.exclude(status=Endpoint.Status.DELETED)

    def with_lineage(self) -> Self:
        near = self.select_related("workspace", "model__job__preparation__dataset")
        return near.defer("model__job__preparation__dataset__insights", "charts")

    def cleanable(self, now: datetime) -> Self:
        """Deletions under way, and rejected deploys that left something at AWS."""
        wanted = models.Q(delete_requested_at__isnull=False) | models.Q(
            status=Endpoint.Status.REJECTED
        )
        ended = models.Q(leftovers=[]) | models.Q(status=Endpoint.Status.DELETED)
        return self.filter(wanted, next_check_at__lte=now).exclude(ended)

    def scalable(self, now: datetime) -> Self:
        """Those whose variants scale and that AWS could be told more about."""
        still = self.filter(delete_requested_at=None, wanted={}, next_check_at__lte=now)
        return still.filter(status=Endpoint.Status.IN_SERVICE).exclude(autoscaling={})

    def updating(self, now: datetime) -> Self:
        """Updates under way, and those that left a config at AWS."""
        return self.filter(next_check_at__lte=now).exclude(wanted={}, past_configs=[])


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
    # AWS changes nothing about these by itself; any other word is looked at in each pass.
    SETTLED = frozenset(
        {
            Status.IN_SERVICE,
            Status.FAILED,
            Status.OUT_OF_SERVICE,
            Status.UPDATE_ROLLBACK_FAILED,
            *TERMINAL,
        }
    )
    LIVE = "endpoint"
    PAGE = "endpoints:detail"

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="endpoints", null=True
    )
    aws_name = models.CharField(max_length=63, blank=True)
    config_name = models.CharField(max_length=63, blank=True)
    arn = models.CharField(max_length=256, blank=True)
    instance_type = models.CharField(max_length=40, blank=True)
    instance_count = models.PositiveSmallIntegerField(default=1)
    # [{name, model, instance_type, instance_count, kind}]; what a kind is: `endpoints.idle`
    variants = models.JSONField(default=list)
    hourly_cost = models.FloatField(null=True)  # US dollars; None when no price is known
    aws_created_at = models.DateTimeField(null=True)
    aws_modified_at = models.DateTimeField(null=True)
    # How asynchronous requests are answered: {output_uri, failure_uri, max_concurrent}.
    async_config = models.JSONField(default=dict)
    data_capture = models.JSONField(default=dict)  # {percent, uri}
    # Application Auto Scaling of its variants: {variant: {min, max, target, …}}, as
    # `endpoints.scaling` has it; components: [{name, variant, model, copies, status, modified}].
    autoscaling = models.JSONField(default=dict)
    components = models.JSONField(default=list)
    aws_tags = models.JSONField(default=dict)  # as AWS has them, ours too
    # An update: what it shall become, as the columns of the same names; {} when none is under way.
    wanted = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)  # of its config
    past_configs = models.JSONField(default=list)  # names of ours that an update left behind
    protected_until = models.DateTimeField(null=True)  # never deleted before that
    protected_reason = models.CharField(max_length=200, blank=True)
    snoozed_until = models.DateTimeField(null=True)  # not proposed for deletion before that
    delete_requested_at = models.DateTimeField(null=True)
    only_if_idle = models.BooleanField(default=False)  # the deletion ends when it is busy again
    # What brings the same variants back: images, artifacts, environments, machines.
    recipe = models.JSONField(default=dict)
    recreated_from = models.CharField(max_length=10, blank=True, editable=False)  # a uid
    # [{kind, name, problem}]: what is still to go at AWS, in order; failed steps stay visible.
    leftovers = models.JSONField(default=list)
    # {at, window_days, invocations: {variant: sum}, by_day: {variant: [the latest day first]},
    # last_at, …}: None until CloudWatch has answered in full; ISO times, last_at: when the period
    # of the last call began, or "".
    traffic = models.JSONField(null=True)
    traffic_problem = models.CharField(max_length=300, blank=True)
    # CloudWatch's charts by window, as `endpoints.metrics` reads them while somebody looks:
    # {window: {at, period, series: {metric: {variant: [[ISO time, value], …]}}, problem}}.
    charts = models.JSONField(null=True)
    charts_at = models.DateTimeField(null=True)
    traffic_check_at = models.DateTimeField(default=timezone.now, editable=False)
    is_sample = models.BooleanField(default=False)

    objects = EndpointQuerySet.as_manager()

    @property
    def kind(self) -> str:
        """ "" until the config was read; a config's variants are of one kind."""
        kinds = {variant.get("kind", "") for variant in self.variants}
        return kinds.pop() if len(kinds) == 1 else ""

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
