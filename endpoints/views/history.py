"""What an endpoint was asked lately."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from core.http import actor_of, page, page_object
from core.listing import listing
from core.models import Role
from datasets.models import Preparation
from endpoints import history
from endpoints.answers import Answer
from endpoints.models import Endpoint, Prediction
from endpoints.predict import SERVING, recipe_of

LATEST = 5


@dataclass(frozen=True)
class Asked:
    """A question that was kept; `answers` is empty where the response cannot be read."""

    row: Prediction
    answers: list[Answer]

    @classmethod
    def of(cls, row: Prediction, recipe: Preparation | None) -> "Asked":
        return cls(row, history.answers(row, recipe))


def latest(endpoint: Endpoint) -> dict[str, Any]:
    """The newest few, for the endpoint's own page."""
    rows = endpoint.predictions.select_related("asked_by")[:LATEST]
    return {"asked": [Asked.of(row, recipe_of(endpoint)) for row in rows]}


@require_GET
def endpoint_history(request: HttpRequest, uid: str) -> HttpResponse:
    endpoint = page_object(request, Endpoint.objects.with_lineage(), uid)
    rows = endpoint.predictions.select_related("asked_by")
    found = listing(rows, request.GET, history.COLUMNS)
    context = {
        "endpoint": endpoint,
        "listing": found,
        "asked": [Asked.of(row, recipe_of(endpoint)) for row in found.rows],
        "newest": history.NEWEST,
        "is_serving": endpoint.status in SERVING and not endpoint.delete_requested_at,
        "may_write": actor_of(request).may(Role.MEMBER),
    }
    return page(request, "endpoints/history.html", context)


@require_POST
def endpoint_history_clear(request: HttpRequest, uid: str) -> HttpResponse:
    endpoint = page_object(request, Endpoint.objects.all(), uid, role=Role.MEMBER)
    count = history.clear(actor_of(request), endpoint)
    messages.success(request, f"{count} question{'' if count == 1 else 's'} forgotten.")
    return redirect("endpoints:history", endpoint.uid)
