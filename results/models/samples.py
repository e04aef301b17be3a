from typing import Self

from django.db import models

from core.models import Tracked, TrackedQuerySet


class SampleQuerySet(TrackedQuerySet["Sample"]):
    def standing(self) -> Self:
        """Not removed yet."""
        return self.exclude(status=Sample.Status.REMOVED)


class Sample(Tracked):
    """That a workspace was given the sample experiment: once, and not again after its removal.

    The stages are rows of their own (`is_sample`), so a crash leaves nothing unknown.
    """

    class Status(models.TextChoices):
        BUILDING = "Building"
        READY = "Ready"
        FAILED = "Failed"
        REMOVING = "Removing"
        REMOVED = "Removed"

    TERMINAL = frozenset({Status.REMOVED})
    RESTING = frozenset({Status.READY, Status.FAILED})
    LIVE = "sample"

    objects = SampleQuerySet.as_manager()

    class Meta(Tracked.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="one_sample_per_workspace")
        ]
