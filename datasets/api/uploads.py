"""Uploads in parts: begin, send the parts in any order and again after a cut, complete."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Header, Router, Schema, Status
from pydantic import Base64Bytes

from core import access
from core.http import actor_of
from core.models import Role
from core.nudge import nudge
from datasets import pieces, resumable
from datasets.api.datasets import DatasetDetail, detail
from datasets.api.schemas import Deleting
from datasets.models import Dataset
from datasets.tasks import profile_dataset

router = Router(tags=["uploads"])
PART = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
    "parameters": [
        {
            "name": name,
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": "Checked when it is sent.",
        }
        for name in ("Content-MD5", "Content-Digest")
    ],
}


class NewUpload(Schema):
    """The file that is to come.

    `fingerprint`: any text by which the same file is known again; with it an unfinished upload of
    yours goes on. `head`: its first 2 MB (all of a smaller file) in base64: what cannot be used is
    refused at once. `version_of`: the id of the dataset that it is the next version of.
    """

    filename: str
    bytes: int
    name: str = ""
    fingerprint: str = Field("", max_length=512)
    head: Base64Bytes | None = None
    version_of: str = ""


class UploadDetail(Schema):
    """`id` is the dataset's. `parts` are the numbers of those that are there, `sent` their bytes.

    All parts have `part_bytes` bytes, the last what is left. `expires_at`: without another part
    the upload is given up then.
    """

    id: str
    status: str
    name: str
    filename: str
    bytes: int
    part_bytes: int
    part_count: int
    parts: list[int]
    sent: int
    expires_at: datetime


class Begun(UploadDetail):
    """`direct`: pages of this origin may send the parts to S3 itself, by links."""

    direct: bool


class PartLink(Schema):
    """PUT the part's bytes to `url` before `expires_at`, without any header of ours."""

    url: str
    expires_at: datetime


@router.post("/uploads", response={201: Begun, 200: Begun})
def begin_upload(
    request: HttpRequest, wish: NewUpload, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    """Begin an upload in parts, or go on with your unfinished one of the same file (200)."""
    who = actor_of(request)
    given = wish.model_dump(exclude={"bytes", "head"})  # a dump encodes the head again
    file = resumable.Announced(size=wish.bytes, head=wish.head, **given)
    found, made = resumable.begin(who, file, now=timezone.now(), key=idempotency_key)
    origin = f"{request.scheme}://{request.get_host()}"
    direct = resumable.goes_straight(who.workspace, origin)
    return Status(201 if made else 200, shown(found) | {"direct": direct})


@router.get("/uploads/{uid}", response=UploadDetail)
def get_upload(request: HttpRequest, uid: str) -> dict[str, Any]:
    """Which parts are there, as S3 says."""
    row = access.fetch(Dataset.objects.all(), actor_of(request), uid)
    return shown(resumable.progress(row))


@router.put("/uploads/{uid}/parts/{number}", response={204: None}, openapi_extra=PART)
def put_part(request: HttpRequest, uid: str, number: int) -> Status[None]:
    """Send a part: its bytes are the body. Sent again, it replaces the first."""
    row = _mine(request, uid)
    resumable.receive(row, number, request.read, headers=request.headers, now=timezone.now())
    return Status(204, None)


@router.post("/uploads/{uid}/parts/{number}/link", response=PartLink)
def link_part(request: HttpRequest, uid: str, number: int) -> dict[str, Any]:
    """A link to send a part to S3 itself instead of through the console."""
    now = timezone.now()
    url = resumable.link(_mine(request, uid), number, now=now)
    return {"url": url, "expires_at": now + resumable.LINK_LASTS}


@router.post("/uploads/{uid}/complete", response=DatasetDetail)
def complete_upload(request: HttpRequest, uid: str) -> dict[str, Any]:
    """Make a dataset of the parts; 409 names those that are missing."""
    row = _mine(request, uid)
    who = access.in_workspace_of(actor_of(request), row)
    row = resumable.complete(who, row, now=timezone.now())
    nudge(profile_dataset, row.pk)
    return detail(row)


@router.delete("/uploads/{uid}", response={202: Deleting})
def cancel_upload(request: HttpRequest, uid: str) -> Status[dict[str, str]]:
    """Give an unfinished upload up, with all its parts."""
    row = _mine(request, uid)
    resumable.cancel(access.in_workspace_of(actor_of(request), row), row, now=timezone.now())
    return Status(202, {"id": row.uid})


def _mine(request: HttpRequest, uid: str) -> Dataset:
    return access.fetch(Dataset.objects.all(), actor_of(request), uid, role=Role.MEMBER)


def shown(found: pieces.Progress) -> dict[str, Any]:
    row = found.dataset
    fields = ("status", "name", "filename", "bytes", "part_bytes")
    return {field: getattr(row, field) for field in fields} | {
        "id": row.uid,
        "part_count": pieces.count(row),
        "parts": [part.number for part in found.there],
        "sent": found.sent,
        "expires_at": row.next_check_at,
    }
