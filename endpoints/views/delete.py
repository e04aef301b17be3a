"""Deleting one endpoint."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.http import actor_of, page, page_object
from core.models import Role
from core.nudge import nudge
from endpoints import delete, plans, protect
from endpoints.forms import DeleteForm
from endpoints.models import Endpoint
from endpoints.tasks import advance_deletion


@require_http_methods(["GET", "POST"])
def endpoint_delete(request: HttpRequest, uid: str) -> HttpResponse:
    rows = Endpoint.objects.with_lineage()
    endpoint = page_object(request, rows, uid, role=Role.MEMBER)
    form = DeleteForm(request.POST or None, name=endpoint.name)
    now = timezone.now()
    kept = protect.by_row(endpoint, now)
    if request.method == "POST" and form.is_valid():
        delete.request(actor_of(request), endpoint, now)
        nudge(advance_deletion, endpoint.pk)
        messages.info(request, f"{endpoint.name} is being deleted.")
        gone = endpoint.deleted_at is not None
        return redirect("endpoints:list") if gone else redirect("endpoints:detail", endpoint.uid)
    context = {"endpoint": endpoint, "form": form, "plan": plans.plan(endpoint), "kept": kept}
    context["tagged"] = protect.by_tag(endpoint.aws_tags)
    return page(request, "endpoints/delete.html", context, status=422 if form.errors else 200)
