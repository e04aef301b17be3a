"""Recipes over rows: create, look, delete."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Router, Schema, Status

from core import access, idempotency
from core.http import actor_of, listed
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from datasets import delete, prepare
from datasets.api.schemas import Deleting, Page
from datasets.forms import PREPARATION_COLUMNS
from datasets.models import Dataset, Preparation
from datasets.tasks import delete_channels, prepare_channels

router = Router(tags=["datasets"])


class NewPreparation(Schema):
    """Splits are fractions that sum to 1 or percentages that sum to 100."""

    target: str
    algorithm: str = "xgboost"
    train: float = 0.7
    validation: float = 0.2
    test: float = 0.1
    seed: int = 0
    stratify: bool = True


class PreparationDetail(Schema):
    """`channels` maps a split to uri, rows, bytes, content_type, counts; `labels[code]` a name."""

    id: str
    name: str
    dataset: str
    status: str
    failure_reason: str
    target: str
    algorithm: str
    train: float
    validation: float
    test: float
    seed: int
    stratify: bool
    task: str
    features: list[str]
    labels: list[str]
    channels: dict[str, dict[str, Any]]
    created_at: datetime


class PreparationPage(Page):
    items: list[PreparationDetail]


@router.post(
    "/datasets/{uid}/preparations", response={201: PreparationDetail, 200: PreparationDetail}
)
def create_preparation(
    request: HttpRequest,
    uid: str,
    wish: NewPreparation,
    idempotency_key: Header[str] = "",
) -> Status[dict[str, Any]]:
    who = actor_of(request)
    dataset = access.fetch(Dataset.objects.all(), who, uid, role=Role.MEMBER)
    who = access.in_workspace_of(who, dataset)
    row, made = idempotency.once(
        who,
        idempotency_key,
        Preparation,
        lambda: prepare.request(who, dataset, **wish.model_dump()),
        content=f"{uid}\n{wish.model_dump_json()}",
    )
    nudge(prepare_channels, row.pk)
    return Status(201 if made else 200, preparation_detail(row))


@router.get("/datasets/{uid}/preparations", response=PreparationPage)
def list_preparations_of_dataset(request: HttpRequest, uid: str) -> dict[str, Any]:
    dataset = access.fetch(Dataset.objects.all(), actor_of(request), uid)
    rows = Preparation.objects.present().filter(dataset=dataset).listed()
    return listed(listing(rows, request.GET, PREPARATION_COLUMNS), preparation_detail)


@router.get("/preparations", response=PreparationPage)
def list_preparations(request: HttpRequest) -> dict[str, Any]:
    rows = Preparation.objects.present().of(actor_of(request).workspace).listed()
    return listed(listing(rows, request.GET, PREPARATION_COLUMNS), preparation_detail)


@router.get("/preparations/{uid}", response=PreparationDetail)
def get_preparation(request: HttpRequest, uid: str) -> dict[str, Any]:
    return preparation_detail(access.fetch(_preparations(), actor_of(request), uid))


@router.delete("/preparations/{uid}", response={202: Deleting})
def delete_preparation(request: HttpRequest, uid: str) -> Status[dict[str, str]]:
    who = actor_of(request)
    row = access.fetch(_preparations(), who, uid, role=Role.MEMBER)
    delete.request(access.in_workspace_of(who, row), row, now=timezone.now())
    nudge(delete_channels, row.pk)
    return Status(202, {"id": row.uid})


def _preparations() -> Any:
    return Preparation.objects.select_related("dataset")


def preparation_detail(row: Preparation) -> dict[str, Any]:
    fields = ("name", "status", "failure_reason", "target", "algorithm", "train", "validation")
    more = ("test", "seed", "stratify", "task", "features", "labels", "channels", "created_at")
    facts = {field: getattr(row, field) for field in fields + more}
    return {"id": row.uid, "dataset": row.dataset.uid} | facts
