"""What the API says about objects of any kind."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from core import access, lineage
from core.errors import NotFound
from core.http import actor_of
from core.models import Tracked

router = Router(tags=["lineage"])


class LineageNode(Schema):
    kind: str
    id: str
    name: str
    status: str
    note: str


class LineageDetail(Schema):
    """Nodes in the order of the flow; each edge leads from an id to what was made from it.

    `complete` is false when one of the steps had more rows than are listed: the newest 50 are.
    """

    kind: str
    id: str
    nodes: list[LineageNode]
    edges: list[tuple[str, str]]
    complete: bool


@router.get("/lineage/{uid}", response=LineageDetail)
def get_lineage(request: HttpRequest, uid: str, kind: str = "") -> dict[str, Any]:
    """What the object was made from, and what was made from it.

    `kind` says what it is (dataset, preparation, tuning, job, model, endpoint, …) when an id
    alone does not tell.
    """
    row = _object(request, uid, kind)
    found = lineage.walk(row)
    nodes = [
        {"kind": n.kind, "id": n.uid, "name": n.name, "status": n.status, "note": n.note}
        for step in found.steps
        for n in step.nodes
    ]
    about = {"kind": row.LIVE, "id": row.uid, "complete": found.complete}
    return about | {"nodes": nodes, "edges": found.edges}


def _object(request: HttpRequest, uid: str, kind: str) -> Tracked:
    who = actor_of(request)
    for model in lineage.kinds(kind):
        rows = model._default_manager.filter(deleted_at__isnull=True, uid=uid)
        if rows.exists():
            return access.fetch(rows, who, uid)
    raise NotFound
