from django.db import models
from django.utils import timezone

from endpoints.models.cleanup import CleanupItem


class Notice(models.Model):
    """A message to somebody before an endpoint goes; its signed link keeps or snoozes, once."""

    item = models.ForeignKey(CleanupItem, on_delete=models.CASCADE, related_name="notices")
    channel = models.CharField(max_length=8)  # email or webhook
    recipient = models.CharField(max_length=254, blank=True)  # of an email
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=8, blank=True)  # keep or snooze

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "channel", "recipient"], name="one_notice_per_recipient"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} for {self.item_id}"
