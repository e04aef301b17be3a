from django.db import models
from django.utils import timezone

from core.models import Owned, OwnedQuerySet, Workspace
from endpoints.models.endpoints import Endpoint
from endpoints.models.policies import Policy


class CleanupQuerySet(OwnedQuerySet["Cleanup"]):
    pass


class Cleanup(Owned):
    """A plan to delete several endpoints: previewed, confirmed once, then done one by one."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, related_name="runs")
    window_days = models.PositiveSmallIntegerField(default=14)
    grace_days = models.PositiveSmallIntegerField(default=3)
    is_dry_run = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = CleanupQuerySet.as_manager()

    class Meta(Owned.Meta):
        ordering = ["-created_at", "-pk"]


class CleanupItem(models.Model):
    """What becomes of one endpoint of a plan, and on what evidence."""

    class State(models.TextChoices):
        PLANNED = "planned"
        NOTIFIED = "notified"  # it goes when its time of waiting is over
        DELETING = "deleting"
        DELETED = "deleted"
        SKIPPED = "skipped"

    OPEN = (State.PLANNED, State.NOTIFIED, State.DELETING)

    cleanup = models.ForeignKey(Cleanup, on_delete=models.CASCADE, related_name="items")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="cleanups")
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    reason = models.CharField(max_length=300, blank=True)  # why it was skipped
    verdict = models.CharField(max_length=12)
    evidence = models.TextField(blank=True)
    hourly_usd = models.FloatField(null=True)
    goes_at = models.DateTimeField(null=True)  # of a notified one
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cleanup", "endpoint"], name="one_item_per_endpoint_and_cleanup"
            ),
            models.UniqueConstraint(
                fields=["endpoint"],
                condition=models.Q(state__in=["notified", "deleting"]),
                name="one_deletion_per_endpoint",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id}: {self.state}"


class Saving(models.Model):
    """What a deletion saves: dollars an hour from `since` until the endpoint came back."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    endpoint = models.OneToOneField(Endpoint, on_delete=models.PROTECT, related_name="saving")
    hourly_usd = models.FloatField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-since"]

    def __str__(self) -> str:
        return f"{self.hourly_usd} USD/h since {self.since}"


class BurnPoint(models.Model):
    """What a workspace's endpoints cost in an hour that is over, at list prices."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    hour = models.DateTimeField()
    usd = models.FloatField()
    running = models.PositiveIntegerField()
    unpriced = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["hour"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "hour"], name="one_burn_per_hour")
        ]

    def __str__(self) -> str:
        return f"{self.usd} USD at {self.hour}"
