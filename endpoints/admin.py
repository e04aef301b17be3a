"""To look at, never to edit: a status changes only through its steps."""

from django.contrib import admin
from django.http import HttpRequest

from endpoints.models import Endpoint, RegisteredModel


@admin.register(RegisteredModel, Endpoint)
class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("uid", "name", "workspace", "status", "created_at")
    list_filter = ("workspace", "status")
    search_fields = ("uid", "name", "aws_name")
    exclude = ("environment", "inspection", "recipe")  # values of environments may be secrets

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
