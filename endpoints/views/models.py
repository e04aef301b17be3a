"""Models."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from core.http import actor_of, page
from core.listing import listing
from core.models import Role
from endpoints.columns import MODEL_COLUMNS
from endpoints.models import RegisteredModel


@require_GET
def model_list(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    rows = RegisteredModel.objects.present().of(who.workspace).select_related("job")
    if not request.GET.get("status"):
        rows = rows.exclude(status=RegisteredModel.Status.DELETED)
    context = {
        "listing": listing(rows.prefetch_related("endpoints"), request.GET.dict(), MODEL_COLUMNS),
        "may_write": who.may(Role.MEMBER),
    }
    return page(request, "endpoints/models.html", context)
