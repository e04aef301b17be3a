"""Files as rows: upload, samples, look, delete."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, PatchDict, Query, Router, Schema, Status

from core import access
from core.http import TokenAuth, actor_of, listed
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from datasets import delete, dialects, imports, samples, upload, versions
from datasets.api.schemas import Deleting, Page
from datasets.forms import DATASET_COLUMNS
from datasets.incoming import StreamToS3
from datasets.models import Dataset
from datasets.tasks import delete_objects, import_dataset, profile_dataset

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
                        "version_of": {"type": "string"},
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
    family: str
    version: int
    versions: int
    created_at: datetime


class DatasetDetail(DatasetSummary):
    """`same_as` is the id of an earlier dataset with the same bytes.

    `source` is where it was imported from, `insights` what was noticed beyond single columns.
    """

    sha256: str
    format: str
    delimiter: str
    quote: str
    encoding: str
    has_header: bool
    columns: list[dict[str, Any]]
    preview: dict[str, Any]
    insights: dict[str, Any]
    same_as: str | None
    source: str


class SampleChoice(Schema):
    sample: str


class SampleDetail(SampleChoice):
    title: str
    about: str
    task: str
    target: str


class NewImport(Schema):
    """With `version_of`, the id of a dataset, it becomes the next version of that."""

    source: str
    name: str = ""
    version_of: str = ""


class ImportDetail(DatasetDetail):
    files: int
    skipped: list[str]


class Reading(Schema):
    delimiter: str
    quote: str
    encoding: str
    has_header: bool


class HeadWish(Schema):
    delimiter: str | None = None
    quote: str | None = None
    encoding: str | None = None
    has_header: bool | None = None


class Head(Schema):
    """`problem` says why there are no rows."""

    columns: list[str]
    rows: list[list[str]]
    problem: str


class DatasetPage(Page):
    items: list[DatasetSummary]


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
    also .gz, or .zip with one of them inside. With `version_of`, the id of a dataset, it becomes
    the next version of that.
    """
    who = actor_of(request)
    who.need(Role.MEMBER)
    versions.continued(who.workspace, request.GET.get("version_of", ""))
    handler = StreamToS3(who)
    request.upload_handlers = [handler]
    try:
        fields = {**request.GET.dict(), **request.POST.dict()}
        about = {name: fields.get(name, "") for name in ("name", "version_of")}
        row, made = upload.accept(who, handler.received(), **about, key=idempotency_key)
    except BaseException:
        handler.discard()
        raise
    nudge(profile_dataset, row.pk)
    return Status(201 if made else 200, detail(row))


@router.get("/datasets/samples", response=list[SampleDetail])
def list_samples(request: HttpRequest) -> list[dict[str, str]]:
    """Real data sets that need no network, each with the column to predict."""
    return [{"sample": name} | asdict(about) for name, about in samples.SAMPLES.items()]


@router.post("/datasets/samples", response={201: DatasetDetail})
def create_sample(request: HttpRequest, wish: SampleChoice) -> Status[dict[str, Any]]:
    """A bundled real data set as a dataset: one of `GET /datasets/samples`."""
    who = actor_of(request)
    who.need(Role.MEMBER)
    row = samples.create(who, who.workspace, wish.sample)
    nudge(profile_dataset, row.pk)
    return Status(201, detail(row))


@router.post("/datasets/imports", response={201: ImportDetail, 200: ImportDetail})
def create_import(
    request: HttpRequest, wish: NewImport, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    """Import the file or all files of the folder at an s3:// address, as one table.

    From the workspace's own bucket and those that its admins allow. A worker has S3 copy them;
    what lies there and cannot be rows is passed over and listed in `skipped`.
    """
    who = actor_of(request)
    who.need(Role.MEMBER)
    found = imports.plan(who.workspace, wish.source)
    about = {"name": wish.name, "version_of": wish.version_of}
    row, made = imports.accept(who, found, **about, key=idempotency_key)
    nudge(import_dataset, row.pk)
    facts = {"files": len(found.files), "skipped": found.skipped}
    return Status(201 if made else 200, detail(row) | facts)


@router.get("/datasets", response=DatasetPage)
def list_datasets(request: HttpRequest) -> dict[str, Any]:
    """The newest version of each dataset; every version with `versions=all` or `family=`."""
    rows = Dataset.objects.present().of(actor_of(request).workspace).listed()
    rows = versions.counted(versions.narrowed(rows, request.GET.dict()))
    return listed(listing(rows, request.GET, DATASET_COLUMNS), summary)


@router.get("/datasets/{uid}", response=DatasetDetail)
def get_dataset(request: HttpRequest, uid: str) -> dict[str, Any]:
    rows = versions.counted(Dataset.objects.all())
    return detail(access.fetch(rows, actor_of(request), uid))


@router.patch("/datasets/{uid}", response={202: DatasetDetail})
def change_reading(
    request: HttpRequest, uid: str, wish: PatchDict[Reading]
) -> Status[dict[str, Any]]:
    """Read the file in another way: its rows are looked at anew, nothing in S3 changes.

    For a text dataset that is Ready or Failed and from which nothing has been made. `delimiter` may
    also be `tab` or `space`; `quote` is a double or single quote, or empty for none.
    """
    who = actor_of(request)
    row = access.fetch(Dataset.objects.all(), who, uid, role=Role.MEMBER)
    dialects.change(access.in_workspace_of(who, row), row, wish, now=timezone.now())
    nudge(profile_dataset, row.pk)
    return Status(202, detail(row))


@router.get("/datasets/{uid}/head", response=Head)
def get_head(request: HttpRequest, uid: str, wish: Query[HeadWish]) -> dict[str, Any]:
    """The first rows of the file, read as it is or in another way; nothing is changed."""
    row = access.fetch(Dataset.objects.all(), actor_of(request), uid)
    seen = dialects.see(row, dialects.check(row, wish.model_dump(exclude_none=True)))
    return {"columns": seen.names, "rows": seen.rows, "problem": str(seen.problem or "")}


@router.delete("/datasets/{uid}", response={202: Deleting})
def delete_dataset(request: HttpRequest, uid: str) -> Status[dict[str, str]]:
    who = actor_of(request)
    row = access.fetch(Dataset.objects.all(), who, uid, role=Role.MEMBER)
    delete.request(access.in_workspace_of(who, row), row, now=timezone.now())
    nudge(delete_objects, row.pk)
    return Status(202, {"id": row.uid})


def summary(row: Dataset) -> dict[str, Any]:
    fields = ("name", "status", "filename", "bytes", "rows", "progress", "failure_reason")
    facts = {field: getattr(row, field) for field in (*fields, "version", "created_at")}
    family = {"family": versions.family_of(row), "versions": versions.count(row)}
    return {"id": row.uid} | facts | family


def detail(row: Dataset) -> dict[str, Any]:
    same = upload.same_file(row)
    fields = ("sha256", "format", "delimiter", "quote", "encoding", "has_header", "source")
    facts = {field: getattr(row, field) for field in (*fields, "columns", "preview", "insights")}
    return summary(row) | facts | {"same_as": same.uid if same else None}
