"""How an endpoint is called from elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from core.http import page_object
from endpoints import calls
from endpoints.models import Endpoint


def calling(request: HttpRequest, endpoint: Endpoint) -> dict[str, Any]:
    """The snippet of the way that the address names, and what one must know about the model."""
    way = calls.way_of(endpoint, request.GET.get("way", ""))
    return {
        "ways": calls.ways(endpoint),
        "is_later": calls.is_later(endpoint),
        "way": way,
        "snippet": calls.snippet(endpoint, way),
        "question": calls.question(endpoint) if way == "lambda" else "",
        "facts": calls.facts(endpoint),
    }


@require_GET
def endpoint_template(request: HttpRequest, uid: str) -> HttpResponse:
    """The CloudFormation template of an HTTP API, as a file."""
    endpoint = page_object(request, Endpoint.objects.with_lineage(), uid)
    name = f"{endpoint.aws_name or endpoint.uid}-api.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(
        calls.template(endpoint), content_type="application/yaml; charset=utf-8", headers=headers
    )
