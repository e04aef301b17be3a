"""Saved views of the list of jobs."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import InvalidFields
from core.http import actor_of, page, page_object
from core.models import Role
from jobs import saved_views, search


@require_POST
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep the list that the form's fields describe, and go back to it."""
    who, wish = actor_of(request), search.read(request.POST.lists())
    who.need(Role.MEMBER)
    try:
        view = saved_views.save(
            who,
            name=request.POST.get("name", ""),
            address=wish.address,
            shown=wish.columns,
            is_shared=bool(request.POST.get("shared")),
        )
    except InvalidFields as error:
        messages.error(request, error.message)
        return redirect(reverse("jobs:list") + search.nothing(wish).url())
    messages.info(request, f"Saved as {view.name}.")
    return redirect(saved_views.address(view))


@require_GET
def view_open(request: HttpRequest, uid: str) -> HttpResponse:
    view = page_object(request, saved_views.seen_by(actor_of(request)), uid)
    return redirect(saved_views.address(view))


@require_http_methods(["GET", "POST"])
def view_edit(request: HttpRequest, uid: str) -> HttpResponse:
    """Rename it, share it, delete it."""
    view = page_object(request, saved_views.seen_by(actor_of(request)), uid, role=Role.MEMBER)
    who = actor_of(request)
    error: InvalidFields | None = None
    if request.method == "POST":
        name, is_shared = request.POST.get("name", ""), bool(request.POST.get("shared"))
        try:
            if request.POST.get("action") == "delete":
                saved_views.remove(who, view, now=timezone.now())
                messages.info(request, f"{view.name} was deleted.")
                return redirect("jobs:list")
            saved_views.change(who, view, name=name, is_shared=is_shared)
        except InvalidFields as problem:
            error = problem
            view.name, view.is_shared = name, is_shared
        else:
            messages.info(request, "Saved.")
            return redirect(saved_views.address(view))
    context = {
        "view": view,
        "error": error,
        "address": saved_views.address(view),
        "may_change": saved_views.may_change(who, view),
    }
    return page(request, "jobs/view_edit.html", context, status=422 if error else 200)
