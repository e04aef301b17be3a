from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Header, Schema, Status
from pydantic import ValidationError

from core.access import Actor, fetch, in_workspace_of
from core.errors import InvalidFields
from core.http import TokenAuth, actor_of, listed
from core.listing import Columns, listing
from core.models import Role
from core.nudge import nudge
from datasets.models import Preparation
from endpoints.incoming import StreamBatch
from endpoints.models import BatchPrediction, Endpoint, RegisteredModel
from results import evaluate
from results.api.routing import router
from results.models import Evaluation
from results.models.evaluations import EvaluationQuerySet
from results.tasks import run_evaluation

EVALUATIONS = Columns(
    search=("name", "endpoint__name"),
    sorts={"created": "created_at", "name": "name", "status": "status", "rows": "rows"},
    exact=("status", "split", "group"),
)
MOST_AT_ONCE = 20
UPLOAD = {
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "endpoint": {"type": "string"},
                    "endpoints": {"type": "array", "items": {"type": "string"}},
                    "model": {"type": "string"},
                    "preparation": {"type": "string"},
                    "known": {"type": "string"},
                    "instance_type": {"type": "string"},
                    "instance_count": {"type": "integer"},
                },
            }
        }
    }
}


class EvaluationIn(Schema):
    """What is asked: `endpoint`, several `endpoints` of the same rows, or `model`.

    A model's rows go through a batch transform job on `instance_count` × `instance_type`. `known`
    names the column that tells what is true where a model learned without.
    """

    endpoint: str = ""
    endpoints: list[str] = []
    model: str = ""
    preparation: str = ""
    split: str = "test"
    known: str = ""
    instance_type: str = ""
    instance_count: int = 1


class EvaluationOut(Schema):
    id: str
    name: str
    status: str
    endpoint: str
    model: str
    preparation: str
    split: str
    source_name: str
    group: str
    rows: int | None
    rows_done: int
    progress: float
    seconds: float | None
    metrics: dict[str, float | None]
    labels: list[str]
    failure_reason: str
    created_at: datetime


class EvaluationDetail(EvaluationOut):
    confusion: list[list[int]]
    outcome: dict[str, Any]


class EvaluationList(Schema):
    items: list[EvaluationOut]
    total: int
    page: int
    pages: int


def summary(row: Evaluation) -> dict[str, Any]:
    return {
        "id": row.uid,
        "endpoint": row.endpoint.uid if row.endpoint else "",
        "model": row.model.uid if row.model else "",
        "rows": row.total,
        "rows_done": row.done,
        "preparation": row.preparation.uid,
        "labels": [str(label) for label in row.labels],
        **{name: getattr(row, name) for name in ("name", "status", "split", "group")},
        **{name: getattr(row, name) for name in ("progress", "seconds", "metrics")},
        **{name: getattr(row, name) for name in ("failure_reason", "created_at", "source_name")},
    }


def detail(row: Evaluation) -> dict[str, Any]:
    return summary(row) | {"confusion": row.confusion, "outcome": row.outcome}


@router.post("/evaluations", response={201: EvaluationDetail})
def create_evaluation(
    request: HttpRequest,
    wish: EvaluationIn,
    idempotency_key: Header[str] = "",
) -> Status[dict[str, Any]]:
    """Compare a model's answers with the labels of a split (train, validation or test).

    Without `preparation`, the one that the model was trained on. Of several endpoints the answer is
    the first one's evaluation; the others have the same `group`.
    """
    return _begun(actor_of(request), wish, idempotency_key, None)


@router.post(
    "/evaluations/uploads",
    response={201: EvaluationDetail},
    auth=TokenAuth(),  # a cookie's CSRF check would parse the body before it can be streamed
    openapi_extra={"requestBody": UPLOAD},
)
def upload_evaluation(
    request: HttpRequest, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    """Compare with a file that has the answers, in the multipart field `file`: CSV with the
    dataset's columns, the target among them. Other fields as in a new evaluation.
    """
    who = actor_of(request)
    who.need(Role.MEMBER)
    handler = StreamBatch(who)
    request.upload_handlers = [handler]
    try:
        given = request.POST.dict() | {"endpoints": request.POST.getlist("endpoints")}
        if (draft := handler.received()) is None:
            raise InvalidFields({"file": ["Send it in the multipart field “file”."]})
        try:
            wish = EvaluationIn.model_validate(given)
        except ValidationError as problem:
            raise InvalidFields(
                {str(one["loc"][-1]): [one["msg"]] for one in problem.errors()}
            ) from problem
        return _begun(who, wish, idempotency_key, draft)
    finally:
        handler.discard()  # leaves alone what is evaluated


def _begun(
    who: Actor, wish: EvaluationIn, key: str, draft: BatchPrediction | None
) -> Status[dict[str, Any]]:
    subjects = _subjects(who, wish)
    who = in_workspace_of(who, subjects[0])
    rest: dict[str, Any] = {"split": wish.split, "known_by": wish.known}
    if wish.preparation:
        rest["preparation"] = fetch(Preparation.objects.all(), who, wish.preparation)
    endpoints = [one for one in subjects if isinstance(one, Endpoint)]
    if not endpoints and isinstance(subjects[0], RegisteredModel):
        rest |= {"model": subjects[0], "instance_type": wish.instance_type}
        rest |= {"instance_count": wish.instance_count}
    row = evaluate.once_asked(who, endpoints, key=key, draft=draft, **rest)
    for one in evaluate.together(row):
        nudge(run_evaluation, one.pk)
    return Status(201, detail(row))


def _subjects(who: Actor, wish: EvaluationIn) -> Sequence[Endpoint | RegisteredModel]:
    """What is asked, each once; InvalidFields unless endpoints or a model."""
    uids = list(dict.fromkeys(filter(None, [wish.endpoint, *wish.endpoints])))
    if bool(uids) == bool(wish.model):
        raise InvalidFields({"endpoint": ["Name an endpoint, or a model."]})
    if len(uids) > MOST_AT_ONCE:
        raise InvalidFields({"endpoints": [f"At most {MOST_AT_ONCE} at once."]})
    if wish.model:
        models = RegisteredModel.objects.select_related("job__preparation__dataset")
        return [fetch(models, who, wish.model, role=Role.MEMBER)]
    endpoints = Endpoint.objects.select_related("model__job__preparation__dataset")
    return [fetch(endpoints, who, uid, role=Role.MEMBER) for uid in uids]


@router.post("/evaluations/{uid}/stop", response={202: EvaluationDetail})
def stop_evaluation(request: HttpRequest, uid: str) -> Status[dict[str, Any]]:
    """No further row is asked about; a Conflict once it is over."""
    who = actor_of(request)
    row = fetch(_rows(), who, uid, role=Role.MEMBER)
    evaluate.stop(in_workspace_of(who, row), row)
    return Status(202, detail(row))


def _rows() -> EvaluationQuerySet:
    return Evaluation.objects.select_related("endpoint", "model", "preparation", "batch")


@router.get("/evaluations", response=EvaluationList)
def list_evaluations(request: HttpRequest) -> dict[str, Any]:
    rows = Evaluation.objects.present().of(actor_of(request).workspace)
    rows = rows.select_related("endpoint", "model", "preparation", "batch").light()
    return listed(listing(rows, request.GET.dict(), EVALUATIONS), summary)


@router.get("/evaluations/{uid}", response=EvaluationDetail)
def get_evaluation(request: HttpRequest, uid: str) -> dict[str, Any]:
    """`confusion` is [actual][predicted] in the order of `labels`; empty for numbers."""
    return detail(fetch(_rows(), actor_of(request), uid))
