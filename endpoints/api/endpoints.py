"""Endpoints over REST: found, and deleted."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Status

from core import access
from core.http import actor_of, listed
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from endpoints import delete, traffic
from endpoints.api.fields import EndpointOut, Endpoints, endpoint_fields, fresh_fields
from endpoints.api.routing import router
from endpoints.columns import ENDPOINT_COLUMNS, Judging
from endpoints.models import Endpoint
from endpoints.tasks import advance_deletion


@router.get("/endpoints", response=Endpoints)
def list_endpoints(  # noqa: PLR0913  # what an address may ask, for the schema
    request: HttpRequest,
    *,
    q: str = "",
    status: str = "",
    verdict: str = "",
    days: str = "",
    grace: str = "",
    sort: str = "",
    page: str = "",
) -> dict[str, Any]:
    """Those that exist; `status=Deleted` lists the deleted ones.

    Use is judged over `days` (1 to 30, usually 14), of endpoints older than `grace` days (usually
    3); `verdict` is idle, quiet, busy, too young or unknown.
    """
    now, judging = timezone.now(), Judging.of(request.GET.dict())
    rows = Endpoint.objects.present().of(actor_of(request).workspace).with_lineage()
    if not status:
        rows = rows.current()
    if judging.word:
        rows = rows.filter(pk__in=traffic.judged(rows, now, judging))
    found = listing(rows, request.GET.dict(), ENDPOINT_COLUMNS)
    return listed(found, lambda row: endpoint_fields(row, now, judging))


@router.get("/endpoints/{uid}", response=EndpointOut)
def get_endpoint(request: HttpRequest, uid: str) -> dict[str, Any]:
    rows = Endpoint.objects.with_lineage()
    return endpoint_fields(access.fetch(rows, actor_of(request), uid), timezone.now())


@router.delete("/endpoints/{uid}", response={202: EndpointOut})
def delete_endpoint(request: HttpRequest, uid: str) -> Status[dict[str, Any]]:
    who = actor_of(request)
    endpoint = access.fetch(Endpoint.objects.with_lineage(), who, uid, role=Role.MEMBER)
    delete.request(access.in_workspace_of(who, endpoint), endpoint, timezone.now())
    nudge(advance_deletion, endpoint.pk)
    return Status(202, fresh_fields(endpoint))
