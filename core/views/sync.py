"""How fresh what a page shows is: asked again by itself while the page is open."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core import health_notes
from core.http import actor_of


@require_GET
def synced(request: HttpRequest, kind: str) -> HttpResponse:
    who = actor_of(request)
    if kind not in health_notes.KINDS:
        raise Http404
    [sync] = health_notes.syncs(who.workspace, [kind])
    return render(request, "_parts/synced.html", {"sync": sync})
