"""Models over REST."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Header, Schema, Status

from core import access, idempotency
from core.http import actor_of, listed
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from endpoints import register
from endpoints.api.fields import Model, Models, model_fields
from endpoints.api.routing import router
from endpoints.columns import MODEL_COLUMNS
from endpoints.models import RegisteredModel
from endpoints.tasks import submit_model
from jobs.models import TrainingJob


class NewModel(Schema):
    job: str
    name: str = ""


def _models() -> QuerySet[RegisteredModel]:
    return RegisteredModel.objects.select_related("workspace", "job")


@router.post("/models", response={201: Model})
def create_model(
    request: HttpRequest,
    wish: NewModel,
    idempotency_key: Header[str] = "",
) -> Status[dict[str, Any]]:
    job = access.fetch(
        TrainingJob.objects.select_related("workspace", "preparation"),
        actor_of(request),
        wish.job,
        role=Role.MEMBER,
    )
    who = access.in_workspace_of(actor_of(request), job)
    model, _ = idempotency.once(
        who,
        idempotency_key,
        RegisteredModel,
        lambda: register.from_job(who, job, name=wish.name),
        content=wish.model_dump_json(),
    )
    nudge(submit_model, model.pk)
    return Status(201, model_fields(_models().get(pk=model.pk)))


@router.get("/models", response=Models)
def list_models(
    request: HttpRequest, q: str = "", status: str = "", sort: str = "", page: str = ""
) -> dict[str, Any]:
    rows = _models().filter(workspace=actor_of(request).workspace, deleted_at=None)
    return listed(listing(rows, request.GET.dict(), MODEL_COLUMNS), model_fields)


@router.get("/models/{uid}", response=Model)
def get_model(request: HttpRequest, uid: str) -> dict[str, Any]:
    return model_fields(access.fetch(_models(), actor_of(request), uid))
