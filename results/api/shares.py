from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Header, Schema, Status

from core.access import fetch, in_workspace_of
from core.errors import UserError
from core.http import actor_of, listed
from core.listing import Columns, listing
from core.models import Role
from results import share
from results.api.routing import router
from results.models import Evaluation, Report, Share

SHARES = Columns(
    search=("name",),
    sorts={"created": "created_at", "name": "name", "views": "views", "expires": "expires_at"},
    exact=(),
    kept=("state",),
)


class ShareIn(Schema):
    """One of `evaluation` and `report`. `figure`: the matrix or a curve of the evaluation alone."""

    evaluation: str = ""
    report: str = ""
    expires_in_days: int = 30
    password: str = ""
    title: str = ""
    figure: str = ""
    embed_origin: str = ""
    allow_download: bool = False
    is_live: bool = False


class ShareChange(Schema):
    """What is left out stays; `expires_in_days` counts from now."""

    title: str | None = None
    expires_in_days: int | None = None
    allow_download: bool | None = None


class ShareCreated(Schema):
    """`embed_url` is what the page at `embed_origin` puts into a frame."""

    id: str
    url: str
    embed_url: str
    expires_at: datetime


class ShareOut(Schema):
    id: str
    title: str
    evaluation: str
    report: str
    figure: str
    embed_origin: str
    state: str
    allow_download: bool
    is_live: bool
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


def terms(row: Share) -> dict[str, Any]:
    fields = ("expires_at", "revoked_at", "views", "last_viewed_at", "created_at")
    chosen = ("figure", "embed_origin", "allow_download", "is_live")
    return {
        "id": row.uid,
        "title": row.name,
        "evaluation": row.evaluation.uid if row.evaluation else "",
        "report": row.report.uid if row.report else "",
        "state": row.status.lower(),
        "has_password": bool(row.password),
        **{name: getattr(row, name) for name in (*fields, *chosen)},
    }


@router.post("/shares", response={201: ShareCreated})
def create_share(
    request: HttpRequest,
    wish: ShareIn,
    idempotency_key: Header[str] = "",
) -> Status[dict[str, Any]]:
    """A link that shows a frozen copy of a result, or a report; its `url` is told only here."""
    who = actor_of(request)
    if bool(wish.evaluation) == bool(wish.report):
        raise UserError("Name one evaluation or one report.", field="evaluation")
    subject: Evaluation | Report
    if wish.report:
        subject = fetch(Report.objects.all(), who, wish.report, role=Role.MEMBER)
    else:
        subject = fetch(Evaluation.objects.all(), who, wish.evaluation, role=Role.MEMBER)
    chosen = wish.model_dump(exclude={"evaluation", "report"})
    who = in_workspace_of(who, subject)
    row, token = share.create(who, subject, share.Terms(**chosen), key=idempotency_key)
    url = request.build_absolute_uri(reverse("public:shared", args=[token]))
    embed = f"{url}/embed" if row.embed_origin else ""
    made = {"id": row.uid, "url": url, "embed_url": embed, "expires_at": row.expires_at}
    return Status(201, made)


@router.get("/shares", response=ShareList)
def list_shares(
    request: HttpRequest, q: str = "", state: str = "", sort: str = "", page: str = ""
) -> dict[str, Any]:
    """All links of the workspace; `state` is active, expired or revoked."""
    rows = Share.objects.present().of(actor_of(request).workspace).light()
    rows = rows.select_related("evaluation", "report").in_state(state, timezone.now())
    return listed(listing(rows, request.GET.dict(), SHARES), terms)


@router.get("/shares/{uid}", response=ShareOut)
def get_share(request: HttpRequest, uid: str) -> dict[str, Any]:
    """The terms of a link and how often it was opened; never the link itself."""
    rows = Share.objects.light().select_related("evaluation", "report")
    return terms(fetch(rows, actor_of(request), uid))


@router.patch("/shares/{uid}", response=ShareOut)
def change_share(request: HttpRequest, uid: str, wish: ShareChange) -> dict[str, Any]:
    """Another title or end, downloads or none: while the link works."""
    who = actor_of(request)
    rows = Share.objects.light().select_related("evaluation", "report")
    row = fetch(rows, who, uid, role=Role.MEMBER)
    change = share.Change(**wish.model_dump())
    share.change(in_workspace_of(who, row), row, change, now=timezone.now())
    return terms(row)


@router.delete("/shares/{uid}", response={202: ShareRevoked})
def delete_share(request: HttpRequest, uid: str) -> Status[dict[str, Any]]:
    """The link stops working at once, for good."""
    who = actor_of(request)
    row = fetch(Share.objects.defer("snapshot"), who, uid, role=Role.MEMBER)
    with transaction.atomic():
        share.revoke(in_workspace_of(who, row), row, now=timezone.now())
    row.refresh_from_db(fields=["revoked_at"])
    return Status(202, {"id": row.uid, "revoked_at": row.revoked_at})
