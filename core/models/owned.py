"""What every object of a workspace has, and what every object that a worker advances has."""

import secrets
from datetime import datetime
from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.models.workspaces import Workspace

OwnedT = TypeVar("OwnedT", bound="Owned")
TrackedT = TypeVar("TrackedT", bound="Tracked")

UID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_uid() -> str:
    """Ten random characters (50 bits): a row's name in URLs, in the API and in AWS names."""
    return "".join(secrets.choice(UID_ALPHABET) for _ in range(10))


class OwnedQuerySet(models.QuerySet[OwnedT]):
    def present(self) -> Self:
        return self.filter(deleted_at__isnull=True)

    def of(self, workspace: Workspace) -> Self:
        return self.filter(workspace=workspace)

    def visible_to(self, user_id: int) -> Self:
        return self.filter(workspace__memberships__user_id=user_id)


class Owned(models.Model):
    uid = models.CharField(max_length=10, unique=True, default=new_uid, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class TrackedQuerySet(OwnedQuerySet[TrackedT]):
    def active(self) -> Self:
        return self.exclude(status__in=self.model.TERMINAL)

    def due(self, now: datetime) -> Self:
        return self.active().filter(next_check_at__lte=now)


class Tracked(Owned):
    """A row with a status that only `core.states.advance` changes.

    `TERMINAL` statuses never reopen; any status the class does not know counts as not finished.
    `next_check_at` is when a sweep may look again: delays live here, never in the broker.
    """

    TERMINAL: ClassVar[frozenset[str]]
    LIVE: ClassVar[str]  # the kind under which changes are published
    PAGE: ClassVar[str] = ""  # the name of its page's URL, which takes the uid
    NOTED: ClassVar[tuple[str, ...]] = ()  # the fields that `note` reads

    status = models.CharField(max_length=32)
    status_at = models.DateTimeField(default=timezone.now, editable=False)
    failure_reason = models.TextField(blank=True)
    next_check_at = models.DateTimeField(default=timezone.now, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)

    class Meta(Owned.Meta):
        abstract = True

    @property
    def note(self) -> str:
        """What its name does not say, in a few words."""
        return ""

    @property
    def is_finished(self) -> bool:
        return self.status in self.TERMINAL
