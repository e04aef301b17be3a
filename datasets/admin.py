"""To look at, never to edit: a status changes only through its steps."""

from django.contrib import admin
from django.http import HttpRequest

from datasets.models import Dataset, Preparation


@admin.register(Dataset, Preparation)
class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("uid", "name", "workspace", "status", "created_at")
    list_filter = ("status", "workspace")
    search_fields = ("uid", "name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
