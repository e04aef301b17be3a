from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
)
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from core.errors import NotFound
from core.http import actor_of, page
from core.models import Role
from results import sample


@require_http_methods(["GET", "POST"])
def remove_sample(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    who.need(Role.MEMBER)
    if request.method == "GET":
        if (found := sample.state(who.workspace)) is None:
            raise NotFound
        return page(request, "results/sample_remove.html", {"sample": found})
    sample.remove(who, who.workspace)
    messages.success(request, "The sample experiment is being removed.")
    return redirect("home")
