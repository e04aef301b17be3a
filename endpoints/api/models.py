"""Models over REST."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Header, Schema, Status

from core import access, idempotency
from core.errors import InvalidFields
from core.http import TokenAuth, actor_of, listed
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from endpoints import imports, register, unregister
from endpoints.api.fields import Model, Models, model_fields
from endpoints.api.routing import router
from endpoints.columns import MODEL_COLUMNS
from endpoints.imports import Wish
from endpoints.incoming import StreamModel
from endpoints.models import RegisteredModel
from endpoints.tasks import submit_model, unregister_model
from jobs.machine import pairs
from jobs.models import TrainingJob

MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        **{
                            name: {"type": "string"}
                            for name in ("name", "framework", "image", "environment")
                        },
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}


class NewModel(Schema):
    job: str
    name: str = ""


class NewImport(Schema):
    """`source` is s3://bucket/…/model.tar.gz.

    `framework` is such as "xgboost 1.7-1" or "pytorch" (its newest); or `image` is a URI; with
    neither it is told by the files.
    """

    source: str
    name: str = ""
    framework: str = ""
    image: str = ""
    environment: dict[str, str] = Field(default_factory=dict)


def _models() -> QuerySet[RegisteredModel]:
    return RegisteredModel.objects.present().select_related("workspace", "job")


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


@router.post("/models/imports", response={201: Model, 200: Model})
def import_model(
    request: HttpRequest, wish: NewImport, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    """Register a model.tar.gz that lies in S3; a worker looks into it first."""
    who = actor_of(request)
    who.need(Role.MEMBER)
    chosen = Wish(**wish.model_dump(exclude={"source"}))
    return _imported(*imports.from_s3(who, chosen, wish.source, key=idempotency_key))


@router.post(
    "/models/uploads",
    response={201: Model, 200: Model},
    auth=TokenAuth(),  # a cookie's CSRF check would parse the body before it can be streamed
    openapi_extra=MULTIPART,
)
def upload_model(request: HttpRequest, idempotency_key: Header[str] = "") -> Status[dict[str, Any]]:
    """Register a model.tar.gz, streamed to S3 in the multipart field `file`.

    `environment` has a line NAME=value for each variable; the other fields are as in an import.
    """
    who = actor_of(request)
    who.need(Role.MEMBER)
    handler = StreamModel(who)
    request.upload_handlers = [handler]
    try:
        fields = request.POST.dict()
        environment, wrong = pairs(str(fields.get("environment", "")))
        if wrong:
            raise InvalidFields({"environment": wrong})
        texts = {name: str(fields.get(name, "")) for name in ("name", "framework", "image")}
        draft = handler.received()
        if draft is None:
            raise InvalidFields({"file": ["Send it in the multipart field “file”."]})
        wish = Wish(environment=environment, **texts)
        return _imported(*imports.from_upload(who, wish, draft, key=idempotency_key))
    finally:
        handler.discard()  # leaves alone what became a model


def _imported(model: RegisteredModel, is_new: bool) -> Status[dict[str, Any]]:  # noqa: FBT001  # a pair of `imports`
    nudge(submit_model, model.pk)
    return Status(201 if is_new else 200, model_fields(_models().get(pk=model.pk)))


@router.get("/models", response=Models)
def list_models(
    request: HttpRequest,
    q: str = "",
    status: str = "",
    origin: str = "",
    sort: str = "",
    page: str = "",
) -> dict[str, Any]:
    """Of all origins; deleted ones too, unless a `status` is named."""
    rows = _models().filter(workspace=actor_of(request).workspace)
    return listed(listing(rows, request.GET.dict(), MODEL_COLUMNS), model_fields)


@router.get("/models/{uid}", response=Model)
def get_model(request: HttpRequest, uid: str) -> dict[str, Any]:
    return model_fields(access.fetch(_models(), actor_of(request), uid))


@router.delete("/models/{uid}", response={202: Model})
def delete_model(request: HttpRequest, uid: str) -> Status[dict[str, Any]]:
    """Have AWS forget a model that no endpoint uses; its archive stays in S3."""
    model = access.fetch(_models(), actor_of(request), uid, role=Role.MEMBER)
    unregister.request(access.in_workspace_of(actor_of(request), model), model)
    nudge(unregister_model, model.pk)
    return Status(202, model_fields(_models().get(pk=model.pk)))
