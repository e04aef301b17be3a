"""To look at, never to edit: a status changes only through its steps."""

from django.contrib import admin
from django.http import HttpRequest

from results.models import Evaluation, Sample, Share


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("uid", "name", "workspace", "created_at")
    list_filter = ("workspace",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Evaluation, Sample)
class TrackedAdmin(ReadOnly):
    exclude = ("confusion", "outcome")


@admin.register(Share)
class ShareAdmin(ReadOnly):
    exclude = ("digest", "password", "snapshot")
