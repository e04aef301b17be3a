from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Header, Router, Schema, Status

from core.access import fetch, in_workspace_of
from core.http import actor_of, listed
from core.idempotency import once
from core.listing import Columns, listing
from core.models import Role
from core.nudge import nudge
from datasets.models import Preparation
from endpoints.models import Endpoint
from results import evaluate, share
from results.models import Evaluation, Share
from results.tasks import run_evaluation

router = Router(tags=["results"])

EVALUATIONS = Columns(
    search=("name", "endpoint__name"),
    sorts={"created": "created_at", "name": "name", "status": "status", "rows": "rows"},
    exact=("status", "split"),
)
SHARES = Columns(
    search=("name",),
    sorts={"created": "created_at", "name": "name", "views": "views", "expires": "expires_at"},
    exact=(),
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


class ShareIn(Schema):
    evaluation: str
    expires_in_days: int = 30
    password: str = ""
    title: str = ""


class ShareCreated(Schema):
    id: str
    url: str
    expires_at: datetime


class ShareOut(Schema):
    id: str
    title: str
    evaluation: str
    expires_at: datetime
    revoked_at: datetime | None
    has_password: bool
    views: int
    last_viewed_at: datetime | None
    created_at: datetime


class ShareList(Schema):
    items: list[ShareOut]
    total: int
    page: int
    pages: int


class ShareRevoked(Schema):
    id: str
    revoked_at: datetime | None


def summary(row: Evaluation) -> dict[str, Any]:
    return {
        "id": row.uid,
        "endpoint": row.endpoint.uid,
        "preparation": row.preparation.uid,
        "labels": [str(label) for label in row.labels],
        **{name: getattr(row, name) for name in ("name", "status", "split", "rows", "rows_done")},
        **{name: getattr(row, name) for name in ("progress", "seconds", "metrics")},
        **{name: getattr(row, name) for name in ("failure_reason", "created_at")},
    }


def detail(row: Evaluation) -> dict[str, Any]:
    return summary(row) | {"confusion": row.confusion}


def terms(row: Share) -> dict[str, Any]:
    fields = ("expires_at", "revoked_at", "views", "last_viewed_at", "created_at")
    return {
        "id": row.uid,
        "title": row.name,
        "evaluation": row.evaluation.uid,
        "has_password": bool(row.password),
        **{name: getattr(row, name) for name in fields},
    }


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


@router.post("/shares", response={201: ShareCreated})
def create_share(
    request: HttpRequest,
    wish: ShareIn,
    idempotency_key: Header[str] = "",
) -> Status[dict[str, Any]]:
    """A link that shows a frozen copy of the result; its `url` is told only here."""
    who = actor_of(request)
    evaluation = fetch(Evaluation.objects.all(), who, wish.evaluation, role=Role.MEMBER)
    row, token = share.create(
        in_workspace_of(who, evaluation),
        evaluation,
        expires_in_days=wish.expires_in_days,
        password=wish.password,
        title=wish.title,
        key=idempotency_key,
    )
    url = request.build_absolute_uri(reverse("public:shared", args=[token]))
    return Status(201, {"id": row.uid, "url": url, "expires_at": row.expires_at})


@router.get("/shares", response=ShareList)
def list_shares(request: HttpRequest) -> dict[str, Any]:
    rows = Share.objects.present().of(actor_of(request).workspace).defer("snapshot")
    return listed(listing(rows.select_related("evaluation"), request.GET.dict(), SHARES), terms)


@router.delete("/shares/{uid}", response={202: ShareRevoked})
def delete_share(request: HttpRequest, uid: str) -> Status[dict[str, Any]]:
    """The link stops working at once, for good."""
    who = actor_of(request)
    row = fetch(Share.objects.defer("snapshot"), who, uid, role=Role.MEMBER)
    with transaction.atomic():
        share.revoke(in_workspace_of(who, row), row, now=timezone.now())
    row.refresh_from_db(fields=["revoked_at"])
    return Status(202, {"id": row.uid, "revoked_at": row.revoked_at})
