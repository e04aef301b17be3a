"""Autoscaling of an endpoint's variants over REST."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema, Status

from core import access
from core.access import Actor
from core.errors import InvalidFields
from core.http import actor_of
from core.models import Role
from core.nudge import nudge
from endpoints import scaling
from endpoints.api.fields import EndpointOut, fresh_fields
from endpoints.api.routing import router
from endpoints.models import Endpoint
from endpoints.sizing import Bounds
from endpoints.tasks import advance_scaling


class Autoscaling(Schema):
    """Between `min` and `max` instances, aiming at `target` calls an instance and minute."""

    min: int
    max: int
    target: float

    def bounds(self) -> Bounds:
        return Bounds(self.min, self.max, self.target)


class AutoscalingOf(Autoscaling):
    """`variant` may be left out where there is one."""

    variant: str = ""


@router.put("/endpoints/{uid}/autoscaling", response={202: EndpointOut})
def set_autoscaling(request: HttpRequest, uid: str, wish: AutoscalingOf) -> Status[dict[str, Any]]:
    """Repeatable. AWS is told once the endpoint is InService and no update is under way."""
    who, endpoint = _mine(request, uid)
    scaling.request(who, endpoint, _named(endpoint, wish.variant), wish.bounds(), timezone.now())
    nudge(advance_scaling, endpoint.pk)
    return Status(202, fresh_fields(endpoint))


@router.delete("/endpoints/{uid}/autoscaling", response={202: EndpointOut})
def end_autoscaling(request: HttpRequest, uid: str, variant: str = "") -> Status[dict[str, Any]]:
    """The count stays as it is then. Repeatable."""
    who, endpoint = _mine(request, uid)
    scaling.end(who, endpoint, _named(endpoint, variant), timezone.now())
    nudge(advance_scaling, endpoint.pk)
    return Status(202, fresh_fields(endpoint))


def _mine(request: HttpRequest, uid: str) -> tuple[Actor, Endpoint]:
    who = actor_of(request)
    endpoint = access.fetch(Endpoint.objects.with_lineage(), who, uid, role=Role.MEMBER)
    return access.in_workspace_of(who, endpoint), endpoint


def _named(endpoint: Endpoint, variant: str) -> str:
    if variant or len(endpoint.variants) == 1:
        return variant or str(endpoint.variants[0]["name"])
    raise InvalidFields({"variant": ["Name the variant: there are several, or none."]})
