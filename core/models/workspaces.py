"""Workspaces: an AWS account and region (or localaws), its bucket, and who may do what in it."""

from django.conf import settings
from django.db import models

from aws.clients import Account


class Role(models.IntegerChoices):
    """Ordered: a higher role may do all that a lower one may."""

    VIEWER = 10, "viewer"
    MEMBER = 20, "member"
    ADMIN = 30, "admin"


class Workspace(models.Model):
    class Kind(models.TextChoices):
        LOCAL = "local", "This machine (localaws)"
        AWS = "aws", "Amazon"

    slug = models.SlugField(unique=True, max_length=40)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind)
    region = models.CharField(max_length=32, default="us-east-1")
    assumed_role_arn = models.CharField(max_length=2048, blank=True)
    external_id = models.CharField(max_length=1224, blank=True)
    execution_role_arn = models.CharField(max_length=2048)
    bucket = models.CharField(max_length=63)
    # Scripts and models with code of their own may run on this machine (localaws), as its user.
    allow_scripts = models.BooleanField(default=False)
    # Other buckets that datasets may be imported from; without the workspace's own.
    import_buckets = models.JSONField(default=list, blank=True)
    # Larger datasets are prepared by a SageMaker Processing job instead of our worker.
    prepare_here_bytes = models.PositiveBigIntegerField(default=5 * 2**30)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def account(self) -> Account:
        return Account(
            region=self.region, role_arn=self.assumed_role_arn, external_id=self.external_id
        )


class Membership(models.Model):
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.PositiveSmallIntegerField(choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_role_per_workspace")
        ]

    def __str__(self) -> str:
        return f"{self.user} is {Role(self.role).label} of {self.workspace}"


class Heartbeat(models.Model):
    """When something last did its round: the canary's worker, each workspace's mirror."""

    name = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField()
    problem = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"
