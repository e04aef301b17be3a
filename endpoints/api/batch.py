"""Batch predictions over REST."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Header, Schema, Status

from core import access
from core.access import Actor
from core.errors import InvalidFields
from core.http import TokenAuth, actor_of, csv_download, download, listed
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from datasets.models import Preparation
from endpoints import batch, batch_output, batch_run, batch_start, batch_upload
from endpoints.api.routing import router
from endpoints.columns import BATCH_COLUMNS
from endpoints.incoming import StreamBatch
from endpoints.models import BatchPrediction, Endpoint, RegisteredModel
from endpoints.tasks import run_batch

NUMBERS = ("concurrency", "instance_count")
TEXTS = ("name", "split", "endpoint", "model", "preparation", "instance_type")
PLAIN = (
    *("name", "status", "way", "failure_reason", "split", "source", "source_name"),
    *("has_truth", "rows_total", "rows_done", "concurrency", "instance_type", "output"),
    *("instance_count", "aws_name", "created_at", "started_at", "ended_at"),
)
MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        **{name: {"type": "string"} for name in TEXTS if name != "split"},
                        **{name: {"type": "integer"} for name in NUMBERS},
                        "has_truth": {"type": "boolean"},
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}


class NewBatch(Schema):
    """Through an `endpoint`, or with a `model` by a transform job.

    The rows are a `split` of the preparation (the model's own, unless one is named), or the object
    `source` in the workspace's bucket. With `has_truth` they carry the target, which is kept.
    """

    endpoint: str = ""
    model: str = ""
    preparation: str = ""
    split: str = ""
    source: str = ""
    has_truth: bool = False
    name: str = ""
    concurrency: int = 8
    instance_type: str = "ml.m5.large"
    instance_count: int = 1


class Batch(Schema):
    """`way` is endpoint or transform; `rows_total` None until the rows are counted.

    `output` is the key of the predictions, a Parquet file; `cost` in US dollars of a transform job.
    """

    id: str
    name: str
    status: str
    way: str
    failure_reason: str
    endpoint: str | None
    model: str | None
    preparation: str | None
    split: str
    source: str
    source_name: str
    has_truth: bool
    rows_total: int | None
    rows_done: int
    rows_a_second: float | None
    concurrency: int
    instance_type: str
    instance_count: int
    cost: float | None
    aws_name: str
    output: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class Batches(Schema):
    items: list[Batch]
    total: int
    page: int
    pages: int


def batch_fields(row: BatchPrediction) -> dict[str, Any]:
    now = timezone.now()
    pace = batch_output.Pace.of(row, now)
    return {
        "id": row.uid,
        **{name: getattr(row, name) for name in PLAIN},
        "endpoint": row.endpoint.uid if row.endpoint else None,
        "model": row.model.uid if row.model else None,
        "preparation": row.preparation.uid if row.preparation else None,
        "rows_a_second": pace.rows_a_second if pace else None,
        "cost": batch_output.cost(row, now),
    }


def _fetched(request: HttpRequest, uid: str, role: Role = Role.VIEWER) -> BatchPrediction:
    rows = BatchPrediction.objects.present().listed()
    return access.fetch(rows, actor_of(request), uid, role=role)


def _asked(who: Actor, wish: NewBatch) -> dict[str, Any]:
    """The rows that the wish names; NotFound for what is not there."""
    if bool(wish.endpoint) == bool(wish.model):
        raise InvalidFields({"endpoint": ["Name an endpoint, or a model, one of the two."]})
    found: dict[str, Any] = {"way": BatchPrediction.Way.ENDPOINT}
    if wish.endpoint:
        found["endpoint"] = access.fetch(
            Endpoint.objects.with_lineage(), who, wish.endpoint, role=Role.MEMBER
        )
        found["concurrency"] = wish.concurrency
    else:
        models = RegisteredModel.objects.select_related("job__preparation__dataset")
        found["model"] = access.fetch(models, who, wish.model, role=Role.MEMBER)
        found |= {"way": BatchPrediction.Way.TRANSFORM, "instance_type": wish.instance_type}
        found["instance_count"] = wish.instance_count
    if wish.preparation:
        rows = Preparation.objects.select_related("dataset")
        found["preparation"] = access.fetch(rows, who, wish.preparation)
    return found | {"split": wish.split, "has_truth": wish.has_truth, "name": wish.name}


def _answered(made: tuple[BatchPrediction, bool]) -> Status[dict[str, Any]]:
    row, is_new = made
    nudge(run_batch, row.pk)
    fresh = BatchPrediction.objects.listed().get(pk=row.pk)
    return Status(201 if is_new else 200, batch_fields(fresh))


@router.post("/batches", response={201: Batch, 200: Batch})
def create_batch(
    request: HttpRequest, wish: NewBatch, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    """Predict a split or an object in S3; a worker does it."""
    who = actor_of(request)
    who.need(Role.MEMBER)
    asked = _asked(who, wish)
    row = asked.get("endpoint") or asked.get("model")
    who = access.in_workspace_of(who, row) if row else who
    return _answered(batch_start.start(who, source=wish.source, key=idempotency_key, **asked))


@router.post(
    "/batches/uploads",
    response={201: Batch, 200: Batch},
    auth=TokenAuth(),  # a cookie's CSRF check would parse the body before it can be streamed
    openapi_extra=MULTIPART,
)
def upload_batch(request: HttpRequest, idempotency_key: Header[str] = "") -> Status[dict[str, Any]]:
    """Predict a file, streamed to S3 in the multipart field `file`; others as in a new batch."""
    who = actor_of(request)
    who.need(Role.MEMBER)
    handler = StreamBatch(who)
    request.upload_handlers = [handler]
    try:
        wish = _wish(request.POST.dict())
        draft = handler.received()
        if draft is None:
            raise InvalidFields({"file": ["Send it in the multipart field “file”."]})
        return _answered(
            batch_start.start(who, draft=draft, key=idempotency_key, **_asked(who, wish))
        )
    finally:
        handler.discard()  # leaves alone what became a batch


def _wish(fields: dict[str, Any]) -> NewBatch:
    found: dict[str, Any] = {name: str(fields[name]) for name in TEXTS if name in fields}
    for name in NUMBERS:
        if name in fields:
            if not str(fields[name]).isdecimal():
                raise InvalidFields({name: ["This is no number."]})
            found[name] = int(fields[name])
    found["has_truth"] = str(fields.get("has_truth", "")).lower() in ("1", "true", "on", "yes")
    return NewBatch(**found | {"split": ""})


@router.get("/batches", response=Batches)
def list_batches(
    request: HttpRequest,
    q: str = "",
    status: str = "",
    way: str = "",
    sort: str = "",
    page: str = "",
) -> dict[str, Any]:
    """Those that people started; evaluations keep theirs to themselves."""
    rows = BatchPrediction.objects.present().listed().filter(is_listed=True)
    rows = rows.of(actor_of(request).workspace)
    return listed(listing(rows, request.GET.dict(), BATCH_COLUMNS), batch_fields)


@router.get("/batches/{uid}", response=Batch)
def get_batch(request: HttpRequest, uid: str) -> dict[str, Any]:
    return batch_fields(_fetched(request, uid))


@router.post("/batches/{uid}/stop", response={202: Batch})
def stop_batch(request: HttpRequest, uid: str) -> Status[dict[str, Any]]:
    """End it; what is answered until then is kept and can be downloaded."""
    row = _fetched(request, uid, Role.MEMBER)
    batch.stop(access.in_workspace_of(actor_of(request), row), row)
    nudge(run_batch, row.pk)
    return Status(202, batch_fields(_fetched(request, uid)))


@router.get("/batches/{uid}/predictions.csv")
def download_csv(request: HttpRequest, uid: str) -> StreamingHttpResponse:
    """The predictions for a spreadsheet: classes by their names."""
    return csv_download(request, batch_output.as_csv(_fetched(request, uid)), f"{uid}.csv")


@router.get("/batches/{uid}/predictions.parquet")
def download_parquet(request: HttpRequest, uid: str) -> StreamingHttpResponse:
    """The predictions as they are kept: classes by their codes."""
    chunks = batch_output.as_parquet(_fetched(request, uid))
    return download(request, chunks, f"{uid}.parquet", batch_run.PARQUET)


@router.delete("/batches/{uid}", response={202: Batch})
def delete_batch(request: HttpRequest, uid: str) -> Status[dict[str, Any]]:
    """Take a finished batch away, with its files below batches/ in the bucket."""
    row = _fetched(request, uid, Role.MEMBER)
    batch_upload.delete(access.in_workspace_of(actor_of(request), row), row)
    return Status(202, batch_fields(row))
