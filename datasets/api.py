"""Datasets and preparations over REST: the same steps as the pages."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Router, Schema, Status

from core import access, idempotency
from core.http import TokenAuth, actor_of, listed
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from datasets import delete, prepare, samples, upload
from datasets.forms import DATASET_COLUMNS, PREPARATION_COLUMNS
from datasets.incoming import StreamToS3
from datasets.models import Dataset, Preparation
from datasets.tasks import delete_channels, delete_objects, prepare_channels, profile_dataset

router = Router(tags=["datasets"])
MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "name": {"type": "string", "maxLength": 120},
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}


class DatasetSummary(Schema):
    id: str
    name: str
    status: str
    filename: str
    bytes: int
    rows: int | None
    progress: int
    failure_reason: str
    created_at: datetime


class DatasetDetail(DatasetSummary):
    """`same_as` is the id of an earlier dataset with the same bytes."""

    sha256: str
    format: str
    delimiter: str
    encoding: str
    has_header: bool
    columns: list[dict[str, Any]]
    preview: dict[str, Any]
    same_as: str | None


class SampleChoice(Schema):
    sample: str


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


class Deleting(Schema):
    id: str
    status: str = "Deleting"


class Page(Schema):
    total: int
    page: int
    pages: int


class DatasetPage(Page):
    items: list[DatasetSummary]


class PreparationPage(Page):
    items: list[PreparationDetail]


@router.post(
    "/datasets",
    response={201: DatasetDetail, 200: DatasetDetail},
    auth=TokenAuth(),  # a cookie's CSRF check would parse the body before it can be streamed
    openapi_extra=MULTIPART,
)
def create_dataset(
    request: HttpRequest, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    """Upload a table, streamed to S3 in the multipart field `file`.

    CSV, TSV, Parquet, JSON lines, libsvm, NPZ or NPY, IDX, RecordIO-protobuf or text with labels;
    also .gz, or .zip with one of them inside.
    """
    who = actor_of(request)
    who.need(Role.MEMBER)
    handler = StreamToS3(who)
    request.upload_handlers = [handler]
    try:
        name = request.POST.get("name", "")
        row, made = upload.accept(who, handler.received(), name=name, key=idempotency_key)
    except BaseException:
        handler.discard()
        raise
    nudge(profile_dataset, row.pk)
    return Status(201 if made else 200, detail(row))


@router.post("/datasets/samples", response={201: DatasetDetail})
def create_sample(request: HttpRequest, wish: SampleChoice) -> Status[dict[str, Any]]:
    """A bundled real data set as a dataset: breast-cancer or wine."""
    who = actor_of(request)
    who.need(Role.MEMBER)
    row = samples.create(who, who.workspace, wish.sample)
    nudge(profile_dataset, row.pk)
    return Status(201, detail(row))


@router.get("/datasets", response=DatasetPage)
def list_datasets(request: HttpRequest) -> dict[str, Any]:
    rows = Dataset.objects.present().of(actor_of(request).workspace).listed()
    return listed(listing(rows, request.GET, DATASET_COLUMNS), summary)


@router.get("/datasets/{uid}", response=DatasetDetail)
def get_dataset(request: HttpRequest, uid: str) -> dict[str, Any]:
    return detail(access.fetch(Dataset.objects.all(), actor_of(request), uid))


@router.delete("/datasets/{uid}", response={202: Deleting})
def delete_dataset(request: HttpRequest, uid: str) -> Status[dict[str, str]]:
    who = actor_of(request)
    row = access.fetch(Dataset.objects.all(), who, uid, role=Role.MEMBER)
    delete.request(access.in_workspace_of(who, row), row, now=timezone.now())
    nudge(delete_objects, row.pk)
    return Status(202, {"id": row.uid})


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


def summary(row: Dataset) -> dict[str, Any]:
    fields = ("name", "status", "filename", "bytes", "rows", "progress", "failure_reason")
    return {"id": row.uid, "created_at": row.created_at} | {f: getattr(row, f) for f in fields}


def detail(row: Dataset) -> dict[str, Any]:
    same = upload.same_file(row)
    fields = ("sha256", "format", "delimiter", "encoding", "has_header", "columns", "preview")
    facts = {field: getattr(row, field) for field in fields}
    return summary(row) | facts | {"same_as": same.uid if same else None}


def preparation_detail(row: Preparation) -> dict[str, Any]:
    fields = ("name", "status", "failure_reason", "target", "algorithm", "train", "validation")
    more = ("test", "seed", "stratify", "task", "features", "labels", "channels", "created_at")
    facts = {field: getattr(row, field) for field in fields + more}
    return {"id": row.uid, "dataset": row.dataset.uid} | facts
