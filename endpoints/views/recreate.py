"""Bringing a deleted endpoint back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.http import actor_of, page, page_object
from core.models import Role
from core.nudge import nudge
from endpoints import cost, recreate
from endpoints.models import Endpoint
from endpoints.tasks import submit_endpoint


@require_http_methods(["GET", "POST"])
def endpoint_recreate(request: HttpRequest, uid: str) -> HttpResponse:
    rows = Endpoint.objects.with_lineage()
    endpoint = page_object(request, rows, uid, role=Role.MEMBER)
    why_not = recreate.why_not(endpoint)
    if request.method == "POST" and not why_not:
        made = recreate.recreate(actor_of(request), endpoint, timezone.now())
        nudge(submit_endpoint, made.pk)
        messages.success(request, f"{made.name} comes back.")
        return redirect("endpoints:detail", made.uid)
    usd = endpoint.recipe.get("hourly_usd")
    context = {
        "endpoint": endpoint,
        "why_not": why_not,
        "hourly": usd,
        "monthly": None if usd is None else cost.monthly(usd),
    }
    status = 409 if request.method == "POST" else 200
    return page(request, "endpoints/recreate.html", context, status=status)
