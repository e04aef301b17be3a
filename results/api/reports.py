"""Reports over REST: what their blocks hold, and what they show."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Schema, Status
from pydantic import Field

from core.access import fetch, in_workspace_of
from core.http import actor_of, listed
from core.listing import Columns, listing
from core.models import Role
from results import reports
from results.api.routing import router
from results.gather import gather
from results.models import Report

REPORTS = Columns(
    search=("name",),
    sorts={"changed": "updated_at", "created": "created_at", "name": "name"},
    default="-changed",
    exact=(),
)


class BlockIn(Schema):
    """Which fields count depends on `kind`: text, metric, matrix, curve, table, images, comparison.

    `text` is Markdown. `view` (matrix): counts, row or column. `figure` (curve): roc, pr, ….
    `of` (table): classes, slices or mistakes. `actual` and `predicted` (images): class codes.
    """

    id: str = ""
    kind: str
    heading: str = ""
    text: str = ""
    evaluation: str = ""
    view: str = ""
    figure: str = ""
    of: str = ""
    actual: int = 0
    predicted: int = 0
    evaluations: list[str] = Field(default_factory=list)
    names: list[str] = Field(default_factory=list)


class ReportIn(Schema):
    """Without `blocks`: those that suit the evaluations, a summary in words first."""

    title: str = ""
    evaluations: list[str] = Field(default_factory=list)
    blocks: list[BlockIn] | None = None


class ReportChange(Schema):
    """`revision` is the one that the writer read: of a newer one the answer is 409."""

    title: str
    blocks: list[BlockIn]
    revision: int


class Revision(Schema):
    revision: int


class ReportCopy(Schema):
    title: str = ""


class ReportOut(Schema):
    id: str
    title: str
    revision: int
    frozen_at: datetime | None
    updated_at: datetime
    created_at: datetime


class ReportDetail(ReportOut):
    """`blocks` is what the author wrote, `shown` what a reader sees of it."""

    blocks: list[dict[str, Any]]
    shown: list[dict[str, Any]]


class ReportList(Schema):
    items: list[ReportOut]
    total: int
    page: int
    pages: int


class ReportDeleted(Schema):
    id: str


def summary(row: Report) -> dict[str, Any]:
    fields = ("revision", "frozen_at", "updated_at", "created_at")
    return {"id": row.uid, "title": row.name} | {name: getattr(row, name) for name in fields}


def detail(row: Report) -> dict[str, Any]:
    return summary(row) | {"blocks": row.blocks, "shown": reports.shown(row)}


def _wishes(blocks: list[BlockIn]) -> list[dict[str, Any]]:
    return [block.model_dump() for block in blocks]


@router.post("/reports", response={201: ReportDetail})
def create_report(
    request: HttpRequest, wish: ReportIn, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    row = reports.create(
        actor_of(request),
        title=wish.title,
        evaluations=wish.evaluations,
        wishes=None if wish.blocks is None else _wishes(wish.blocks),
        key=idempotency_key,
    )
    gather(row)
    return Status(201, detail(row))


@router.get("/reports", response=ReportList)
def list_reports(
    request: HttpRequest, q: str = "", sort: str = "", page: str = ""
) -> dict[str, Any]:
    rows = Report.objects.present().of(actor_of(request).workspace).light()
    return listed(listing(rows, request.GET.dict(), REPORTS), summary)


@router.get("/reports/{uid}", response=ReportDetail)
def get_report(request: HttpRequest, uid: str) -> dict[str, Any]:
    """What it is made of and what it shows."""
    return detail(fetch(Report.objects.all(), actor_of(request), uid))


@router.put("/reports/{uid}", response=ReportDetail)
def change_report(request: HttpRequest, uid: str, wish: ReportChange) -> dict[str, Any]:
    """Replace title and blocks of the revision that was read."""
    row = fetch(Report.objects.all(), who := actor_of(request), uid, role=Role.MEMBER)
    reports.save(
        in_workspace_of(who, row),
        row,
        title=wish.title,
        wishes=_wishes(wish.blocks),
        revision=wish.revision,
    )
    gather(row)
    return detail(row)


@router.post("/reports/{uid}/freeze", response=ReportDetail)
def freeze_report(request: HttpRequest, uid: str, wish: Revision) -> dict[str, Any]:
    """Keep what the blocks show now, for good."""
    row = fetch(Report.objects.all(), who := actor_of(request), uid, role=Role.MEMBER)
    who = in_workspace_of(who, row)
    reports.freeze(who, row, revision=wish.revision, now=timezone.now())
    return detail(row)


@router.post("/reports/{uid}/copy", response={201: ReportDetail})
def copy_report(
    request: HttpRequest, uid: str, wish: ReportCopy, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    """A live report with the same blocks, to go on from a frozen one."""
    row = fetch(Report.objects.all(), who := actor_of(request), uid, role=Role.MEMBER)
    made = reports.copy(in_workspace_of(who, row), row, title=wish.title, key=idempotency_key)
    return Status(201, detail(made))


@router.delete("/reports/{uid}", response={202: ReportDeleted})
def delete_report(request: HttpRequest, uid: str) -> Status[dict[str, Any]]:
    """Links to a frozen copy go on; links to the report as it is end."""
    row = fetch(Report.objects.all(), who := actor_of(request), uid, role=Role.MEMBER)
    reports.delete(in_workspace_of(who, row), row, now=timezone.now())
    return Status(202, {"id": row.uid})
