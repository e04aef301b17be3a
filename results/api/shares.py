from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Header, Schema, Status

from core.access import fetch, in_workspace_of
from core.http import actor_of, listed
from core.listing import Columns, listing
from core.models import Role
from results import share
from results.api.routing import router
from results.models import Evaluation, Share

SHARES = Columns(
    search=("name",),
    sorts={"created": "created_at", "name": "name", "views": "views", "expires": "expires_at"},
    exact=(),
)


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


def terms(row: Share) -> dict[str, Any]:
    fields = ("expires_at", "revoked_at", "views", "last_viewed_at", "created_at")
    return {
        "id": row.uid,
        "title": row.name,
        "evaluation": row.evaluation.uid if row.evaluation else "",
        "has_password": bool(row.password),
        **{name: getattr(row, name) for name in fields},
    }


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
