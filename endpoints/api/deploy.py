"""Deploying over REST."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Header, Schema, Status

from core import access, idempotency
from core.http import actor_of
from core.models import Role
from core.nudge import nudge
from endpoints import deploy
from endpoints.api.fields import EndpointOut, fresh_fields
from endpoints.api.routing import router
from endpoints.models import Endpoint, RegisteredModel
from endpoints.tasks import submit_endpoint
from jobs.models import TrainingJob


class NewEndpoint(Schema):
    """A job (its model is registered on the way) or a model, and the machines to run it on."""

    job: str | None = None
    model: str | None = None
    instance_type: str
    instance_count: int = 1
    name: str = ""


@router.post("/endpoints", response={201: EndpointOut})
def create_endpoint(
    request: HttpRequest,
    wish: NewEndpoint,
    idempotency_key: Header[str] = "",
) -> Status[dict[str, Any]]:
    who = actor_of(request)
    job = access.fetch(_jobs(), who, wish.job, role=Role.MEMBER) if wish.job else None
    model = access.fetch(_models(), who, wish.model, role=Role.MEMBER) if wish.model else None
    if owner := job or model:
        who = access.in_workspace_of(who, owner)
    choices = wish.model_dump(exclude={"job", "model"})
    endpoint, _ = idempotency.once(
        who,
        idempotency_key,
        Endpoint,
        lambda: deploy.request(who, job=job, model=model, **choices),
        content=wish.model_dump_json(),
    )
    nudge(submit_endpoint, endpoint.pk)
    return Status(201, fresh_fields(endpoint))


def _jobs() -> QuerySet[TrainingJob]:
    return TrainingJob.objects.select_related("workspace", "preparation")


def _models() -> QuerySet[RegisteredModel]:
    return RegisteredModel.objects.select_related("workspace", "job")
