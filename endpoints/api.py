"""Models and endpoints over REST: the same steps as the pages."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Router, Schema, Status

from core import access, idempotency
from core.access import Actor
from core.http import actor_of, listed
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from endpoints import cost, delete, deploy, register, traffic
from endpoints.columns import ENDPOINT_COLUMNS, MODEL_COLUMNS
from endpoints.models import Endpoint, RegisteredModel
from endpoints.predict import Prediction, predict
from endpoints.tasks import advance_deletion, submit_endpoint, submit_model
from jobs.models import TrainingJob

router = Router(tags=["endpoints"])


class NewModel(Schema):
    job: str
    name: str = ""


class Model(Schema):
    id: str
    name: str
    status: str
    job: str | None
    image: str
    artifact: str
    aws_name: str
    arn: str
    failure_reason: str
    created_at: datetime


class Models(Schema):
    items: list[Model]
    total: int
    page: int
    pages: int


class NewEndpoint(Schema):
    """A job (its model is registered on the way) or a model, and the machines to run it on."""

    job: str | None = None
    model: str | None = None
    instance_type: str
    instance_count: int = 1
    name: str = ""


class Idle(Schema):
    verdict: str
    reason: str
    evidence: str


class Leftover(Schema):
    kind: str
    name: str
    problem: str


class EndpointOut(Schema):
    """`hourly_cost` and `cost_so_far` in US dollars at list prices; None when not known."""

    id: str
    name: str
    status: str
    failure_reason: str
    hourly_cost: float | None
    cost_so_far: float | None
    idle: Idle
    instance_type: str
    instance_count: int
    model: str | None
    job: str | None
    variants: list[dict[str, Any]]
    aws_name: str
    arn: str
    config_name: str
    delete_requested: bool
    leftovers: list[Leftover]
    created_at: datetime
    aws_created_at: datetime | None


class Endpoints(Schema):
    items: list[EndpointOut]
    total: int
    page: int
    pages: int


class Question(Schema):
    """One of: CSV text, or lists of values, or objects with a value per column."""

    csv: str = ""
    instances: list[list[Any] | dict[str, Any]] | None = None


class Answers(Schema):
    predictions: list[dict[str, Any]]
    latency_ms: float
    variant: str


def endpoint_fields(endpoint: Endpoint, now: datetime) -> dict[str, Any]:
    """An endpoint as the API answers it, from a row with its lineage selected."""
    verdict = traffic.verdict(endpoint, now)
    model = endpoint.model
    return {
        "id": endpoint.uid,
        "name": endpoint.name,
        "status": endpoint.status,
        "failure_reason": endpoint.failure_reason,
        "hourly_cost": endpoint.hourly_cost,
        "cost_so_far": cost.so_far(endpoint, now),
        "idle": {
            "verdict": verdict.word,
            "reason": verdict.reason,
            "evidence": verdict.evidence,
        },
        "instance_type": endpoint.instance_type,
        "instance_count": endpoint.instance_count,
        "model": model.uid if model else None,
        "job": model.job.uid if model and model.job else None,
        "variants": endpoint.variants,
        "aws_name": endpoint.aws_name,
        "arn": endpoint.arn,
        "config_name": endpoint.config_name,
        "delete_requested": endpoint.delete_requested_at is not None,
        "leftovers": endpoint.leftovers,
        "created_at": endpoint.created_at,
        "aws_created_at": endpoint.aws_created_at,
    }


def model_fields(model: RegisteredModel) -> dict[str, Any]:
    return {
        "id": model.uid,
        "name": model.name,
        "status": model.status,
        "job": model.job.uid if model.job else None,
        "image": model.image,
        "artifact": model.artifact,
        "aws_name": model.aws_name,
        "arn": model.arn,
        "failure_reason": model.failure_reason,
        "created_at": model.created_at,
    }


def answer_fields(prediction: Prediction) -> list[dict[str, Any]]:
    """One object a row: `label`, `probability` and `top` for classes, `value` for numbers.

    `distance` is to the center of the cluster `label`, `vector` a projection.
    """
    return [
        {
            "label": answer.label or None,
            "probability": answer.probability,
            "distance": answer.distance,
            "vector": list(answer.vector) or None,
            "value": answer.value,
            "top": [
                {"label": label, "probability": share} for label, share in prediction.top(answer)
            ],
        }
        for answer in prediction.answers
    ]


def _models() -> QuerySet[RegisteredModel]:
    return RegisteredModel.objects.select_related("workspace", "job")


def _job(who: Actor, uid: str) -> TrainingJob:
    rows = TrainingJob.objects.select_related("workspace", "preparation")
    return access.fetch(rows, who, uid, role=Role.MEMBER)


@router.post("/models", response={201: Model})
def create_model(
    request: HttpRequest,
    wish: NewModel,
    idempotency_key: Header[str] = "",
) -> Status[dict[str, Any]]:
    job = _job(actor_of(request), wish.job)
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


@router.post("/endpoints", response={201: EndpointOut})
def create_endpoint(
    request: HttpRequest,
    wish: NewEndpoint,
    idempotency_key: Header[str] = "",
) -> Status[dict[str, Any]]:
    who = actor_of(request)
    job = _job(who, wish.job) if wish.job else None
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
    return Status(201, _fresh(endpoint))


@router.get("/endpoints", response=Endpoints)
def list_endpoints(
    request: HttpRequest, q: str = "", status: str = "", sort: str = "", page: str = ""
) -> dict[str, Any]:
    """Those that exist; `status=Deleted` lists the deleted ones."""
    now = timezone.now()
    rows = Endpoint.objects.present().of(actor_of(request).workspace).with_lineage()
    if not status:
        rows = rows.current()
    found = listing(rows, request.GET.dict(), ENDPOINT_COLUMNS)
    return listed(found, lambda row: endpoint_fields(row, now))


@router.get("/endpoints/{uid}", response=EndpointOut)
def get_endpoint(request: HttpRequest, uid: str) -> dict[str, Any]:
    rows = Endpoint.objects.with_lineage()
    return endpoint_fields(access.fetch(rows, actor_of(request), uid), timezone.now())


@router.post("/endpoints/{uid}/predict", response=Answers)
def ask_endpoint(request: HttpRequest, uid: str, question: Question) -> dict[str, Any]:
    endpoint = access.fetch(Endpoint.objects.with_lineage(), actor_of(request), uid)
    prediction = predict(endpoint, csv=question.csv, instances=question.instances)
    return {
        "predictions": answer_fields(prediction),
        "latency_ms": round(prediction.latency_ms, 2),
        "variant": prediction.variant,
    }


@router.delete("/endpoints/{uid}", response={202: EndpointOut})
def delete_endpoint(request: HttpRequest, uid: str) -> Status[dict[str, Any]]:
    who = actor_of(request)
    endpoint = access.fetch(Endpoint.objects.with_lineage(), who, uid, role=Role.MEMBER)
    delete.request(access.in_workspace_of(who, endpoint), endpoint, timezone.now())
    nudge(advance_deletion, endpoint.pk)
    return Status(202, _fresh(endpoint))


def _fresh(endpoint: Endpoint) -> dict[str, Any]:
    row = Endpoint.objects.with_lineage().get(pk=endpoint.pk)
    return endpoint_fields(row, timezone.now())
