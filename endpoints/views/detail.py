"""One endpoint: how it stands, and what may be done with it."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.http import actor_of, page, page_object
from core.models import Role, Workspace
from endpoints import cost, plans, protect
from endpoints.forms import ProtectForm
from endpoints.models import CleanupItem, Endpoint
from endpoints.predict import (
    SERVING,
    columns_of,
    is_own,
    recipe_of,
)
from endpoints.views.calling import calling
from endpoints.views.history import latest
from endpoints.views.lists import Shown
from endpoints.views.scaling import unknown
from endpoints.views.trying import trying
from endpoints.views.watch import watched
from jobs.prices import Book


@require_GET
def endpoint_detail(request: HttpRequest, uid: str) -> HttpResponse:
    endpoint = page_object(request, Endpoint.objects.with_lineage(), uid)
    return page(request, "endpoints/detail.html", detail_of(request, endpoint))


def detail_of(request: HttpRequest, endpoint: Endpoint, **more: Any) -> dict[str, Any]:
    recipe = recipe_of(endpoint)
    columns = columns_of(recipe)
    context = {
        "endpoint": endpoint,
        "shown": Shown.of(endpoint, timezone.now()),
        "monthly": cost.projected(endpoint),
        "basis": Book(endpoint.workspace.region),
        "leftovers": [plans.Item(**_named(left)) for left in endpoint.leftovers],
        "recipe": recipe,
        "is_own": is_own(endpoint),
        "is_serving": endpoint.status in SERVING and not endpoint.delete_requested_at,
        "may_write": actor_of(request).may(Role.MEMBER),
    }
    context |= {"scaling_unknown": unknown(endpoint), "captured": _captured(endpoint)}
    context |= watched(request, endpoint) | _kept(endpoint)
    context |= calling(request, endpoint) | latest(endpoint)
    return context | trying(request, recipe, columns) | more


def _captured(endpoint: Endpoint) -> dict[str, str]:
    """Where recorded requests lie, with the page of it at Amazon; {} when none are recorded."""
    if not (uri := endpoint.data_capture.get("uri")):
        return {}
    bucket, _, prefix = uri.removeprefix("s3://").rstrip("/").partition("/")
    below = f"{prefix}/{endpoint.aws_name}/".removeprefix("/")
    found = {"uri": f"s3://{bucket}/{below}"}
    if endpoint.workspace.kind != Workspace.Kind.LOCAL:
        asked = urlencode({"region": endpoint.workspace.region, "prefix": below})
        found["url"] = f"https://console.aws.amazon.com/s3/buckets/{bucket}?{asked}"
    return found


def _kept(endpoint: Endpoint) -> dict[str, Any]:
    now = timezone.now()
    told = endpoint.cleanups.filter(state=CleanupItem.State.NOTIFIED)
    return {
        "warned": told.select_related("cleanup__policy").first(),
        "kept": protect.by_row(endpoint, now) or protect.by_tag(endpoint.aws_tags),
        "snoozed": protect.by_snooze(endpoint, now),
        "protect_form": ProtectForm(),
    }


def _named(left: dict[str, str]) -> dict[str, str]:
    return {"kind": left["kind"], "name": left["name"], "note": left["problem"]}
