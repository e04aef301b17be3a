from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Header, Schema, Status

from core.access import fetch, in_workspace_of
from core.http import actor_of, listed
from core.idempotency import once
from core.listing import Columns, listing
from core.models import Role
from core.nudge import nudge
from datasets.models import Preparation
from endpoints.models import Endpoint
from results import evaluate
from results.api.routing import router
from results.models import Evaluation
from results.tasks import run_evaluation

EVALUATIONS = Columns(
    search=("name", "endpoint__name"),
    sorts={"created": "created_at", "name": "name", "status": "status", "rows": "rows"},
    exact=("status", "split"),
)


class EvaluationIn(Schema):
    endpoint: str
    preparation: str = ""
    split: str = "test"


class EvaluationOut(Schema):
    id: str
    name: str
    status: str
    endpoint: str
    preparation: str
    split: str
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


class EvaluationList(Schema):
    items: list[EvaluationOut]
    total: int
    page: int
    pages: int


def summary(row: Evaluation) -> dict[str, Any]:
    return {
        "id": row.uid,
        "endpoint": row.endpoint.uid if row.endpoint else "",
        "preparation": row.preparation.uid,
        "labels": [str(label) for label in row.labels],
        **{name: getattr(row, name) for name in ("name", "status", "split", "rows", "rows_done")},
        **{name: getattr(row, name) for name in ("progress", "seconds", "metrics")},
        **{name: getattr(row, name) for name in ("failure_reason", "created_at")},
    }


def detail(row: Evaluation) -> dict[str, Any]:
    return summary(row) | {"confusion": row.confusion}


@router.post("/evaluations", response={201: EvaluationDetail})
def create_evaluation(
    request: HttpRequest,
    wish: EvaluationIn,
    idempotency_key: Header[str] = "",
) -> Status[dict[str, Any]]:
    """Compare an endpoint's answers with the labels of a split (train, validation or test).

    Without `preparation`, the one that the endpoint's model was trained on.
    """
    who = actor_of(request)
    endpoint = fetch(Endpoint.objects.all(), who, wish.endpoint, role=Role.MEMBER)
    who = in_workspace_of(who, endpoint)
    preparation = (
        fetch(Preparation.objects.all(), who, wish.preparation) if wish.preparation else None
    )

    def make() -> Evaluation:
        return evaluate.request(who, endpoint=endpoint, preparation=preparation, split=wish.split)

    row, _ = once(who, idempotency_key, Evaluation, make, content=wish.model_dump_json())
    nudge(run_evaluation, row.pk)
    return Status(201, detail(row))


@router.get("/evaluations", response=EvaluationList)
def list_evaluations(request: HttpRequest) -> dict[str, Any]:
    rows = Evaluation.objects.present().of(actor_of(request).workspace)
    rows = rows.select_related("endpoint", "preparation").defer("confusion")
    return listed(listing(rows, request.GET.dict(), EVALUATIONS), summary)


@router.get("/evaluations/{uid}", response=EvaluationDetail)
def get_evaluation(request: HttpRequest, uid: str) -> dict[str, Any]:
    """`confusion` is [actual][predicted] in the order of `labels`; empty for numbers."""
    rows = Evaluation.objects.select_related("endpoint", "preparation")
    return detail(fetch(rows, actor_of(request), uid))
