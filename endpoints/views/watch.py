"""How an endpoint is used: charts of what CloudWatch told, read while somebody looks."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.http import actor_of, page_object
from core.nudge import nudge
from endpoints import burn, charts, metrics
from endpoints.models import Endpoint
from endpoints.tasks import read_charts

DEFAULT = "24h"


@require_GET
def endpoint_charts(request: HttpRequest, uid: str) -> HttpResponse:
    """The section of the page alone, unless it is as `seen`; asking has newer numbers read."""
    endpoint = page_object(request, Endpoint.objects.select_related("workspace"), uid)
    context = watched(request, endpoint)
    if context["seen"] == request.GET.get("seen"):
        return HttpResponse(status=204)  # htmx leaves what stands there alone
    return render(request, "endpoints/_charts.html", context)


@require_GET
def endpoint_chart(request: HttpRequest, uid: str, panel: str) -> JsonResponse:
    """A panel as a figure."""
    endpoint = page_object(request, Endpoint.objects.select_related("workspace"), uid)
    if panel not in charts.PANELS:
        raise Http404
    told = metrics.told(endpoint, window_of(request))
    return JsonResponse(charts.figure(charts.PANELS[panel], told["series"], told["period"]))


@require_GET
def burn_chart(request: HttpRequest) -> JsonResponse:
    """What the workspace's endpoints cost by hour, as a figure."""
    points = burn.history(actor_of(request).workspace, timezone.now())
    return JsonResponse(charts.burn_figure([(point.hour, point.usd) for point in points]))


def watched(request: HttpRequest, endpoint: Endpoint) -> dict[str, Any]:
    """What _charts.html shows; a worker is told that somebody looks."""
    if metrics.is_due(endpoint, timezone.now()):
        nudge(read_charts, endpoint.pk)
    window = window_of(request)
    told = metrics.told(endpoint, window)
    shown = [
        {"name": name, "panel": panel, "rows": charts.table(panel, told["series"])}
        for name, panel in charts.PANELS.items()
        if charts.has(panel, told["series"])
    ]
    return {
        "endpoint": endpoint,
        "window": window,
        "windows": charts.WINDOWS,
        "told": told,
        "seen": f"{told['at']} {told['problem']}".strip(),
        "told_at": metrics.read_at(endpoint, window),
        "panels": shown,
        "no_charts": metrics.absent(endpoint, window),
    }


def window_of(request: HttpRequest) -> str:
    asked = request.GET.get("window", DEFAULT)
    return asked if asked in charts.WINDOWS else DEFAULT
