"""Models: of jobs, imported, and those that others made in the account."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from core import health_notes
from core.errors import UserError
from core.http import actor_of, page, page_object
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from endpoints import contents, unregister
from endpoints.columns import MODEL_COLUMNS
from endpoints.models import Endpoint, RegisteredModel
from endpoints.tasks import unregister_model


@require_GET
def model_list(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    rows = RegisteredModel.objects.present().of(who.workspace).select_related("job")
    if not request.GET.get("status"):
        rows = rows.exclude(status=RegisteredModel.Status.DELETED)
    serving = Endpoint.objects.active().only("uid", "name", "status", "model_id")
    rows = rows.defer("inspection", "environment")
    rows = rows.prefetch_related(Prefetch("endpoints", serving, to_attr="serving"))
    context = {
        "listing": listing(rows, request.GET.dict(), MODEL_COLUMNS),
        "statuses": RegisteredModel.Status.values,
        "origins": RegisteredModel.Origin.values,
        "sync": health_notes.syncs(who.workspace, ("models",))[0],
        "may_write": who.may(Role.MEMBER),
    }
    return page(request, "endpoints/models.html", context)


@require_GET
def model_detail(request: HttpRequest, uid: str) -> HttpResponse:
    rows = RegisteredModel.objects.present().select_related("workspace", "job", "created_by")
    model = page_object(request, rows, uid)
    members = model.inspection.get("members", [])
    context = {
        "model": model,
        "members": members,
        "more_members": model.inspection.get("count", 0) - len(members),
        "environment": contents.shown(model.environment),
        "users": unregister.users(model),
        "kept_because": unregister.problem(model),
        "may_write": actor_of(request).may(Role.MEMBER),
    }
    return page(request, "endpoints/model.html", context)


@require_http_methods(["GET", "POST"])
def model_delete(request: HttpRequest, uid: str) -> HttpResponse:
    rows = RegisteredModel.objects.present().select_related("workspace")
    model = page_object(request, rows, uid, role=Role.MEMBER)
    error = None
    if request.method == "POST":
        try:
            unregister.request(actor_of(request), model)
        except UserError as problem:
            error = problem
        else:
            nudge(unregister_model, model.pk)
            messages.info(request, f"The model {model.name} is deleted.")
            return redirect("endpoints:models")
    context = {"model": model, "error": error, "kept_because": unregister.problem(model)}
    return page(
        request, "endpoints/model_delete.html", context, status=error.status if error else 200
    )
