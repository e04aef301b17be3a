from django.db import models
from django.utils import timezone

from core.models import Owned, OwnedQuerySet


class PolicyQuerySet(OwnedQuerySet["Policy"]):
    pass


class Policy(Owned):
    """When endpoints are deleted without anybody asking: never before somebody made it earnest."""

    window_days = models.PositiveSmallIntegerField(default=14)
    grace_days = models.PositiveSmallIntegerField(default=3)
    quiet_below = models.FloatField(default=0.0)  # calls a day that still count as idle
    name_contains = models.CharField(max_length=63, blank=True)
    with_tags = models.JSONField(default=dict)  # AWS tags that an endpoint must have
    without_tags = models.JSONField(default=dict)  # and that protect it
    is_dry_run = models.BooleanField(default=True)
    wait_days = models.PositiveSmallIntegerField(default=4)  # between the notice and the deletion
    cap = models.PositiveSmallIntegerField(default=5)  # deletions a run
    hour = models.PositiveSmallIntegerField(default=6)  # UTC, each day
    emails = models.JSONField(default=list)  # beside the owner's
    webhook = models.CharField(max_length=1024, blank=True)  # a secret: shown without its path
    is_enabled = models.BooleanField(default=True)
    next_run_at = models.DateTimeField(default=timezone.now)

    objects = PolicyQuerySet.as_manager()

    class Meta(Owned.Meta):
        ordering = ["name"]
