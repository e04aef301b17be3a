"""Whether variants of an endpoint scale: shown, set and ended."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core import health_notes
from core.errors import UserError
from core.http import actor_of, page, page_object
from core.models import Role
from core.nudge import nudge
from endpoints import scaling, sizing
from endpoints.forms import ScalingForm
from endpoints.models import Endpoint
from endpoints.tasks import advance_scaling


@require_http_methods(["GET", "POST"])
def endpoint_scaling(request: HttpRequest, uid: str) -> HttpResponse:
    """POST names the variant; with `end` its autoscaling ends."""
    endpoint = page_object(request, Endpoint.objects.with_lineage(), uid, role=Role.MEMBER)
    form = None
    if request.method == "POST":
        form = ScalingForm(request.POST)
        if _done(request, endpoint, form):
            nudge(advance_scaling, endpoint.pk)
            messages.info(request, "AWS is being told; it acts on calls within minutes.")
            return redirect("endpoints:detail", endpoint.uid)
    variants = [_variant(request, endpoint, one, form) for one in endpoint.variants]
    context = {"endpoint": endpoint, "variants": variants, "unknown": unknown(endpoint)}
    return page(request, "endpoints/scaling.html", context, status=422 if form else 200)


def unknown(endpoint: Endpoint) -> str:
    """Why it is not known whether its variants scale; "" when it is."""
    [sync] = health_notes.syncs(endpoint.workspace, ("scaling",))
    return sync.words if sync.is_late else ""


def _done(request: HttpRequest, endpoint: Endpoint, form: ScalingForm) -> bool:
    variant, who, now = request.POST.get("variant", ""), actor_of(request), timezone.now()
    try:
        if "end" in request.POST:
            scaling.end(who, endpoint, variant, now)
            return True
        if form.is_valid():
            scaling.request(who, endpoint, variant, form.bounds, now)
            return True
    except UserError as error:
        form.is_valid()
        form.show(error)
    return False


def _variant(
    request: HttpRequest, endpoint: Endpoint, variant: dict[str, Any], sent: ScalingForm | None
) -> dict[str, Any]:
    name, entry = variant["name"], endpoint.autoscaling.get(variant["name"])
    is_sent = sent is not None and request.POST.get("variant") == name
    count = max(variant.get("instance_count") or 1, 1)
    usual = {"scale_min": count, "scale_max": count + 1, "scale_target": 600}
    known = {f"scale_{key}": (entry or {}).get(key) for key in ("min", "max", "target")}
    initial = usual | {key: value for key, value in known.items() if value is not None}
    form = sent if is_sent else ScalingForm(initial=initial, prefix=None, auto_id=f"id_{name}_%s")
    refused = sizing.unscalable(
        endpoint.kind, variant["instance_type"], serverless=bool(variant.get("serverless"))
    )
    return {"row": variant, "entry": entry, "form": form, "refused": refused}
